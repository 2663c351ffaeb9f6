import { useMemo } from 'react';
import { formatCount } from '../../format';
import { formatQuantity, isTokens, type Meter } from '../../terms';
import { Amount, Badge } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { UsageGroup } from './summary';

interface GroupTableProps {
  caption: string;
  header: string;
  groups: UsageGroup[];
  currency: string;
  nameOf: (key: string) => string;
}

/** A column each, where something of it was used. */
const METERS: ReadonlyArray<readonly [meter: Meter, header: string]> = [
  ['INPUT_TOKENS', 'Input tokens'],
  ['CACHED_INPUT_TOKENS', 'Cached input tokens'],
  ['OUTPUT_TOKENS', 'Output tokens'],
  ['TRAINING_TOKENS', 'Training tokens'],
  ['EVALUATION_TOKENS', 'Evaluation tokens'],
  ['STORED_BYTE_HOURS', 'Stored'],
];

export function GroupTable({ caption, header, groups, currency, nameOf }: GroupTableProps) {
  const columns = useMemo(
    (): Array<Column<UsageGroup>> => [
      {
        id: 'name',
        header,
        wide: true,
        sortBy: ({ key }) => nameOf(key).toLowerCase(),
        cell: ({ key }) => <span className="block min-w-40 break-all">{nameOf(key)}</span>,
      },
      {
        id: 'events',
        header: 'Events',
        numeric: true,
        sortBy: ({ events }) => events,
        cell: ({ events }) => formatCount(events),
      },
      ...METERS.filter(([meter]) => groups.some(({ quantities }) => quantities[meter] > 0n)).map(
        ([meter, label]): Column<UsageGroup> => ({
          id: meter,
          header: label,
          numeric: true,
          sortBy: ({ quantities }) => Number(quantities[meter]),
          cell: ({ quantities }) => cellOf(meter, quantities[meter]),
        }),
      ),
      {
        id: 'cost',
        header: 'Cost',
        numeric: true,
        sortBy: ({ costNanos }) => Number(costNanos),
        cell: ({ costNanos, unpriced }) => (
          <>
            {unpriced && <Badge tone="warn">partly unpriced</Badge>}{' '}
            <Amount money={{ currency, nanos: String(costNanos) }} />
          </>
        ),
      },
    ],
    [header, currency, nameOf, groups],
  );
  return <Table caption={caption} columns={columns} rows={groups} rowId={({ key }) => key || 'none'} />;
}

function cellOf(meter: Meter, quantity: bigint) {
  if (quantity === 0n) return <Nothing />;
  return isTokens(meter) ? formatCount(quantity) : formatQuantity(meter, String(quantity));
}

function Nothing() {
  return (
    <>
      <span aria-hidden className="text-ink-faint">
        –
      </span>
      <span className="sr-only">0</span>
    </>
  );
}
