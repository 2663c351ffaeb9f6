import { type Commands, list, moment } from '../commands.js';
import type { Context } from '../context.js';
import { USAGE, type UsageSummary } from '../documents/usage.js';
import { formatConstant, formatInteger, formatTime, toConstant } from '../output/format.js';
import { table } from '../output/table.js';
import { spanOf, USUAL_DAYS } from '../span.js';
import type { Style } from '../terminal.js';

interface UsageOptions {
  from?: Date;
  to?: Date;
  by: string[];
  organization?: string;
}

export function addUsageCommand(commands: Commands): void {
  commands.read<UsageOptions>('usage', 'Show what was used and what it costs', showUsage, (command) =>
    command
      .option('--from <time>', `from this time; ${USUAL_DAYS} days ago if left out`, moment)
      .option('--to <time>', 'before this time; now if left out', moment)
      .option('--by <dimensions>', 'of project, model, day, kind, key, job', list, ['model', 'kind'])
      .option('--organization <id>', 'of this partner; for the lab'),
  );
}

async function showUsage(context: Context, { by, organization, ...asked }: UsageOptions): Promise<void> {
  const { client, out, terminal } = context;
  const { usageSummary } = await client.run(USAGE, {
    ...spanOf(asked, terminal),
    groupBy: by.map(dimensionOf),
    projectId: await context.namedProjectId(),
    organizationId: organization,
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
      { title: 'JOB', value: ({ jobId }) => jobId ?? '' },
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

/** In the schema a key is an API_KEY. */
function dimensionOf(word: string): string {
  const constant = toConstant(word);
  return constant === 'KEY' ? 'API_KEY' : constant;
}
