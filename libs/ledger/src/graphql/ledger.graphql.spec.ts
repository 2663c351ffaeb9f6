import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '#platform/database';
import { type TestDatabase, TestGraphql, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { LedgerService } from '../ledger.service.js';
import type { LedgerTransaction, Posting } from '../posting.js';
import { accrueUsage, finalizeInvoice, reverse } from '../rules/index.js';
import { linesOf } from '../rules/postings.fixture.js';
import { LedgerGraphqlModule } from './index.js';

const DAY = 24 * 3_600_000;
const dayOf = (day: number) => new Date(Date.UTC(2026, 0, day));

let testing: TestDatabase;
let graphql: TestGraphql;
let partner: TestOrganization;
let stranger: TestOrganization;
let lab: TestOrganization;
let invoice: LedgerTransaction;

beforeAll(async () => {
  testing = await testDatabase();
  [lab, partner, stranger] = [
    await testOrganization(testing, 'lab'),
    await testOrganization(testing),
    await testOrganization(testing),
  ];
  graphql = await TestGraphql.start(testing, [LedgerGraphqlModule]);
  for (let day = 1; day <= 5; day++) await post(accrualOf(day));
  invoice = await post(
    finalizeInvoice({
      invoiceId: 'inv_1',
      currency: 'USD',
      finalizedAt: dayOf(20),
      lines: linesOf([['usage', 1_490n, 'output_tokens']]),
      accruedMinor: { inference: 1_500n },
      dueMinor: 1_490n,
      carriedOutMinor: 0n,
    }),
  );
});
afterAll(async () => {
  await graphql.stop();
  await testing.drop();
});

const accrualOf = (day: number) =>
  accrueUsage({
    window: { id: `day-${day}`, contractPeriod: 'ctr_1/1', from: dayOf(day), to: new Date(dayOf(day).getTime() + DAY) },
    currency: 'USD',
    amounts: [{ kind: 'inference', amountMinor: BigInt(day * 100) }],
  });

function post(posting: Posting): Promise<LedgerTransaction> {
  const system = { ...partner.scope, actor: { type: 'system', id: 'billing' } } as const;
  return graphql.get(Database).transaction(system, (tx) => graphql.get(LedgerService).post(tx, posting));
}

const ACCOUNTS = `query($organizationId: ID, $at: DateTime) { ledgerAccounts(organizationId: $organizationId, at: $at) {
  name type normalSide balances { debits { minor } credits { minor } balance { currency minor display } } } }`;
const STATEMENT = `query($first: Int, $after: String, $organizationId: ID, $from: DateTime!) {
  ledgerStatement(account: INFERENCE_REVENUE, currency: USD, from: $from, to: "2026-02-01T00:00:00Z", organizationId: $organizationId,
                  first: $first, after: $after) {
    organizationId account opening { minor } closing { display }
    nodes { kind description amount { minor } balance { minor } transaction { id } } pageInfo { hasNextPage endCursor } } }`;
const NODE = `query($id: ID!) { node(id: $id) { ... on LedgerTransaction {
  id kind sequence entries { account side amount { minor } } links { type id } reverses { id } reversedBy { id } } } }`;
const from = dayOf(3).toISOString();

describe('ledgerAccounts', () => {
  it('are all of the chart, with the balances of a time', async () => {
    const { ledgerAccounts } = await graphql.ask(graphql.caller(partner), ACCOUNTS);
    expect(ledgerAccounts).toHaveLength(24);
    const byName = Object.fromEntries(ledgerAccounts.map((account: { name: string }) => [account.name, account]));
    expect(byName.ACCOUNTS_RECEIVABLE).toEqual({
      name: 'ACCOUNTS_RECEIVABLE',
      type: 'ASSET',
      normalSide: 'DEBIT',
      balances: [
        {
          debits: { minor: '1490' },
          credits: { minor: '0' },
          balance: { currency: 'USD', minor: '1490', display: '14.90 USD' },
        },
      ],
    });
    expect(byName.INFERENCE_REVENUE.balances).toMatchObject([{ balance: { display: '14.90 USD' } }]);
    expect(byName.TAX_PAYABLE.balances).toEqual([]);
    const then = await graphql.ask(graphql.caller(partner), ACCOUNTS, { at: dayOf(4) });
    const { balances } = then.ledgerAccounts.find(({ name }: { name: string }) => name === 'UNBILLED_INFERENCE');
    expect(balances).toMatchObject([{ balance: { minor: '600' } }]);
  });
});

describe('ledgerStatement', () => {
  it('pages from the oldest line on, with balances', async () => {
    const who = graphql.caller(partner);
    const { ledgerStatement: first } = await graphql.ask(who, STATEMENT, { from, first: 2 });
    expect(first).toMatchObject({
      organizationId: partner.organizationId,
      account: 'INFERENCE_REVENUE',
      opening: { minor: '300' },
      closing: { display: '14.90 USD' },
      nodes: [
        { kind: 'ACCRUE_USAGE', amount: { minor: '300' }, balance: { minor: '600' } },
        { kind: 'ACCRUE_USAGE', amount: { minor: '400' }, balance: { minor: '1000' } },
      ],
      pageInfo: { hasNextPage: true },
    });
    const rest = { from, first: 2, after: first.pageInfo.endCursor };
    expect((await graphql.ask(who, STATEMENT, rest)).ledgerStatement).toMatchObject({
      nodes: [
        { amount: { minor: '500' }, balance: { minor: '1500' } },
        {
          kind: 'FINALIZE_INVOICE',
          amount: { minor: '-10' },
          balance: { minor: '1490' },
          transaction: { id: invoice.id },
        },
      ],
      pageInfo: { hasNextPage: false },
    });
    await expect(graphql.ask(who, STATEMENT, { from: dayOf(90) })).rejects.toThrow(/LEDGER_RANGE_INVALID/);
  });
});

describe('a transaction', () => {
  it('is a node, with what it came from and what became of it', async () => {
    const posted = await post(accrualOf(9));
    const reversal = await post(reverse({ transaction: posted, reversedAt: dayOf(10), reason: 'metered twice' }));
    const { node } = await graphql.ask(graphql.caller(partner), NODE, { id: posted.id });
    expect(node).toEqual({
      id: posted.id,
      kind: 'ACCRUE_USAGE',
      sequence: '7',
      entries: [
        { account: 'UNBILLED_INFERENCE', side: 'DEBIT', amount: { minor: '900' } },
        { account: 'INFERENCE_REVENUE', side: 'CREDIT', amount: { minor: '900' } },
      ],
      links: expect.arrayContaining([{ type: 'usage_window', id: 'day-9' }]),
      reverses: null,
      reversedBy: { id: reversal.id },
    });
  });
});

describe('the ledger', () => {
  it('is read by its partner and the lab, with the permission, and by nobody else', async () => {
    const { organizationId } = partner;
    const asLab = graphql.caller(lab, ['ledger:read']);
    expect((await graphql.ask(asLab, STATEMENT, { from, organizationId })).ledgerStatement.nodes).toHaveLength(4 + 2);
    expect((await graphql.ask(asLab, NODE, { id: invoice.id })).node.id).toBe(invoice.id);
    const other = graphql.caller(stranger);
    for (const query of [ACCOUNTS, STATEMENT]) {
      const asked = graphql.ask(other, query, { from, organizationId });
      await expect(asked).rejects.toThrow(/LEDGER_OF_OTHER_ORGANIZATION/);
    }
    expect((await graphql.ask(other, STATEMENT, { from })).ledgerStatement.nodes).toEqual([]);
    expect((await graphql.ask(other, NODE, { id: invoice.id })).node).toBeNull();
    const unpermitted = graphql.caller(partner, ['usage:read']);
    for (const query of [ACCOUNTS, STATEMENT])
      await expect(graphql.ask(unpermitted, query, { from })).rejects.toThrow(/FORBIDDEN/);
    expect((await graphql.ask(unpermitted, NODE, { id: invoice.id })).node).toBeNull();
  });
});
