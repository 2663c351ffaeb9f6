import { useNavigate } from '@tanstack/react-router';
import { Handshake, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useRequest } from '../../api';
import { paths, useWhyNot } from '../../app';
import { words } from '../../format';
import { PartnerChoice } from '../../partners';
import { Badge, Button, EmptyState, Loaded, PageHeader, Pagination, Status, Switch, Time, usePage } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { type Entitlement, EntitlementsPage, subjectName } from './documents';
import { GrantDialog } from './grant-entitlement';
import { RevokeEntitlementDialog } from './revoke-entitlement';
import { entitlementsRoute } from './route';

export function EntitlementsScreen() {
  const { partner } = entitlementsRoute.useSearch();
  const navigate = useNavigate();
  const whyNot = useWhyNot()('ENTITLEMENTS_WRITE');
  const [inForce, setInForce] = useState(true);
  const { page, next, previous } = usePage(25, `${partner} ${inForce}`);
  const request = useRequest(
    EntitlementsPage,
    { ...page, organizationId: partner, inForce },
    { alsoChangesWith: ['Entitlement'] },
  );
  const [granting, setGranting] = useState(false);
  const [revoking, setRevoking] = useState<Entitlement | null>(null);
  const columns = useMemo(
    (): Array<Column<Entitlement>> => [
      ...FIXED_COLUMNS,
      {
        id: 'revoke',
        header: 'Revoke',
        cell: (entitlement) =>
          !entitlement.revokedAt && (
            <Button small kind="danger" whyNot={whyNot} onClick={() => setRevoking(entitlement)}>
              Revoke<span className="sr-only"> {entitlement.clause}</span>
            </Button>
          ),
      },
    ],
    [whyNot],
  );
  const button = (
    <Button kind="primary" icon={Plus} whyNot={whyNot} onClick={() => setGranting(true)}>
      Grant
    </Button>
  );
  return (
    <>
      <PageHeader title="Entitlements" actions={button}>
        What each partner may do with which models, and the clause of the contract behind it.
      </PageHeader>
      <div className="flex flex-col gap-3">
        <div className="flex flex-wrap items-end gap-x-5 gap-y-3">
          <PartnerChoice
            none="All"
            className="w-56"
            value={partner ?? ''}
            onChange={({ target }) =>
              void navigate({
                to: paths.lab('entitlements'),
                search: (target.value ? { partner: target.value } : {}) as never,
                replace: true,
              })
            }
          />
          <div className="pb-1.5">
            <Switch label="In force only" checked={inForce} onChange={setInForce} />
          </div>
        </div>
        <Loaded request={request}>
          {({ entitlements: { nodes, pageInfo } }) =>
            nodes.length === 0 ? (
              <EmptyState icon={Handshake} title="No entitlements" actions={button}>
                <p>Without one a partner sees no checkpoint of the lab.</p>
              </EmptyState>
            ) : (
              <>
                <Table caption="Entitlements" columns={columns} rows={nodes} rowId={({ id }) => id} />
                <Pagination
                  of="entitlements"
                  info={pageInfo}
                  busy={request.refreshing}
                  onNext={next}
                  onPrevious={previous}
                />
              </>
            )
          }
        </Loaded>
      </div>
      {granting && <GrantDialog partner={partner} onClose={() => setGranting(false)} />}
      {revoking && <RevokeEntitlementDialog entitlement={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

const FIXED_COLUMNS: ReadonlyArray<Column<Entitlement>> = [
  {
    id: 'partner',
    header: 'Partner',
    sortBy: ({ organization }) => organization?.name ?? '',
    cell: ({ organization }) => (
      <span className="font-medium whitespace-nowrap">{organization?.name ?? 'Unknown'}</span>
    ),
  },
  {
    id: 'subject',
    header: 'For',
    wide: true,
    sortBy: ({ subject }) => subjectName(subject),
    cell: ({ subject, clause }) => (
      <>
        <span className="block min-w-40 break-words">{subjectName(subject)}</span>
        <span className="text-sm text-ink-faint">{clause}</span>
      </>
    ),
  },
  {
    id: 'actions',
    header: 'Allows',
    cell: ({ actions }) => (
      <span className="flex max-w-72 min-w-44 flex-wrap gap-1">
        {actions.map((action) => (
          <Badge key={action}>{words(action)}</Badge>
        ))}
      </span>
    ),
  },
  {
    id: 'validity',
    header: 'Holds',
    cell: ({ validFrom, validTo }) => (
      <>
        <span className="block whitespace-nowrap">
          From <Time at={validFrom} style="day" />
        </span>
        <span className="block whitespace-nowrap">
          {validTo ? (
            <>
              until <Time at={validTo} style="day" />
            </>
          ) : (
            'with an open end'
          )}
        </span>
      </>
    ),
  },
  { id: 'state', header: 'State', cell: (entitlement) => <State entitlement={entitlement} /> },
];

function State({ entitlement: { inForce, revokedAt, revocationReason } }: { entitlement: Entitlement }) {
  if (revokedAt) {
    return (
      <>
        <Status tone="bad">Revoked</Status>
        <span className="block text-sm text-ink-faint">
          <Time at={revokedAt} />
          {revocationReason && `: ${revocationReason}`}
        </span>
      </>
    );
  }
  return inForce ? <Status tone="ok">In force</Status> : <Status tone="neutral">Not in force</Status>;
}
