import type { Named } from '../../api';
import { formatCount } from '../../format';
import { Button, CopyButton, Dialog, type Fact, Facts, Status, Time } from '../../ui';
import type { AuditEntry } from './documents';

interface EntryDialogProps {
  entry: AuditEntry;
  names: ReadonlyMap<string, Named>;
  onClose: () => void;
}

/** All that an entry says, to be copied where it is needed. */
export function EntryDialog({ entry, names, onClose }: EntryDialogProps) {
  const facts: Fact[] = [
    { label: 'Time', value: <Time at={entry.occurredAt} style="full" /> },
    { label: 'Action', value: <span className="font-mono text-sm">{entry.action}</span> },
    {
      label: 'Outcome',
      value:
        entry.outcome === 'DONE' ? (
          <Status tone="ok">Done</Status>
        ) : (
          <>
            <Status tone="bad">Refused</Status> <span className="font-mono text-sm">{entry.code}</span>
          </>
        ),
    },
    { label: 'Actor', value: <Id id={entry.actorId} what="the actor" name={names.get(entry.actorId)?.name} /> },
    ...entry.targetIds.map((id, index) => ({
      label: entry.targetIds.length > 1 ? `Target ${index + 1}` : 'Target',
      value: <Id id={id} what="the target" />,
    })),
    ...(entry.projectId ? [{ label: 'Project', value: <Id id={entry.projectId} what="the project" /> }] : []),
    { label: 'Request', value: <Id id={entry.requestId} what="the request's id" /> },
    { label: 'Hash of the input', value: <Id id={entry.inputSha256} what="the hash of the input" /> },
    { label: 'Hash before', value: <Id id={entry.previousSha256} what="the hash before" /> },
    { label: 'Hash', value: <Id id={entry.entrySha256} what="the hash" /> },
  ];
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={`Entry ${formatCount(entry.sequence)}`}
      actions={<Button onClick={onClose}>Close</Button>}
    >
      <Facts facts={facts} />
    </Dialog>
  );
}

function Id({ id, what, name }: { id: string; what: string; name?: string }) {
  return (
    <span className="flex min-w-0 items-start justify-between gap-2">
      <span className="min-w-0 py-1">
        {name && <span className="mr-2">{name}</span>}
        <span className="font-mono text-sm break-all">{id}</span>
      </span>
      <CopyButton text={id} what={what} />
    </span>
  );
}
