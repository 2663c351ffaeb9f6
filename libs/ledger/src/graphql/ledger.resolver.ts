import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, NodeLoader, type RequestContext, readNodes } from '#platform/graphql';
import { ACCOUNT_NAMES, ACCOUNTS } from '../chart.js';
import { findTransactions } from '../ledger.repository.js';
import { type Balance, LedgerReports } from '../ledger-reports.js';
import { readStatement, type Statement, type StatementLine } from '../ledger-statement.js';
import type { LedgerTransaction } from '../posting.js';
import {
  LedgerAccountGraphqlType,
  LedgerAccountsArgs,
  LedgerAmountType,
  type LedgerBalanceType,
  LedgerStatementArgs,
  type LedgerStatementLineType,
  LedgerStatementType,
  type LedgerTransactionType,
} from './ledger.types.js';

@Resolver()
export class LedgerResolver {
  constructor(
    private readonly database: Database,
    private readonly reports: LedgerReports,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('txn', 'LedgerTransaction')
  loadTransactions(context: RequestContext, ids: readonly string[]): Promise<Array<LedgerTransactionType | null>> {
    const find: Parameters<typeof readNodes<LedgerTransactionType>>[2]['find'] = async (tx) =>
      (await findTransactions(tx, ids)).map(presentedTransaction);
    return readNodes(context, ids, { database: this.database, permission: 'ledger:read', find });
  }

  @Query(() => [LedgerAccountGraphqlType], {
    description:
      "The accounts of the lab's books about a partner, with their balances: what is due, prepaid, owed, earned. Needs the permission ledger:read.",
  })
  async ledgerAccounts(
    @Ctx() context: RequestContext,
    @Args() { organizationId, at }: LedgerAccountsArgs,
  ): Promise<LedgerAccountGraphqlType[]> {
    this.authorizer.authorize(context.principal, 'ledger:read');
    const balances = await this.database.read(context.scope, (tx) =>
      this.reports.balances(tx, { organizationId, before: at }),
    );
    const byAccount = Map.groupBy(balances, ({ account }) => account);
    return ACCOUNT_NAMES.map((name) => ({
      name,
      ...ACCOUNTS[name],
      balances: (byAccount.get(name) ?? []).map(presentedBalance),
    }));
  }

  @Query(() => LedgerStatementType, {
    description:
      'The lines of an account in the order in which they count, oldest first, with its balance before and after them. Needs the permission ledger:read.',
  })
  async ledgerStatement(
    @Ctx() context: RequestContext,
    @Args() args: LedgerStatementArgs,
  ): Promise<LedgerStatementType> {
    this.authorizer.authorize(context.principal, 'ledger:read');
    const statement = await this.database.read(context.scope, (tx) => readStatement(tx, args, args));
    return presentedStatement(statement);
  }
}

function presentedBalance({ currency, debitsMinor, creditsMinor, balanceMinor }: Balance): LedgerBalanceType {
  return {
    debits: LedgerAmountType.of(debitsMinor, currency),
    credits: LedgerAmountType.of(creditsMinor, currency),
    balance: LedgerAmountType.of(balanceMinor, currency),
  };
}

function presentedTransaction({ entries, links, ...transaction }: LedgerTransaction): LedgerTransactionType {
  return {
    ...transaction,
    links: [...links],
    entries: entries.map(({ account, amountMinor }) => ({
      account,
      side: amountMinor > 0n ? 'debit' : 'credit',
      amount: LedgerAmountType.of(amountMinor > 0n ? amountMinor : -amountMinor, transaction.currency),
    })),
  } as LedgerTransactionType;
}

function presentedStatement(statement: Statement): LedgerStatementType {
  const { edges, pageInfo, organizationId, account, currency, openingMinor, closingMinor } = statement;
  const presented = edges.map(({ cursor, node }) => ({ cursor, node: presentedLine(node, statement) }));
  return {
    edges: presented,
    nodes: presented.map(({ node }) => node),
    pageInfo,
    organizationId,
    account,
    opening: LedgerAmountType.of(openingMinor, currency),
    closing: LedgerAmountType.of(closingMinor, currency),
  };
}

function presentedLine(
  { amountMinor, balanceMinor, ...line }: StatementLine,
  { currency }: Statement,
): LedgerStatementLineType {
  return {
    ...line,
    amount: LedgerAmountType.of(amountMinor, currency),
    balance: LedgerAmountType.of(balanceMinor, currency),
  } as Omit<LedgerStatementLineType, 'transaction'> as LedgerStatementLineType;
}
