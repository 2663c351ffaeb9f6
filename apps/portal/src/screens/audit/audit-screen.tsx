import { ScrollText } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useNames, useRequest } from '../../api';
import { paths } from '../../app';
import { formatCount } from '../../format';
import {
  Button,
  EmptyState,
  LinkButton,
  Loaded,
  MadeBy,
  PageHeader,
  Pagination,
  Status,
  TextLink,
  Time,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type AuditEntry, AuditPage } from './documents';
import { EntryDialog } from './entry';
import { AuditFilters } from './filters';
import { auditRoute } from './route';
import { VerificationCard } from './verification';

export function AuditScreen() {
  const { actor, action, target } = auditRoute.useSearch();
  const { page, next, previous } = usePage(50, JSON.stringify([actor, action, target]));
  const log = useRequest(AuditPage, { actorId: actor, action, targetId: target, ...page });
  const nodes = log.status === 'ready' ? log.data.auditLog.nodes : undefined;
  const names = useNames(nodes?.map(({ actorId }) => actorId) ?? []);
  const [shown, setShown] = useState<AuditEntry | null>(null);
  const columns = useMemo(
    (): Array<Column<AuditEntry>> => [
      NUMBER,
      { id: 'time', header: 'Time', cell: ({ occurredAt }) => <Time at={occurredAt} style="full" /> },
      {
        id: 'actor',
        header: 'Actor',
        cell: ({ actorId }) => (
          <TextLink to={paths.audit()} search={{ actor: actorId } as never} className="whitespace-nowrap">
            <MadeBy id={actorId} names={names} />
          </TextLink>
        ),
      },
      ...FIXED_COLUMNS,
      {
        id: 'details',
        header: 'Entry',
        cell: (entry) => (
          <Button small onClick={() => setShown(entry)}>
            Details<span className="sr-only"> of entry {entry.sequence}</span>
          </Button>
        ),
      },
    ],
    [names],
  );
  return (
    <>
      <PageHeader title="Audit log">
        What was done or refused in the organization, by whom. Nothing of it is ever changed.
      </PageHeader>
      <div className="flex flex-col gap-5">
        <VerificationCard />
        <AuditFilters />
        <Loaded request={log}>
          {({ auditLog: { nodes: entries, pageInfo } }) =>
            entries.length === 0 ? (
              <EmptyState
                icon={ScrollText}
                title="No entries match"
                actions={<LinkButton to={paths.audit()}>Show all</LinkButton>}
              >
                <p>Actors and targets are looked for by their whole id, actions by their whole name.</p>
              </EmptyState>
            ) : (
              <div className="flex flex-col gap-3">
                <Table compact caption="Audit log" columns={columns} rows={entries} rowId={({ id }) => id} />
                <Pagination of="entries" info={pageInfo} busy={log.refreshing} onNext={next} onPrevious={previous} />
              </div>
            )
          }
        </Loaded>
      </div>
      {shown && <EntryDialog entry={shown} names={names} onClose={() => setShown(null)} />}
    </>
  );
}

const NUMBER: Column<AuditEntry> = {
  id: 'sequence',
  header: 'Number',
  numeric: true,
  cell: ({ sequence }) => formatCount(sequence),
};

const FIXED_COLUMNS: ReadonlyArray<Column<AuditEntry>> = [
  {
    id: 'action',
    header: 'Action',
    cell: ({ action }) => (
      <TextLink to={paths.audit()} search={{ action } as never} className="font-mono text-sm">
        {action}
      </TextLink>
    ),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: ({ outcome, code }) =>
      outcome === 'DONE' ? (
        <Status tone="ok">Done</Status>
      ) : (
        <>
          <Status tone="bad">Refused</Status>
          {code && <span className="block font-mono text-xs text-ink-faint">{code}</span>}
        </>
      ),
  },
  {
    id: 'targets',
    header: 'Targets',
    wide: true,
    cell: ({ targetIds }) => (
      <ul className="min-w-56">
        {targetIds.map((id) => (
          <li key={id}>
            <TextLink to={paths.audit()} search={{ target: id } as never} className="font-mono text-sm break-all">
              {id}
            </TextLink>
          </li>
        ))}
      </ul>
    ),
  },
];
