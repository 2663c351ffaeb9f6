import { MessagesSquare } from 'lucide-react';
import { useMemo } from 'react';
import { type Failure, useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { formatCount, formatMeasure, formatTokens } from '../../format';
import { Card, ErrorState, LinkButton, LoadingState } from '../../ui';
import { type Column, Table } from '../../ui/table';
import { LineagePicked, type PickedCheckpoint } from './documents';
import { SamplePairs } from './sample-pairs';

interface Row {
  id: string;
  label: string;
  left: number | null;
  right: number | null;
  format: (value: number) => string;
  /** Whether more is better; null where neither is. */
  higherIsBetter: boolean | null;
}

/** Two fork points side by side: how far they are, and what that is worth. */
export function Comparison({ left, right }: { left: string; right: string }) {
  const { may } = useSession();
  const [first, second] = [useRequest(LineagePicked, { model: left }), useRequest(LineagePicked, { model: right })];
  const a = first.status === 'ready' ? first.data.checkpoint : null;
  const b = second.status === 'ready' ? second.data.checkpoint : null;
  const rows = useMemo(() => (a && b ? rowsOf(a, b) : []), [a, b]);
  const failure = failureOf(first) ?? failureOf(second);
  return (
    <Card
      title="Two fork points"
      description="What the second one has over the first."
      actions={
        may('INFERENCE_CALL') &&
        may('KEYS_WRITE') && (
          <LinkButton icon={MessagesSquare} to={paths.playground()} search={{ left, right } as never}>
            Ask both the same
          </LinkButton>
        )
      }
    >
      {failure ? (
        <ErrorState failure={failure} />
      ) : a && b ? (
        <div className="flex flex-col gap-5">
          <Table caption={`${left} and ${right}`} columns={columnsOf(left, right)} rows={rows} rowId={({ id }) => id} />
          <SamplePairs left={a} right={b} />
        </div>
      ) : (
        <LoadingState />
      )}
    </Card>
  );
}

function failureOf(request: { status: string; failure?: Failure }): Failure | undefined {
  return request.status === 'failed' ? request.failure : undefined;
}

function columnsOf(left: string, right: string): Array<Column<Row>> {
  const shown = (value: number | null, format: Row['format']) => (value === null ? '–' : format(value));
  return [
    { id: 'label', header: 'Measure', cell: ({ label }) => label, wide: true },
    { id: 'left', header: left, numeric: true, cell: (row) => shown(row.left, row.format) },
    { id: 'right', header: right, numeric: true, cell: (row) => shown(row.right, row.format) },
    { id: 'difference', header: 'Difference', numeric: true, cell: (row) => <Difference row={row} /> },
  ];
}

function Difference({ row: { left, right, format, higherIsBetter } }: { row: Row }) {
  if (left === null || right === null || left === right) return <span className="text-ink-faint">–</span>;
  const better = higherIsBetter === null ? null : right > left === higherIsBetter;
  const tone = better === null ? '' : better ? 'text-ok' : 'text-bad';
  return (
    <span className={tone}>
      {right > left ? '+' : '−'}
      {format(Math.abs(right - left))}
      {better !== null && <span className="sr-only">, {better ? 'better' : 'worse'}</span>}
    </span>
  );
}

function rowsOf(left: PickedCheckpoint, right: PickedCheckpoint): Row[] {
  const names = [
    ...new Set([...left.evaluations, ...right.evaluations].map(({ name, metric }) => `${name}\0${metric}`)),
  ];
  return [
    { id: 'step', label: 'Step', left: left.step, right: right.step, format: formatCount, higherIsBetter: null },
    {
      id: 'tokens',
      label: 'Tokens seen',
      left: Number(left.tokensSeen),
      right: Number(right.tokensSeen),
      format: formatTokens,
      higherIsBetter: null,
    },
    { id: 'loss', label: 'Loss', left: left.loss, right: right.loss, format: formatMeasure, higherIsBetter: false },
    ...names.map((key): Row => {
      const [name, metric] = key.split('\0');
      const of = (checkpoint: PickedCheckpoint) =>
        checkpoint.evaluations.find((one) => one.name === name && one.metric === metric);
      return {
        id: key,
        label: `${name} (${metric?.replaceAll('_', ' ')})`,
        left: of(left)?.value ?? null,
        right: of(right)?.value ?? null,
        format: formatMeasure,
        higherIsBetter: (of(left) ?? of(right))?.higherIsBetter ?? null,
      };
    }),
  ];
}
