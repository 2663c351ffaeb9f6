import { type Commands, list } from '../commands.js';
import type { Context } from '../context.js';
import { JOB_METRICS, type MetricPoint } from '../documents/fine-tuning.js';
import { jobNotFound } from '../job-news.js';
import { chart, sparkline } from '../output/chart.js';
import { formatNumber } from '../output/format.js';
import { table } from '../output/table.js';

interface MetricOptions {
  name?: string[];
  table?: boolean;
}

const CHART_ROWS = 12;
const SPARKLINE_CELLS = 32;
const LOSS = 'train_loss';

export function addMetricsCommand(commands: Commands): void {
  commands.read<MetricOptions>(
    'metrics <job>',
    'Show the curves of a job: the loss drawn, the others in a line each',
    showMetrics,
    (command) =>
      command
        .option('--name <names>', 'only these, such as train_loss,valid_loss; the first is drawn', list)
        .option('--table', 'every value of every step'),
  );
}

async function showMetrics(context: Context, options: MetricOptions, id: string): Promise<void> {
  const { client, out } = context;
  const { node } = await client.run(JOB_METRICS, { id, names: options.name });
  if (!node?.metricSeries) throw jobNotFound(id);
  const points = node.metricSeries;
  out.result(points, () => {
    if (points.length === 0) return 'No metrics yet.';
    const series = Map.groupBy(points, ({ name }) => name);
    return options.table ? allSteps(context, points) : curves(context, series, options.name?.[0] ?? LOSS);
  });
}

function curves({ out }: Context, series: Map<string, MetricPoint[]>, drawn: string): string {
  const { style, columns } = out;
  const main = series.get(drawn) ?? [];
  const rows = [...series].map(([name, points]) => ({ name, values: points.map(({ value }) => value), points }));
  const summary = table(
    rows,
    [
      { title: 'METRIC', value: ({ name }) => name },
      { title: 'FIRST', value: ({ values }) => formatNumber(values[0]), align: 'right' },
      { title: 'LAST', value: ({ values }) => formatNumber(values.at(-1)), align: 'right' },
      { title: 'LOWEST', value: ({ values }) => formatNumber(Math.min(...values)), align: 'right' },
      { title: 'HIGHEST', value: ({ values }) => formatNumber(Math.max(...values)), align: 'right' },
      { title: 'STEPS', value: ({ points }) => String(points.at(-1)?.step ?? ''), align: 'right' },
      { title: 'CURVE', value: ({ values }) => style.cyan(sparkline(values, SPARKLINE_CELLS)) },
    ],
    style,
  );
  if (main.length < 2) return summary;
  return `${style.bold(drawn)}\n${chart(main, { columns: Math.min(columns, 100), rows: CHART_ROWS }, style)}\n\n${summary}`;
}

function allSteps({ out }: Context, points: readonly MetricPoint[]): string {
  const names = [...new Set(points.map(({ name }) => name))];
  const steps = [...Map.groupBy(points, ({ step }) => step)].sort(([a], [b]) => a - b);
  const columns = names.map((name) => ({
    title: name.toUpperCase(),
    value: ([, values]: [number, MetricPoint[]]) => formatNumber(values.find((point) => point.name === name)?.value, 6),
    align: 'right' as const,
  }));
  return table(steps, [{ title: 'STEP', value: ([step]) => String(step), align: 'right' }, ...columns], out.style);
}
