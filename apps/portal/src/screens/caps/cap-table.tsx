import { useMemo } from 'react';
import type { Named } from '../../api';
import { paths, useSession } from '../../app';
import { formatMoney, formatPercent } from '../../format';
import { Amount, Badge, Button, MadeBy, Progress, TextLink, Time } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { SpendCap } from './documents';
import { subjectOf, usedShare } from './reading';

interface CapTableProps {
  caps: readonly SpendCap[];
  /** For the lab: names of those whose caps they are. */
  partners: ReadonlyMap<string, Named> | null;
  /** Why none can be changed, if so. */
  whyNot: string | null;
  onReplace: (cap: SpendCap) => void;
  onRemove: (cap: SpendCap) => void;
}

export function CapTable({ caps, partners, whyNot, onReplace, onRemove }: CapTableProps) {
  const { organization } = useSession();
  const rows = useMemo(() => [...caps], [caps]);
  const columns: ReadonlyArray<Column<SpendCap>> = [
    ...(partners
      ? [
          {
            id: 'partner',
            header: 'Partner',
            cell: ({ organizationId: id }: SpendCap) => partners.get(id)?.name ?? <MadeBy id={id} names={partners} />,
          },
        ]
      : []),
    { id: 'subject', header: 'On', cell: (cap) => <Subject cap={cap} /> },
    { id: 'limit', header: 'Limit', cell: (cap) => <Limit cap={cap} /> },
    { id: 'used', header: 'Used', wide: true, cell: (cap) => <Used cap={cap} /> },
    { id: 'alerts', header: 'Alerts at', cell: (cap) => <Alerts cap={cap} /> },
    { id: 'side', header: 'Set by', cell: (cap) => <SetBy cap={cap} /> },
    {
      id: 'actions',
      header: 'Actions',
      cell: (cap) =>
        cap.side === organization.kind && (
          <div className="flex gap-2">
            <Button small whyNot={whyNot} onClick={() => onReplace(cap)}>
              Change<span className="sr-only"> the cap on {nameOf(cap)}</span>
            </Button>
            <Button small whyNot={whyNot} onClick={() => onRemove(cap)}>
              Remove<span className="sr-only"> the cap on {nameOf(cap)}</span>
            </Button>
          </div>
        ),
    },
  ];
  return <Table caption="Spend caps" columns={columns} rows={rows} rowId={({ id }) => id} />;
}

const KINDS = { ORGANIZATION: 'All that it spends', PROJECT: 'Project', API_KEY: 'API key' } as const;

/** What a project or key is called, for who may see it. */
function nameOf(cap: SpendCap): string {
  if (subjectOf(cap) === 'ORGANIZATION') return 'the organization';
  return cap.subject && 'name' in cap.subject ? cap.subject.name : cap.subjectId;
}

function Subject({ cap }: { cap: SpendCap }) {
  const kind = subjectOf(cap);
  return (
    <div className="min-w-36">
      <p>{kind === 'ORGANIZATION' ? 'The organization' : nameOf(cap)}</p>
      <p className="text-sm text-ink-faint">{KINDS[kind]}</p>
    </div>
  );
}

function Limit({ cap: { limit, period, isHard } }: { cap: SpendCap }) {
  return (
    <div className="whitespace-nowrap">
      <Amount money={limit} /> {period === 'MONTH' ? 'a month' : 'in total'}
      <p className="text-sm text-ink-faint">{isHard ? 'Hard: refuses beyond it' : 'Soft: only alerts'}</p>
    </div>
  );
}

/** A bar, and the same in words. */
function Used({ cap }: { cap: SpendCap }) {
  const { spent, held, left, alertedPercents } = cap.window;
  const share = usedShare(cap);
  const tone = share >= 1 ? 'bad' : alertedPercents.length > 0 ? 'warn' : 'accent';
  const text = `${formatMoney(spent)} spent, ${formatPercent(share, 1)} used`;
  return (
    <div className="flex min-w-52 flex-col gap-1">
      <p className="flex justify-between gap-3">
        <span>
          <Amount money={spent} /> spent
        </span>
        <span className="tabular-nums">{formatPercent(share, 1)}</span>
      </p>
      <Progress label={`Used of the cap on ${nameOf(cap)}`} value={share} text={text} tone={tone} />
      <p className="flex justify-between gap-3 text-sm text-ink-faint">
        <span>
          <Amount money={held} /> reserved
        </span>
        <span>
          <Amount money={left} /> left
        </span>
      </p>
    </div>
  );
}

function Alerts({ cap: { alertPercents, window } }: { cap: SpendCap }) {
  if (alertPercents.length === 0) return <span className="text-ink-faint">None</span>;
  return (
    <ul className="flex max-w-40 min-w-28 flex-wrap gap-1">
      {alertPercents.map((percent) => {
        const isTold = window.alertedPercents.includes(percent);
        return (
          <li key={percent}>
            <Badge tone={isTold ? 'warn' : 'neutral'}>
              {percent}%{isTold && ' told'}
            </Badge>
          </li>
        );
      })}
    </ul>
  );
}

function SetBy({ cap: { side, contract, clause, createdAt } }: { cap: SpendCap }) {
  const { organization } = useSession();
  return (
    <div className="min-w-40">
      <p>{side === 'LAB' ? 'The lab' : organization.kind === 'LAB' ? 'The partner' : 'Your organization'}</p>
      {contract && (
        <p>
          <TextLink to={paths.contract(contract.id)}>{contract.name}</TextLink>
        </p>
      )}
      <p className="text-sm text-ink-faint">
        {clause && `${clause}, `}
        <Time at={createdAt} style="day" />
      </p>
    </div>
  );
}
