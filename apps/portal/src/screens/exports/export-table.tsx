import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { type ResultOf, useDownload } from '../../api';
import { useSession } from '../../app';
import { formatBytes, formatCount, plural, words } from '../../format';
import { usePartners } from '../../partners';
import { Button, Failures, Hash, Status, Time, type Tone } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { daysOf } from './days';
import { type BillingExport, ExportFile } from './documents';

/** What was asked for, how far each is, and its file. */
export function ExportTable({ exports }: { exports: readonly BillingExport[] }) {
  const { organization } = useSession();
  const { download, failures } = useDownload(ExportFile, urlOfFile);
  const rows = useMemo(() => [...exports], [exports]);
  const columns = useMemo(
    (): ReadonlyArray<Column<BillingExport>> => [
      { id: 'range', header: 'Range', cell: (row) => <Range row={row} /> },
      ...(organization.kind === 'LAB' ? [PARTNER] : []),
      ...ABOUT,
      {
        id: 'file',
        header: 'File',
        cell: (row) => <File row={row} onDownload={() => void download({ id: row.id })} />,
      },
    ],
    [organization.kind, download],
  );
  return (
    <>
      <Failures failures={failures} />
      <Table caption="Exports" columns={columns} rows={rows} rowId={({ id }) => id} />
    </>
  );
}

function urlOfFile({ node }: ResultOf<typeof ExportFile>): string | undefined {
  return node && 'file' in node ? node.file?.url : undefined;
}

const PARTNER: Column<BillingExport> = {
  id: 'partner',
  header: 'Partner',
  cell: ({ partnerId }) => (partnerId ? <PartnerName id={partnerId} /> : 'All partners'),
};

const ABOUT: ReadonlyArray<Column<BillingExport>> = [
  { id: 'asked', header: 'Asked for', cell: ({ requestedAt }) => <Time at={requestedAt} style="minute" /> },
  { id: 'state', header: 'State', wide: true, cell: (row) => <State row={row} /> },
  {
    id: 'rows',
    header: 'Rows',
    numeric: true,
    cell: ({ rows, state }) =>
      state === 'QUEUED' ? null : `${formatCount(rows)}${state === 'RUNNING' ? ' so far' : ''}`,
  },
];

function PartnerName({ id }: { id: string }) {
  const { partners } = usePartners();
  return partners.get(id) ?? <span className="font-mono text-sm">{id}</span>;
}

/** Days of UTC where it is of whole ones, as all are that are asked for here. */
function Range({ row }: { row: BillingExport }) {
  const days = daysOf(row);
  if (days)
    return (
      <span className="whitespace-nowrap tabular-nums">
        {days.first} to {days.last}
      </span>
    );
  return (
    <span className="whitespace-nowrap">
      <Time at={row.from} style="full" /> to <Time at={row.to} style="full" />
    </span>
  );
}

const TONES: Record<BillingExport['state'], Tone> = {
  QUEUED: 'neutral',
  RUNNING: 'accent',
  READY: 'ok',
  FAILED: 'bad',
  EXPIRED: 'neutral',
};

function State({ row: { state, failure, expiresAt } }: { row: BillingExport }) {
  return (
    <div className="min-w-36">
      <Status tone={TONES[state]} live={state === 'RUNNING'}>
        {words(state)}
      </Status>
      {failure && <p className="text-sm text-ink-soft">{failure.message}</p>}
      {state === 'READY' && expiresAt && (
        <p className="text-sm text-ink-faint">
          Kept until <Time at={expiresAt} style="minute" />
        </p>
      )}
      {state === 'EXPIRED' && <p className="text-sm text-ink-faint">Its file is deleted: ask for it again.</p>}
    </div>
  );
}

function File({ row, onDownload }: { row: BillingExport; onDownload: () => void }) {
  const { state, bytes, sha256, rows } = row;
  if (state !== 'READY' || bytes === null || sha256 === null) return null;
  return (
    <div className="flex flex-col items-start gap-1">
      <Button small icon={Download} onClick={onDownload}>
        Download {formatBytes(bytes)}
        <span className="sr-only"> with {plural(Number(rows), 'row')}</span>
      </Button>
      <Hash sha256={sha256} of="the file" />
    </div>
  );
}
