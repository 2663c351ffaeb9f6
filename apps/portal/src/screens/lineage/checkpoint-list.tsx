import { useMemo } from 'react';
import { formatCount, formatMeasure, formatShort } from '../../format';
import { Badge, Button } from '../../ui';
import { type Column, Table } from '../../ui/table';
import type { LineagePoint } from './documents';

interface CheckpointListProps {
  family: string;
  published: readonly LineagePoint[];
  variants: readonly LineagePoint[];
  picked: string | null;
  onPick: (point: LineagePoint) => void;
}

/** The river's twin: the same checkpoints in rows. */
export function CheckpointList({ family, published, variants, picked, onPick }: CheckpointListProps) {
  const rows = useMemo(() => [...published, ...variants], [published, variants]);
  const columns = useMemo(() => columnsOf(rows, picked, onPick), [rows, picked, onPick]);
  return (
    <Table
      caption={`Checkpoints of ${family}`}
      columns={columns}
      rows={rows}
      rowId={({ id }) => id}
      isSelected={({ name }) => name === picked}
    />
  );
}

function columnsOf(
  points: readonly LineagePoint[],
  picked: string | null,
  onPick: (point: LineagePoint) => void,
): Array<Column<LineagePoint>> {
  const evaluations = [...new Set(points.flatMap((point) => point.evaluations.map(({ name }) => name)))];
  return [
    {
      id: 'name',
      header: 'Checkpoint',
      wide: true,
      sortBy: ({ name }) => name,
      cell: (point) => (
        <button
          type="button"
          aria-pressed={point.name === picked}
          onClick={() => onPick(point)}
          className="text-left font-mono text-sm break-all text-accent hover:underline"
        >
          {point.name}
        </button>
      ),
    },
    {
      id: 'run',
      header: 'Run',
      sortBy: ({ trainingRun, kind }) => trainingRun?.name ?? kind,
      cell: ({ trainingRun }) => trainingRun?.name ?? <Badge tone="warn">yours</Badge>,
    },
    { id: 'step', header: 'Step', numeric: true, sortBy: ({ step }) => step, cell: ({ step }) => formatCount(step) },
    {
      id: 'tokens',
      header: 'Tokens',
      numeric: true,
      sortBy: ({ tokensSeen }) => Number(tokensSeen),
      cell: ({ tokensSeen }) => formatShort(tokensSeen),
    },
    {
      id: 'loss',
      header: 'Loss',
      numeric: true,
      sortBy: ({ loss }) => loss ?? Number.POSITIVE_INFINITY,
      cell: ({ loss }) => (loss === null ? '–' : formatMeasure(loss)),
    },
    ...evaluations.map((name): Column<LineagePoint> => {
      const scoreOf = (point: LineagePoint) => point.evaluations.find((one) => one.name === name)?.value;
      return {
        id: name,
        header: name,
        numeric: true,
        sortBy: (point) => scoreOf(point) ?? Number.NEGATIVE_INFINITY,
        cell: (point) => {
          const value = scoreOf(point);
          return value === undefined ? '–' : formatMeasure(value);
        },
      };
    }),
    {
      id: 'pick',
      header: 'Pick',
      cell: (point) => (
        <Button small onClick={() => onPick(point)} aria-label={`Pick ${point.name}`}>
          Pick
        </Button>
      ),
    },
  ];
}
