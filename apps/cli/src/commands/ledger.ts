import { type Commands, integer, moment } from '../commands.js';
import type { Context } from '../context.js';
import { LEDGER_ACCOUNTS, LEDGER_STATEMENT, type LedgerStatement } from '../documents/ledger.js';
import { collect } from '../documents/shared.js';
import { formatConstant, formatTime, toConstant } from '../output/format.js';
import { table } from '../output/table.js';
import { spanOf, USUAL_DAYS } from '../span.js';

interface StatementOptions {
  currency: string;
  from?: Date;
  to?: Date;
  organization?: string;
  limit: number;
}

export function addLedgerCommands(commands: Commands): void {
  commands.group('ledger', 'The books: accounts, and what moved them', (group) =>
    group
      .read<{ organization?: string }>(
        'accounts',
        'List accounts with their balances',
        listAccounts,
        (command) => command.option('--organization <id>', 'of this partner; for the lab'),
        { isDefault: true },
      )
      .read<StatementOptions>(
        'statement <account>',
        'Show the lines of an account, such as accounts-receivable, between its balances',
        showStatement,
        (command) =>
          command
            .requiredOption('--currency <currency>', 'such as EUR')
            .option('--from <time>', `from this time; ${USUAL_DAYS} days before the end if left out`, moment)
            .option('--to <time>', 'before this time; now if left out', moment)
            .option('--organization <id>', 'of this partner; for the lab')
            .option('--limit <count>', 'at most so many lines', integer(1, 10_000), 1_000),
      ),
  );
}

async function listAccounts({ client, out }: Context, { organization }: { organization?: string }): Promise<void> {
  const { ledgerAccounts } = await client.run(LEDGER_ACCOUNTS, { organizationId: organization });
  out.result(ledgerAccounts, () =>
    table(
      ledgerAccounts,
      [
        { title: 'ACCOUNT', value: ({ name }) => formatConstant(name) },
        { title: 'TYPE', value: ({ type }) => formatConstant(type) },
        { title: 'NORMAL SIDE', value: ({ normalSide }) => formatConstant(normalSide) },
        { title: 'BALANCE', value: ({ balances }) => balances.map(({ balance }) => balance.display).join(', ') },
      ],
      out.style,
    ),
  );
}

async function showStatement(context: Context, options: StatementOptions, account: string): Promise<void> {
  const { client, out, terminal } = context;
  const asked = {
    account: toConstant(account),
    currency: options.currency.toUpperCase(),
    ...spanOf(options, terminal),
    organizationId: options.organization,
  };
  let statement: LedgerStatement | undefined;
  const nodes = await collect(async (page) => {
    const { ledgerStatement } = await client.run(LEDGER_STATEMENT, { ...page, ...asked });
    statement ??= ledgerStatement;
    return ledgerStatement;
  }, options.limit);
  const { opening, closing } = statement!;
  const shown = { ...asked, opening, closing, lines: nodes };
  out.result(shown, () => {
    const lines = nodes.length === 0 ? 'Nothing moved it.' : lineTable(nodes, out.style);
    return `Opening ${out.style.bold(opening.display)}\n\n${lines}\n\nClosing ${out.style.bold(closing.display)}`;
  });
}

function lineTable(lines: LedgerStatement['nodes'], style: Context['out']['style']): string {
  return table(
    lines,
    [
      { title: 'COUNTS', value: ({ effectiveAt }) => formatTime(effectiveAt) },
      { title: 'WHAT', value: ({ kind }) => formatConstant(kind) },
      { title: 'AMOUNT', value: ({ amount }) => amount.display, align: 'right' },
      { title: 'BALANCE', value: ({ balance }) => balance.display, align: 'right' },
      { title: 'ABOUT', value: ({ description }) => description },
    ],
    style,
  );
}
