import { type Command, InvalidArgumentError } from 'commander';
import { amount, nanosOf, type WrittenAmount } from '../amount.js';
import { type Commands, list } from '../commands.js';
import type { Context } from '../context.js';
import { REMOVE_SPEND_CAP, SET_SPEND_CAP, SPEND_CAPS, type SpendCap } from '../documents/caps.js';
import { collect } from '../documents/shared.js';
import { UsageError } from '../failure.js';
import { formatConstant, formatTime, toConstant } from '../output/format.js';
import { table } from '../output/table.js';

interface ListOptions {
  ended?: boolean;
  organization?: string;
  project?: string;
}

interface SetOptions {
  limit: WrittenAmount;
  per: string;
  soft?: boolean;
  alertAt?: number[];
  key?: string;
  project?: string;
  organization?: string;
  contract?: string;
  clause?: string;
}

const MOST_CAPS = 1_000;

export function addCapCommands(commands: Commands): void {
  commands.group('caps', 'Spend caps: what may be spent, and when it is told', (group) =>
    group
      .read<ListOptions>(
        'list',
        'List spend caps with what is spent, held and left',
        listCaps,
        (command) =>
          command
            .option('--ended', 'also those that were removed or replaced')
            .option('--organization <id>', 'of this partner; for the lab'),
        { isDefault: true },
      )
      .act<SetOptions>('set', 'Set a cap: in the place of the one on the same, if there is one', setCap, configureSet)
      .act('remove <cap>', 'Remove a cap', removeCap),
  );
}

function configureSet(command: Command): Command {
  return command
    .requiredOption('--limit <amount>', 'such as "250.00 EUR"', amount)
    .requiredOption('--per <period>', 'month, or total for all time')
    .option('--soft', 'only alert: nothing is refused')
    .option('--alert-at <percents>', 'of the limit; 50,80,100 if left out', percents)
    .option('--key <id>', 'on what this API key spends; without it and --project, on all')
    .option('--organization <id>', 'of this partner; for the lab')
    .option('--contract <id>', 'the contract that it stands on; for the lab')
    .option('--clause <text>', 'of the contract, which refusals name; for the lab');
}

async function listCaps(context: Context, { ended, organization, project }: ListOptions): Promise<void> {
  const { client, out } = context;
  const filter = {
    organizationId: organization,
    // As in setCap: a cap on all of the organization bounds the project that is remembered, too.
    projectId: project && (await context.projectId()),
    includeEnded: ended === true,
  };
  const caps = await collect(
    async (page) => (await client.run(SPEND_CAPS, { ...page, ...filter })).spendCaps,
    MOST_CAPS,
  );
  out.result(caps, () => {
    if (caps.length === 0) return 'No caps. Set one: forkpoint caps set --limit "250.00 EUR" --per month';
    return table(
      caps,
      [
        { title: 'CAP', value: ({ id }) => id },
        { title: 'OF', value: ({ side }) => formatConstant(side) },
        { title: 'ON', value: ({ subjectId }) => subjectId },
        { title: 'LIMIT', value: limitOf, align: 'right' },
        { title: 'SPENT', value: ({ window }) => window.spent.display, align: 'right' },
        { title: 'HELD', value: ({ window }) => window.held.display, align: 'right' },
        { title: 'LEFT', value: ({ window }) => window.left.display, align: 'right' },
        { title: 'THEN', value: ({ isHard }) => (isHard ? 'refuse' : 'alert') },
        { title: 'ENDED', value: ({ endedAt }) => formatTime(endedAt) },
      ],
      out.style,
    );
  });
}

async function setCap(context: Context, options: SetOptions): Promise<void> {
  const { limit, per, soft, alertAt, key, organization, contract, clause } = options;
  if (key && options.project) throw new UsageError('give one of --key and --project, or neither');
  const { spendCap } = await context.act(SET_SPEND_CAP, {
    limitNanos: nanosOf(limit),
    currency: limit.currency,
    period: toConstant(per),
    isHard: soft !== true,
    alertPercents: alertAt,
    // Only one that was named here: what is remembered for other commands must not narrow a cap in silence.
    projectId: options.project && (await context.projectId()),
    apiKeyId: key,
    organizationId: organization,
    contractId: contract,
    clause,
  });
  context.out.result(spendCap, () => `${limitOf(spendCap)} on ${spendCap.subjectId}: ${spendCap.id}`);
}

async function removeCap(context: Context, _: object, spendCapId: string): Promise<void> {
  const { spendCap } = await context.act(REMOVE_SPEND_CAP, { spendCapId });
  context.out.result(spendCap, () => `The cap of ${limitOf(spendCap)} on ${spendCap.subjectId} is removed.`);
}

function limitOf({ limit, period }: SpendCap): string {
  return `${limit.display} ${period === 'MONTH' ? 'a month' : 'in all'}`;
}

function percents(text: string): number[] {
  const numbers = list(text).map(Number);
  if (numbers.length > 0 && numbers.every((number) => Number.isInteger(number) && number > 0)) return numbers;
  throw new InvalidArgumentError('Give percents such as 50,80,100.');
}
