import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { type Axis, LineChart, type Series } from '../../../charts';
import { formatCount, formatMeasure, formatPercent } from '../../../format';
import { Card, EmptyState, Field, Select } from '../../../ui';
import { compareFineTunesRoute } from '../route';
import { smoothed, spliced } from './curve-parts';
import type { ComparedJob } from './documents';
import { useCloserLook } from './use-closer-look';

const measure = { format: formatMeasure };
const accuracy = {
  format: (value: number) => formatPercent(value, 1),
  tick: (value: number) => formatPercent(value),
};
const METRICS: ReadonlyArray<Axis & { name: string }> = [
  { name: 'train_loss', label: 'Training loss', ...measure },
  { name: 'valid_loss', label: 'Validation loss', ...measure },
  { name: 'train_mean_token_accuracy', label: 'Training accuracy', ...accuracy },
  { name: 'valid_mean_token_accuracy', label: 'Validation accuracy', ...accuracy },
  { name: 'learning_rate', label: 'Learning rate', ...measure },
  { name: 'grad_norm', label: 'Gradient norm', ...measure },
];
const SMOOTHING: Readonly<Record<string, number>> = { none: 0, light: 0.8, strong: 0.97 };
const STEPS: Axis = { label: 'Step', format: formatCount, shortest: 10 };
const HEIGHT = 380;
const COLORS = 8;
/** With the colours, enough for every job to have a line of its own; and none is told by its colour alone. */
const DASHES: ReadonlyArray<readonly number[] | undefined> = [undefined, [7, 4], [2, 3]];

interface CompareCurvesProps {
  jobs: readonly ComparedJob[];
  names: ReadonlyMap<string, string>;
}

/** One metric of all jobs, over each other. */
export function CompareCurves({ jobs, names }: CompareCurvesProps) {
  const navigate = useNavigate();
  const { metric: wanted } = compareFineTunesRoute.useSearch();
  const [smoothing, setSmoothing] = useState('none');
  const drawn = METRICS.filter(({ name }) => jobs.some((job) => curveOf(job, name)));
  const metric = drawn.find(({ name }) => name === wanted) ?? drawn[0];
  if (!metric) {
    return <EmptyState title="No curves yet">They are drawn here as soon as one of these jobs has begun.</EmptyState>;
  }
  return (
    <Card title={metric.label}>
      <div className="flex flex-wrap gap-4">
        <Field label="Metric" className="w-56">
          <Select
            value={metric.name}
            onChange={({ target }) =>
              void navigate({
                to: '.',
                replace: true,
                search: ((old: object) => ({ ...old, metric: target.value })) as never,
              })
            }
          >
            {drawn.map(({ name, label }) => (
              <option key={name} value={name}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Smoothing" className="w-40">
          <Select value={smoothing} onChange={({ target }) => setSmoothing(target.value)}>
            <option value="none">None</option>
            <option value="light">Light</option>
            <option value="strong">Strong</option>
          </Select>
        </Field>
      </div>
      <Chart key={metric.name} {...{ jobs, names, metric }} weight={SMOOTHING[smoothing] ?? 0} />
    </Card>
  );
}

interface ChartProps extends CompareCurvesProps {
  metric: Axis & { name: string };
  weight: number;
}

function Chart({ jobs, names, metric, weight }: ChartProps) {
  const { name, ...axis } = metric;
  const { parts, look } = useCloserLook(jobs, name);
  const series = useMemo(
    () =>
      jobs.flatMap((job, place): Series[] => {
        const curve = curveOf(job, name);
        if (!curve) return [];
        const { steps, values } = smoothed(spliced(curve, parts.get(job.id)), weight);
        const dash = DASHES[place % DASHES.length];
        return [{ id: job.id, label: names.get(job.id) ?? job.id, x: steps, y: values, color: place % COLORS, dash }];
      }),
    [jobs, names, name, parts, weight],
  );
  return (
    <LineChart label={`${axis.label} by step`} series={series} x={STEPS} y={axis} height={HEIGHT} onViewChange={look} />
  );
}

function curveOf({ curves }: ComparedJob, wanted: string) {
  return curves.curves.find(({ name }) => name === wanted);
}
