import { useNavigate } from '@tanstack/react-router';
import { FileDown, Plus } from 'lucide-react';
import { useState } from 'react';
import { usePolling, useRequest } from '../../api';
import { type Permission, paths, useSession, useWhyNot } from '../../app';
import { Button, EmptyState, Loaded, NoPermission, PageHeader, Pagination, Tabs, usePage } from '../../ui';
import { ExportsPage } from './documents';
import { ExportTable } from './export-table';
import { NewExportDialog } from './new-export';
import { EXPORT_KINDS, type ExportKind, type ExportsSearch, exportsRoute } from './route';

const POLLING_MILLISECONDS = 2_000;

interface Kind {
  label: string;
  permission: Permission;
  about: string;
}

const KINDS: Record<ExportKind, Kind> = {
  USAGE: {
    label: 'Usage',
    permission: 'INVOICES_READ',
    about: 'A line for each meter of each request and job, with its price and the line of the invoice that bills it.',
  },
  JOURNAL: {
    label: 'Journal',
    permission: 'LEDGER_READ',
    about: 'A line for each entry of each transaction of the books, deferred and recognized revenue told apart.',
  },
};

/** Files of what was used and of the books, for who checks, allocates or books what is billed. */
export function ExportsScreen() {
  const { may } = useSession();
  const search = exportsRoute.useSearch();
  const navigate = useNavigate();
  const choose = (kind: ExportKind) =>
    void navigate({ to: paths.exports(), search: { ...search, kind } as never, replace: true });
  return (
    <>
      <PageHeader title="Exports">
        Comma-separated values of any range of up to a year. A file is made in the background and kept for a week.
      </PageHeader>
      {EXPORT_KINDS.some((kind) => may(KINDS[kind].permission)) ? (
        <Tabs
          label="What is exported"
          value={search.kind ?? 'USAGE'}
          onChange={choose}
          tabs={EXPORT_KINDS.map((kind) => ({
            value: kind,
            label: KINDS[kind].label,
            content: <Exports kind={kind} search={search} />,
          }))}
        />
      ) : (
        <NoPermission>Exports are for billing administrators, administrators and auditors.</NoPermission>
      )}
    </>
  );
}

function Exports({ kind, search }: { kind: ExportKind; search: ExportsSearch }) {
  const { permission, about } = KINDS[kind];
  const whyNot = useWhyNot()(permission);
  const { page, next, previous } = usePage(20);
  const [isAsking, setAsking] = useState(false);
  const request = useRequest(ExportsPage, { ...page, kind }, { alsoChangesWith: ['BillingExport'] });
  const nodes = request.status === 'ready' ? request.data.billingExports.nodes : [];
  const isUnderWay = nodes.some(({ state }) => state === 'QUEUED' || state === 'RUNNING');
  usePolling(request.refresh, isUnderWay, POLLING_MILLISECONDS);
  const button = (
    <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setAsking(true)}>
      New export
    </Button>
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <p className="max-w-prose text-ink-soft">{about}</p>
        {button}
      </div>
      <Loaded request={request}>
        {({ billingExports: { pageInfo } }) =>
          nodes.length === 0 ? (
            <EmptyState icon={FileDown} title="No exports yet">
              What somebody of your organization asks for is listed here.
            </EmptyState>
          ) : (
            <div className="flex flex-col gap-3">
              <ExportTable exports={nodes} />
              <Pagination of="exports" info={pageInfo} busy={request.refreshing} onNext={next} onPrevious={previous} />
            </div>
          )
        }
      </Loaded>
      {isAsking && <NewExportDialog kind={kind} partner={search.organization} onClose={() => setAsking(false)} />}
    </div>
  );
}
