import { useMemo } from 'react';
import { now, plural, words } from '../../format';
import { BilledAmount, Button, Status, Time, type Tone } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { CreditGrant } from './documents';

interface GrantTableProps {
  grants: readonly CreditGrant[];
  currency: string;
  /** In minor units, by grant. */
  balances: ReadonlyMap<string, string>;
  /** Why it can not be voided, if so; null for who is not asked. */
  whyNotVoid: { reason: string | null } | null;
  onVoid: (grant: CreditGrant) => void;
}

export function GrantTable({ grants, currency, balances, whyNotVoid, onVoid }: GrantTableProps) {
  const rows = useMemo(() => [...grants], [grants]);
  const columns: ReadonlyArray<Column<CreditGrant>> = [
    { id: 'reason', header: 'Credit', wide: true, cell: (grant) => <Reason grant={grant} /> },
    { id: 'state', header: 'State', cell: (grant) => <State grant={grant} /> },
    { id: 'amount', header: 'Amount', numeric: true, cell: (grant) => <Amount grant={grant} currency={currency} /> },
    {
      id: 'left',
      header: 'Left',
      numeric: true,
      cell: ({ id }) => {
        const minor = balances.get(id);
        return minor === undefined ? (
          <span className="text-ink-faint">—</span>
        ) : (
          <BilledAmount amount={{ currency, minor }} />
        );
      },
    },
    { id: 'from', header: 'From', cell: ({ effectiveAt }) => <Time at={effectiveAt} style="day" /> },
    {
      id: 'until',
      header: 'Until',
      cell: ({ expiresAt }) =>
        expiresAt ? <Time at={expiresAt} style="day" /> : <span className="whitespace-nowrap">No end</span>,
    },
    {
      id: 'priority',
      header: 'Priority',
      numeric: true,
      sortBy: ({ priority }) => priority,
      cell: (row) => row.priority,
    },
    ...(whyNotVoid
      ? [
          {
            id: 'actions',
            header: 'Actions',
            cell: (grant: CreditGrant) =>
              !grant.voidedAt && (
                <Button small whyNot={whyNotVoid.reason} onClick={() => onVoid(grant)}>
                  Void<span className="sr-only"> {grant.reason}</span>
                </Button>
              ),
          },
        ]
      : []),
  ];
  return <Table compact caption="Credits" columns={columns} rows={rows} rowId={({ id }) => id} />;
}

function Reason({ grant: { reason, meters, projectIds, voidReason } }: { grant: CreditGrant }) {
  return (
    <div className="min-w-48">
      <p>{reason}</p>
      <p className="text-sm text-ink-faint">Pays {appliesTo(meters, projectIds)}</p>
      {voidReason && <p className="text-sm text-ink-soft">Voided: “{voidReason}”</p>}
    </div>
  );
}

function appliesTo(meters: CreditGrant['meters'], projectIds: CreditGrant['projectIds']): string {
  const usage = meters ? meters.map((meter) => words(meter).toLowerCase()).join(', ') : 'all usage';
  const projects = projectIds ? ` of ${plural(projectIds.length, 'project')}` : '';
  return meters || projectIds ? `${usage}${projects}` : 'all usage and minimums';
}

function Amount({
  grant: { amountMinor, recurrence, rolloverMinor },
  currency,
}: {
  grant: CreditGrant;
  currency: string;
}) {
  return (
    <>
      <BilledAmount amount={{ currency, minor: amountMinor }} />
      {recurrence === 'MONTHLY' && <span className="block text-sm text-ink-faint">each month</span>}
      {rolloverMinor !== '0' && (
        <span className="block text-sm text-ink-faint">
          at most <BilledAmount amount={{ currency, minor: rolloverMinor }} /> stay
        </span>
      )}
    </>
  );
}

function State({ grant }: { grant: CreditGrant }) {
  const [tone, text] = stateOf(grant);
  return <Status tone={tone}>{text}</Status>;
}

function stateOf({ effectiveAt, expiresAt, voidedAt }: CreditGrant): [tone: Tone, text: string] {
  if (voidedAt) return ['bad', 'Voided'];
  if (expiresAt && Date.parse(expiresAt) <= now()) return ['neutral', 'Expired'];
  return Date.parse(effectiveAt) > now() ? ['accent', 'Granted ahead'] : ['ok', 'Granted'];
}
