import type { Commands } from '../commands.js';
import type { Context } from '../context.js';
import { FORECAST } from '../documents/forecast.js';
import { notFound } from '../failure.js';
import { formatConstant, formatTime } from '../output/format.js';
import { table } from '../output/table.js';

export function addForecastCommand(commands: Commands): void {
  commands.read(
    'forecast <contract>',
    'What a contract comes to by its end, if usage goes on as observed',
    showForecast,
  );
}

async function showForecast({ client, out }: Context, _: object, contractId: string): Promise<void> {
  const { contractForecast: forecast } = await client.run(FORECAST, { contractId });
  if (!forecast) throw notFound('contract in force', contractId);
  out.result(forecast, () => {
    const periods = table(
      forecast.periods,
      [
        { title: 'PERIOD', value: ({ period }) => String(period), align: 'right' },
        { title: 'FROM', value: ({ from }) => formatTime(from) },
        { title: 'KNOWN', value: ({ knownDue }) => knownDue.display, align: 'right' },
        { title: 'EXPECTED', value: ({ expectedDue }) => expectedDue.display, align: 'right' },
      ],
      out.style,
    );
    const commitments = table(
      forecast.commitments,
      [
        { title: 'COMMITMENT', value: ({ commitmentId }) => commitmentId },
        { title: 'KIND', value: ({ kind }) => formatConstant(kind) },
        { title: 'UNTIL', value: ({ to }) => formatTime(to) },
        { title: 'AMOUNT', value: ({ amount }) => amount.display, align: 'right' },
        { title: 'USED', value: ({ consumed }) => consumed.display, align: 'right' },
        { title: 'EXPECTED', value: ({ expected }) => expected.display, align: 'right' },
      ],
      out.style,
    );
    const span = out.style.dim(`by usage from ${formatTime(forecast.observedFrom)} to ${formatTime(forecast.asOf)}`);
    const total = `Expected over the term ${out.style.bold(forecast.expectedDue.display)} ${span}`;
    return [periods, ...(forecast.commitments.length > 0 ? [commitments] : []), total].join('\n\n');
  });
}
