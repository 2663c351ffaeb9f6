import { useMemo } from 'react';
import { type Axis, type ChartMark, LineChart, type Series } from '../../../charts';
import { formatCount, formatMeasure, formatPercent } from '../../../format';
import { Card, EmptyState } from '../../../ui';
import type { JobEvent } from './documents';
import type { JobFeed } from './use-job';

interface CurveOf {
  name: string;
  label: string;
  color: number;
  dots?: boolean;
}

interface ChartOf {
  id: string;
  label: string;
  curves: readonly CurveOf[];
  y: Axis;
}

const number = { format: formatMeasure };
const CHARTS: readonly ChartOf[] = [
  {
    id: 'loss',
    label: 'Loss',
    curves: [
      { name: 'train_loss', label: 'training', color: 0 },
      { name: 'valid_loss', label: 'validation', color: 1, dots: true },
    ],
    y: { label: 'Loss', ...number },
  },
  {
    id: 'accuracy',
    label: 'Token accuracy',
    curves: [
      { name: 'train_mean_token_accuracy', label: 'training', color: 0 },
      { name: 'valid_mean_token_accuracy', label: 'validation', color: 1, dots: true },
    ],
    y: { label: 'Accuracy', format: (value) => formatPercent(value, 1), tick: (value) => formatPercent(value) },
  },
  {
    id: 'rate',
    label: 'Learning rate',
    curves: [{ name: 'learning_rate', label: 'learning rate', color: 3 }],
    y: { label: 'Learning rate', ...number },
  },
  {
    id: 'gradient',
    label: 'Gradient norm',
    curves: [{ name: 'grad_norm', label: 'gradient norm', color: 4 }],
    y: { label: 'Gradient norm', ...number },
  },
];
const STEPS: Axis = { label: 'Step', format: formatCount, shortest: 10 };
const HEIGHT = 190;

interface JobChartsProps extends Pick<JobFeed, 'curves' | 'version' | 'lookCloser' | 'events'> {
  jobId: string;
  started: boolean;
}

/** The curves as they come; zoomed in, all of their points. */
export function JobCharts({ jobId, started, curves, version, lookCloser, events }: JobChartsProps) {
  const marks = useMemo(() => marksOf(events), [events]);
  const drawn = CHARTS.filter((chart) => chart.curves.some(({ name }) => curves.read(name)));
  if (drawn.length === 0) {
    return (
      <EmptyState title={started ? 'The first step is under way' : 'No curves yet'}>
        Loss and accuracy are drawn here, step by step, as soon as training begins.
      </EmptyState>
    );
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-2">
      {drawn.map((chart) => (
        <Card key={chart.id} title={chart.label}>
          <Chart {...{ chart, curves, version, marks, lookCloser }} syncKey={jobId} />
        </Card>
      ))}
    </div>
  );
}

interface ChartProps extends Pick<JobFeed, 'curves' | 'version' | 'lookCloser'> {
  chart: ChartOf;
  marks: readonly ChartMark[];
  syncKey: string;
}

function Chart({ chart, curves, version, marks, lookCloser, syncKey }: ChartProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store is the same; its version says that points came.
  const series = useMemo(
    () =>
      chart.curves.flatMap(({ name, label, color, dots }): Series[] => {
        const points = curves.read(name);
        return points ? [{ id: name, label, x: points.steps, y: points.values, color, dots }] : [];
      }),
    [chart, curves, version],
  );
  return (
    <LineChart
      label={chart.label}
      series={series}
      x={STEPS}
      y={chart.y}
      marks={marks}
      height={HEIGHT}
      syncKey={syncKey}
      onViewChange={(range) => range && lookCloser(range)}
    />
  );
}

/** Saved checkpoints, by the step that their event names. */
function marksOf(events: readonly JobEvent[]): ChartMark[] {
  return events.flatMap(({ type, message }) => {
    const step = type === 'checkpoint' ? /step[ -](\d+)/i.exec(message)?.[1] : undefined;
    return step ? [{ x: Number(step), label: 'checkpoint saved' }] : [];
  });
}
