import { amount, formatMinor, minorOf, type WrittenAmount } from '../amount.js';
import { type Commands, integer, list, moment } from '../commands.js';
import type { Context } from '../context.js';
import { SHOW_CONTRACT } from '../documents/contracts.js';
import { CREATE_CREDIT_GRANT, CREDIT_GRANTS, type CreditGrant } from '../documents/credits.js';
import { collect } from '../documents/shared.js';
import { notFound, UsageError } from '../failure.js';
import { formatConstant, formatTime, toConstant } from '../output/format.js';
import { table } from '../output/table.js';

interface GrantOptions {
  amount: WrittenAmount;
  reason: string;
  monthly?: boolean;
  rollover?: WrittenAmount;
  priority?: number;
  meters?: string[];
  projects?: string[];
  from?: Date;
  expires?: Date;
}

const MOST_GRANTS = 1_000;

export function addCreditCommands(commands: Commands): void {
  commands.group('credits', 'Credits: what pays for usage before money does', (group) =>
    group
      .read<{ contract?: string }>(
        'list',
        'List credits, newest first, those that were voided too',
        listCredits,
        (command) => command.option('--contract <id>', 'only those of this contract'),
        { isDefault: true },
      )
      .act<GrantOptions>('grant <contract>', 'Grant a credit; for the lab', grantCredit, (command) =>
        command
          .requiredOption('--amount <amount>', 'such as "100.00 EUR", in the contract\'s currency', amount)
          .requiredOption('--reason <text>', 'what it is given for')
          .option('--monthly', 'again with each period; once if left out')
          .option('--rollover <amount>', 'the most of a monthly one that goes into the next period', amount)
          .option('--priority <number>', 'the lowest pays first; 0 if left out', integer(0))
          .option('--meters <meters>', 'usage that it pays, such as input-tokens; all if left out', list)
          .option('--projects <ids>', 'projects for which it pays; all if left out', list)
          .option('--from <time>', 'from when on it pays; now if left out', moment)
          .option('--expires <time>', 'until when it pays', moment),
      ),
  );
}

async function listCredits({ client, out }: Context, { contract }: { contract?: string }): Promise<void> {
  const filter = { contractId: contract };
  const ask = async (page: { first: number }) => (await client.run(CREDIT_GRANTS, { ...page, ...filter })).creditGrants;
  const grants = await collect(ask, MOST_GRANTS);
  out.result(grants, () => {
    if (grants.length === 0) return 'No credits.';
    return table(
      grants,
      [
        { title: 'CREDIT', value: ({ id }) => id },
        { title: 'CONTRACT', value: ({ contract }) => contract?.name ?? '' },
        { title: 'AMOUNT', value: amountOf, align: 'right' },
        { title: 'GIVEN', value: ({ recurrence }) => formatConstant(recurrence) },
        { title: 'FROM', value: ({ effectiveAt }) => formatTime(effectiveAt) },
        { title: 'EXPIRES', value: ({ expiresAt }) => formatTime(expiresAt) },
        { title: 'VOIDED', value: ({ voidedAt }) => formatTime(voidedAt) },
        { title: 'FOR', value: ({ reason }) => reason },
      ],
      out.style,
    );
  });
}

async function grantCredit(context: Context, options: GrantOptions, contractId: string): Promise<void> {
  const { node: contract } = await context.client.run(SHOW_CONTRACT, { id: contractId });
  if (contract?.name === undefined) throw notFound('contract', contractId);
  for (const { currency } of [options.amount, options.rollover ?? options.amount])
    if (currency !== contract.currency)
      throw new UsageError(`the contract is in ${contract.currency}, not ${currency}`);
  const { creditGrant } = await context.act(CREATE_CREDIT_GRANT, {
    contractId,
    amountMinor: minorOf(options.amount),
    reason: options.reason,
    recurrence: options.monthly ? 'MONTHLY' : undefined,
    rolloverMinor: options.rollover && minorOf(options.rollover),
    priority: options.priority,
    meters: options.meters?.map(toConstant),
    projectIds: options.projects,
    effectiveAt: options.from?.toISOString(),
    expiresAt: options.expires?.toISOString(),
  });
  context.out.result(creditGrant, () => `${amountOf(creditGrant)} are granted: ${creditGrant.id}`);
}

function amountOf({ amountMinor, contract }: CreditGrant): string {
  return contract ? formatMinor(amountMinor, contract.currency) : amountMinor;
}
