import { type Commands, list, moment } from '../commands.js';
import type { Context } from '../context.js';
import { USAGE, type UsageSummary } from '../documents/usage.js';
import { formatConstant, formatInteger, formatTime, toConstant } from '../output/format.js';
import { table } from '../output/table.js';
import type { Style } from '../terminal.js';

interface UsageOptions {
  from?: Date;
  to?: Date;
  by: string[];
}

const USUAL_DAYS = 30;
const MILLISECONDS_PER_DAY = 86_400_000;

export function addUsageCommand(commands: Commands): void {
  commands.read<UsageOptions>('usage', 'Show what was used and what it costs', showUsage, (command) =>
    command
      .option('--from <time>', `from this time; ${USUAL_DAYS} days ago if left out`, moment)
      .option('--to <time>', 'before this time; now if left out', moment)
      .option('--by <dimensions>', 'of project, model, day, kind, api-key', list, ['model', 'kind']),
  );
}

async function showUsage(context: Context, { from, to, by }: UsageOptions): Promise<void> {
  const { client, out, terminal } = context;
  const end = to ?? terminal.now();
  const start = from ?? new Date(end.getTime() - USUAL_DAYS * MILLISECONDS_PER_DAY);
  const { usageSummary } = await client.run(USAGE, {
    from: start.toISOString(),
    to: end.toISOString(),
    groupBy: by.map(toConstant),
    projectId: await context.namedProjectId(),
  });
  out.result(usageSummary, () => present(usageSummary, out.style));
}

function present({ from, to, rows, total, unpriced }: UsageSummary, style: Style): string {
  const span = style.dim(`from ${formatTime(from)} to ${formatTime(to)}`);
  if (rows.length === 0) return `Nothing was used ${span}`;
  const used = table(
    rows,
    [
      { title: 'DAY', value: ({ day }) => day ?? '' },
      { title: 'PROJECT', value: ({ project }) => project?.slug ?? '' },
      { title: 'MODEL', value: ({ model }) => model ?? '' },
      { title: 'KIND', value: ({ kind }) => formatConstant(kind) },
      { title: 'KEY', value: ({ apiKeyId }) => apiKeyId ?? '' },
      { title: 'OF', value: ({ meter }) => formatConstant(meter) },
      { title: 'QUANTITY', value: ({ quantity }) => formatInteger(quantity), align: 'right' },
      { title: 'EVENTS', value: ({ events }) => formatInteger(events), align: 'right' },
      { title: 'COST', value: ({ cost }) => cost?.display ?? style.yellow('no price'), align: 'right' },
    ],
    style,
  );
  const missing = unpriced.map(({ meter, quantity }) => `${formatInteger(quantity)} ${formatConstant(meter)}`);
  const warning = missing.length > 0 ? `\n${style.yellow(`Without a price: ${missing.join(', ')}`)}` : '';
  return `${used}\n\nTotal ${style.bold(total.display)} ${span}${warning}`;
}
