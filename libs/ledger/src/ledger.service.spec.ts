import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { ManualClock, newId } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import { type TestDatabase, testDatabase, testOrganization } from '#test/harness';
import { ACCOUNT_NAMES } from './chart.js';
import { readJournal } from './journal.js';
import { LedgerService } from './ledger.service.js';
import { LedgerReports } from './ledger-reports.js';
import { readStatement } from './ledger-statement.js';
import type { Posting } from './posting.js';
import { accrueUsage, finalizeInvoice, receivePayment, reverse } from './rules/index.js';
import { linesOf } from './rules/postings.fixture.js';

const clock = new ManualClock(new Date('2026-02-05T12:00:00.000Z'));
const ledger = new LedgerService(clock);
const reports = new LedgerReports();
const MINUTES = 60_000;
const START = new Date('2026-01-10T00:00:00.000Z');

let server: TestDatabase;
let database: Database;
let lab: Scope;

beforeAll(async () => {
  server = await testDatabase();
  database = await new Database({ appUrl: server.urls.app, clock }).connect();
  lab = (await testOrganization(server, 'lab')).scope;
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

/** A partner, as its people and as the system acts for it. */
async function newPartner(): Promise<{ people: Scope; system: Scope }> {
  const { scope } = await testOrganization(server);
  return { people: scope, system: { ...scope, actor: { type: 'system', id: 'billing' } } };
}

const usage = (minute: number, amountMinor: bigint, currency: 'USD' | 'KWD' = 'USD') =>
  accrueUsage({
    window: {
      id: `minute-${minute}`,
      contractPeriod: 'ctr_1/1',
      from: new Date(START.getTime() + minute * MINUTES),
      to: new Date(START.getTime() + (minute + 1) * MINUTES),
    },
    currency,
    amounts: [{ kind: 'inference', amountMinor }],
  });

const post = (scope: Scope, posting: Posting) => database.transaction(scope, (tx) => ledger.post(tx, posting));
const read = <T>(scope: Scope, work: (tx: Transaction) => Promise<T>) => database.read(scope, work);

describe('posting', () => {
  test('again under the same key is the same transaction; other content is refused', async () => {
    const { system } = await newPartner();
    const first = await post(system, usage(1, 100n));
    expect(first).toMatchObject({ sequence: 1n, recordedAt: clock.now(), reversedByTransactionId: null });
    expect(await post(system, usage(1, 100n))).toEqual(first);
    await expect(post(system, usage(1, 101n))).rejects.toMatchObject({ code: 'LEDGER_POSTED_OTHERWISE' });
    expect(await read(system, (tx) => ledger.findBySourceKey(tx, first.sourceKey))).toEqual(first);
    expect(await read(system, (tx) => reports.balance(tx, { account: 'unbilled_inference', currency: 'USD' }))).toBe(
      100n,
    );
  });

  test('by many at once is the same transaction, and other ones are numbered without gaps', async () => {
    const { system } = await newPartner();
    const posted = await Promise.all([...Array(24).keys()].map((index) => post(system, usage(index % 6, 5n))));
    expect(new Set(posted.map(({ id }) => id)).size).toBe(6);
    expect([...new Set(posted.map(({ sequence }) => sequence))].sort()).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
    const contested = await Promise.allSettled([7n, 8n, 9n].map((amount) => post(system, usage(99, amount))));
    expect(contested.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  test('is for the system in the scope of the partner alone', async () => {
    const { people } = await newPartner();
    const system = { type: 'system', id: 'billing' } as const;
    for (const scope of [people, lab, { ...lab, actor: system }])
      await expect(post(scope, usage(1, 1n))).rejects.toMatchObject({ code: 'LEDGER_NOT_FOR_CALLERS' });
  });

  test('of what does not sum to zero, or says one account twice, is refused', async () => {
    const { system } = await newPartner();
    const debit = { account: 'refunds', amountMinor: 5n } as const;
    const credit = { account: 'cash_clearing', amountMinor: -5n } as const;
    const zero = { account: 'tax_payable', amountMinor: 0n } as const;
    for (const entries of [[debit], [debit, debit, credit, credit], [debit, credit, zero]])
      await expect(post(system, { ...usage(1, 1n), entries })).rejects.toMatchObject({ code: 'LEDGER_UNBALANCED' });
  });

  test('is taken back once, and taking back stands', async () => {
    const { system } = await newPartner();
    const transaction = await post(system, usage(1, 100n));
    const reversal = await post(system, reverse({ transaction, reversedAt: clock.now(), reason: 'metered twice' }));
    expect(reversal.reversesTransactionId).toBe(transaction.id);
    expect(await read(system, (tx) => ledger.findBySourceKey(tx, transaction.sourceKey))).toMatchObject({
      reversedByTransactionId: reversal.id,
    });
    const again = { ...reverse({ transaction, reversedAt: clock.now(), reason: 'again' }), sourceKey: 'again:1' };
    await expect(post(system, again)).rejects.toMatchObject({ code: 'LEDGER_REVERSED_ALREADY' });
    const ofReversal = reverse({ transaction: reversal, reversedAt: clock.now(), reason: 'back' });
    await expect(post(system, ofReversal)).rejects.toMatchObject({ code: 'LEDGER_REVERSAL_STANDS' });
    const { system: other } = await newPartner();
    const ofOther = reverse({ transaction, reversedAt: clock.now(), reason: 'not theirs' });
    await expect(post(other, ofOther)).rejects.toMatchObject({ code: 'LEDGER_TRANSACTION_NOT_FOUND' });
  });
});

describe('the database', () => {
  const insertTransaction = (entryCount: number, id = newId('txn'), reverses: string | null = null) =>
    [
      `INSERT INTO ledger_transactions (id, organization_id, sequence, currency, kind, effective_at, recorded_at, source_key,
         content_sha256, description, entry_count, link_count, reverses_transaction_id)
       VALUES ($1::text, :organization, (SELECT count(*) + 1000 FROM ledger_transactions WHERE organization_id = :organization), 'USD', 'refund', '2026-01-01', '2026-01-01', $1, 'x', 'd', $2, 0, $3)`,
      [id, entryCount, reverses] as unknown[],
    ] as const;
  const insertEntry = (transactionId: string, account: string, amountMinor: number, position = 0) =>
    [
      `INSERT INTO ledger_entries (transaction_id, position, organization_id, currency, effective_at, sequence, account, amount_minor)
       SELECT id, $4, organization_id, currency, effective_at, sequence, $2, $3 FROM ledger_transactions
       WHERE id = $1 AND organization_id = :organization`,
      [transactionId, account, amountMinor, position] as unknown[],
    ] as const;
  type Statement = readonly [sql: string, parameters: unknown[]];
  const run = (scope: Scope, ...statements: Statement[]) =>
    database.transaction(scope, async (tx) => {
      for (const [sql, parameters] of statements) await tx.query(sql, parameters);
    });

  test('takes raw SQL that is whole, from the system', async () => {
    const { system, people } = await newPartner();
    const id = newId('txn');
    const whole = [insertTransaction(2, id), insertEntry(id, 'refunds', 5), insertEntry(id, 'cash_clearing', -5, 1)];
    await expect(run(people, ...whole)).rejects.toThrow('row-level security');
    await expect(run({ ...system, kind: 'lab' }, ...whole)).rejects.toThrow('row-level security');
    await run(system, ...whole);
  });

  test.each([
    ['one that does not sum to zero', 2, [5, -4], 'sums to 1'],
    ['one with fewer entries than it says', 3, [5, -5], 'was not made with'],
    ['one without those that it says', 2, [], 'was not made with'],
  ])('refuses %s', async (_, entryCount, amounts, refusal) => {
    const { system } = await newPartner();
    const id = newId('txn');
    const entries = amounts.map((amount, index) => insertEntry(id, ACCOUNT_NAMES[index]!, amount, index));
    await expect(run(system, insertTransaction(entryCount, id), ...entries)).rejects.toThrow(refusal);
  });

  test('refuses to add to a transaction later, even what sums to zero, and to hide it from the check', async () => {
    const { system } = await newPartner();
    const { id } = await post(system, usage(1, 100n));
    const added = [insertEntry(id, 'refunds', 5, 2), insertEntry(id, 'cash_clearing', -5, 3)];
    await expect(run(system, ...added)).rejects.toThrow('was not made with');
    const link = `INSERT INTO ledger_links (transaction_id, organization_id, currency, reference_type, reference_id)
      SELECT id, organization_id, currency, 'invoice', 'x' FROM ledger_transactions WHERE id = $1 AND organization_id = :organization`;
    await expect(run(system, [link, [id]])).rejects.toThrow('was not made with');
    const leave: Statement = [`SELECT set_config('app.organization_id', 'org_x', true)`, []];
    await expect(run(system, ...added, leave)).rejects.toThrow('can not be checked');
  });

  test('refuses a reversal that is none, and a second one', async () => {
    const { system } = await newPartner();
    const { id: original } = await post(system, usage(1, 100n));
    const negation = (id: string, amount: number) => [
      insertTransaction(2, id, original),
      insertEntry(id, 'unbilled_inference', -amount),
      insertEntry(id, 'inference_revenue', amount, 1),
    ];
    await expect(run(system, ...negation(newId('txn'), 99))).rejects.toThrow('does not negate');
    await run(system, ...negation(newId('txn'), 100));
    await expect(run(system, ...negation(newId('txn'), 100))).rejects.toThrow('duplicate key');
  });

  test.each([
    ['UPDATE ledger_transactions SET description = $$x$$'],
    ['UPDATE ledger_entries SET amount_minor = 1'],
    ['DELETE FROM ledger_transactions'],
    ['DELETE FROM ledger_entries'],
    ['DELETE FROM ledger_links'],
    ['TRUNCATE ledger_entries'],
    ['TRUNCATE ledger_transactions, ledger_entries, ledger_links'],
  ])('refuses %s to the application and to the owner', async (statement) => {
    const { system } = await newPartner();
    await expect(run(system, [statement, []])).rejects.toThrow('permission denied');
    const owner = new pg.Client({ connectionString: server.urls.owner });
    await owner.connect();
    try {
      await expect(owner.query(statement)).rejects.toThrow('only appended to');
    } finally {
      await owner.end();
    }
  });

  test('knows the accounts of the chart', () => {
    const migration = readFileSync('migrations/160-ledger.ts', 'utf8');
    const [, list] = migration.match(/const ACCOUNTS = \[([^\]]*)\]/)!;
    expect([...list!.matchAll(/'(\w+)'/g)].map(([, name]) => name)).toEqual(ACCOUNT_NAMES);
  });
});

describe('tenants', () => {
  test('read their own, the lab reads all, and nobody else anything', async () => {
    const [{ people, system }, { people: stranger }] = [await newPartner(), await newPartner()];
    const { organizationId } = people;
    const transaction = await post(system, usage(1, 100n));
    const query = { organizationId, account: 'unbilled_inference', currency: 'USD' } as const;
    const range = { from: START, to: clock.now() };
    for (const scope of [people, lab]) {
      expect(await read(scope, (tx) => reports.balance(tx, query))).toBe(100n);
      expect(await read(scope, (tx) => reports.balances(tx, { organizationId }))).toHaveLength(2);
      expect((await read(scope, (tx) => readStatement(tx, { ...query, ...range }, {}))).nodes).toHaveLength(1);
      expect(await read(scope, (tx) => readJournal(tx, { organizationId, transactions: 10 }))).toHaveLength(2);
    }
    const asked: Array<(tx: Transaction) => Promise<unknown>> = [
      (tx) => reports.balance(tx, query),
      (tx) => reports.balances(tx, { organizationId }),
      (tx) => reports.trialBalanceOf(tx, { organizationId }),
      (tx) => reports.trialBalance(tx),
      (tx) => readStatement(tx, { ...query, ...range }, {}),
      (tx) => readJournal(tx, { organizationId, transactions: 10 }),
    ];
    for (const work of asked)
      await expect(read(stranger, work)).rejects.toMatchObject({ code: 'LEDGER_OF_OTHER_ORGANIZATION' });
    expect(await read(stranger, (tx) => ledger.findBySourceKey(tx, transaction.sourceKey))).toBeNull();
    const sql = 'SELECT transaction_id FROM ledger_entries WHERE organization_id = $1';
    expect(await read(stranger, (tx) => tx.query(sql, [organizationId]))).toEqual([]);
  });
});

describe('reports', () => {
  test('sum balances from an index that holds all they need', async () => {
    const { system } = await newPartner();
    await post(system, usage(1, 100n));
    const plan = await read(system, async (tx) => {
      // Of so few rows all of the table would be read.
      await tx.query('SET LOCAL enable_seqscan = off');
      return tx.query(`EXPLAIN SELECT e.account, sum(e.amount_minor) FROM ledger_entries e
        WHERE e.organization_id = :organization AND e.effective_at < '2026-02-01' GROUP BY e.account`);
    });
    expect(JSON.stringify(plan)).toContain('Index Only Scan using ledger_entries_by_account');
  });

  const invoice = (invoiceId: string, amountMinor: bigint, accruedMinor: bigint) =>
    finalizeInvoice({
      invoiceId,
      currency: 'USD',
      finalizedAt: clock.now(),
      lines: linesOf([
        ['usage', amountMinor, 'output_tokens'],
        ['tax', 10n],
      ]),
      accruedMinor: { inference: accruedMinor },
      dueMinor: amountMinor + 10n,
      carriedOutMinor: 0n,
    });

  test('a statement has the balance after every line, whichever way it is paged, and both ends', async () => {
    const { system, people } = await newPartner();
    // Recorded in another order than that in which they take effect.
    for (const minute of [3, 0, 2, 4, 1, 5]) await post(system, usage(minute, BigInt(10 ** minute)));
    const query = {
      account: 'inference_revenue',
      currency: 'USD',
      from: new Date(START.getTime() + MINUTES),
      to: new Date(START.getTime() + 5 * MINUTES),
    } as const;
    const page = (args: object) => read(people, (tx) => readStatement(tx, query, args));
    const all = await page({});
    expect(all).toMatchObject({ openingMinor: 1n, closingMinor: 11_111n });
    expect(all.nodes.map(({ balanceMinor }) => balanceMinor)).toEqual([11n, 111n, 1_111n, 11_111n]);
    const first = await page({ first: 3 });
    const second = await page({ first: 3, after: first.pageInfo.endCursor });
    expect([...first.nodes, ...second.nodes]).toEqual(all.nodes);
    expect((await page({ last: 2 })).nodes).toEqual(all.nodes.slice(2));
    expect(second).toMatchObject({ openingMinor: 1n, closingMinor: 11_111n, pageInfo: { hasNextPage: false } });
    expect(await page({ first: 0 })).toMatchObject({ nodes: [], openingMinor: 1n, closingMinor: 11_111n });
    await expect(read(people, (tx) => readStatement(tx, { ...query, to: query.from }, {}))).rejects.toMatchObject({
      code: 'LEDGER_RANGE_INVALID',
    });
  });

  test('balances and trial balances are by currency and time, and debits equal credits', async () => {
    const { system, people } = await newPartner();
    await post(system, usage(1, 100n));
    await post(system, usage(2, 7n, 'KWD'));
    await post(system, invoice('inv_a', 120n, 100n));
    const before = new Date(START.getTime() + 2 * MINUTES);
    expect(await read(people, (tx) => reports.balances(tx, { before }))).toMatchObject([
      { account: 'unbilled_inference', currency: 'USD', balanceMinor: 100n },
      { account: 'inference_revenue', currency: 'USD', balanceMinor: 100n },
    ]);
    const trial = await read(people, (tx) => reports.trialBalanceOf(tx));
    expect(trial).toMatchObject([
      { currency: 'KWD', debitsMinor: 7n, creditsMinor: 7n },
      { currency: 'USD', debitsMinor: 230n, creditsMinor: 230n },
    ]);
    expect(trial[1]!.balances).toMatchObject([
      { account: 'accounts_receivable', balanceMinor: 130n },
      { account: 'unbilled_inference', debitsMinor: 100n, creditsMinor: 100n, balanceMinor: 0n },
      { account: 'tax_payable', balanceMinor: 10n },
      { account: 'inference_revenue', balanceMinor: 120n },
    ]);
    for (const { debitsMinor, creditsMinor } of await read(lab, (tx) => reports.trialBalance(tx)))
      expect(debitsMinor).toBe(creditsMinor);
  });

  test('what is open on an invoice, and what was accrued until a time and not billed', async () => {
    const { system } = await newPartner();
    const until = new Date(START.getTime() + 3 * MINUTES);
    const accrued = async () =>
      (await read(system, (tx) => reports.accruedUsage(tx, { currency: 'USD', until }))).inference;
    const open = () => read(system, (tx) => reports.openReceivable(tx, { invoiceId: 'inv_b' }));
    for (const minute of [1, 2]) await post(system, usage(minute, 100n));
    const later = await post(system, usage(3, 5n));
    expect(await accrued()).toBe(200n);
    await post(system, reverse({ transaction: later, reversedAt: START, reason: 'metered twice' }));
    expect(await accrued()).toBe(200n);
    await post(system, invoice('inv_b', 201n, 200n));
    expect([await accrued(), await open()]).toEqual([0n, 211n]);
    const given = {
      paymentId: 'p',
      invoiceId: 'inv_b',
      currency: 'USD',
      receivedAt: clock.now(),
      openMinor: 211n,
    } as const;
    const payment = await post(system, receivePayment({ ...given, amountMinor: 250n }));
    expect(await open()).toBe(0n);
    await post(system, reverse({ transaction: payment, reversedAt: clock.now(), reason: 'bounced' }));
    expect(await open()).toBe(211n);
  });

  test('the journal goes on where it ended, in the order in which it was recorded', async () => {
    const { system, people } = await newPartner();
    for (const minute of [3, 1, 2]) await post(system, usage(minute, 10n));
    const page = (afterSequence: bigint, transactions: number) =>
      read(people, (tx) => readJournal(tx, { afterSequence, transactions }));
    const whole = await page(0n, 10);
    expect(
      whole.map(({ sequence, account, debitMinor, creditMinor }) => [sequence, account, debitMinor, creditMinor]),
    ).toEqual(
      [1n, 2n, 3n].flatMap((sequence) => [
        [sequence, 'unbilled_inference', 10n, 0n],
        [sequence, 'inference_revenue', 0n, 10n],
      ]),
    );
    await post(system, usage(0, 10n));
    expect([...(await page(0n, 2)), ...(await page(2n, 1))]).toEqual(whole);
    expect(await page(3n, 10)).toHaveLength(2);
  });
});
