import { amount, minorOf, type WrittenAmount } from '../amount.js';
import { type Commands, integer, moment } from '../commands.js';
import type { Context } from '../context.js';
import { PAYOUTS, PUBLISHER_BALANCES, RECORD_PAYOUT } from '../documents/payouts.js';
import { collect } from '../documents/shared.js';
import { formatTime } from '../output/format.js';
import { table } from '../output/table.js';

interface ListOptions {
  organization?: string;
  limit: number;
}

interface RecordOptions {
  amount: WrittenAmount;
  reference: string;
  sent: Date;
}

export function addPayoutCommands(commands: Commands): void {
  commands.group('payouts', 'Payouts: what publishers of listings earned, and what the lab paid of it', (group) =>
    group
      .read<ListOptions>(
        'list',
        'List payouts, the latest first',
        listPayouts,
        (command) =>
          command
            .option('--organization <id>', 'to this partner; for the lab')
            .option('--limit <count>', 'at most so many', integer(1, 10_000), 50),
        { isDefault: true },
      )
      .read(
        'payable',
        'Show what was earned, paid out and is still to be paid, by publisher and currency',
        listBalances,
      )
      .act<RecordOptions>(
        'record <organization>',
        'Enter money that was sent to a publisher by bank; for the lab',
        recordPayout,
        (command) =>
          command
            .requiredOption('--amount <amount>', 'such as "12.50 EUR"', amount)
            .requiredOption('--reference <text>', 'as the bank statement names it: the same again is the same payout')
            .requiredOption('--sent <time>', 'when it was sent', moment),
      ),
  );
}

async function listPayouts({ client, out }: Context, { organization, limit }: ListOptions): Promise<void> {
  const ask = async (page: { first: number }) =>
    (await client.run(PAYOUTS, { ...page, organizationId: organization })).publisherPayouts;
  const payouts = await collect(ask, limit);
  out.result(payouts, () => {
    if (payouts.length === 0) return 'No payouts.';
    return table(
      payouts,
      [
        { title: 'PAYOUT', value: ({ id }) => id },
        { title: 'TO', value: ({ organization, organizationId }) => organization?.name ?? organizationId },
        { title: 'SENT', value: ({ paidAt }) => formatTime(paidAt) },
        { title: 'REFERENCE', value: ({ reference }) => reference },
        { title: 'BY', value: ({ recordedBy }) => recordedBy ?? 'the lab' },
        { title: 'AMOUNT', value: ({ amount: sum }) => sum.display, align: 'right' },
      ],
      out.style,
    );
  });
}

async function listBalances({ client, out }: Context): Promise<void> {
  const { publisherBalances } = await client.run(PUBLISHER_BALANCES, {});
  out.result(publisherBalances, () => {
    if (publisherBalances.length === 0) return 'Nothing was earned.';
    return table(
      publisherBalances,
      [
        { title: 'PUBLISHER', value: ({ organizationId }) => organizationId },
        { title: 'NAME', value: ({ organization }) => organization?.name ?? '' },
        { title: 'EARNED', value: ({ earned }) => earned.display, align: 'right' },
        { title: 'PAID OUT', value: ({ paidOut }) => paidOut.display, align: 'right' },
        { title: 'PAYABLE', value: ({ payable }) => payable.display, align: 'right' },
      ],
      out.style,
    );
  });
}

async function recordPayout(
  context: Context,
  { amount: sum, reference, sent }: RecordOptions,
  organizationId: string,
): Promise<void> {
  const { publisherPayout } = await context.act(RECORD_PAYOUT, {
    ...{ organizationId, currency: sum.currency, amountMinor: minorOf(sum) },
    ...{ reference, paidAt: sent.toISOString() },
  });
  context.out.result(
    publisherPayout,
    () => `${publisherPayout.amount.display} to ${organizationId} are on record: ${publisherPayout.id}`,
  );
}
