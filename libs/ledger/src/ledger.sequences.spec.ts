import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ManualClock } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import { type TestDatabase, testDatabase, testOrganization } from '#test/harness';
import { ACCOUNT_NAMES, type AccountName, unbilledOf } from './chart.js';
import { ACTIONS, LedgerModel, type Step } from './ledger.model.fixture.js';
import { LedgerService } from './ledger.service.js';
import { LedgerReports } from './ledger-reports.js';
import { readStatement } from './ledger-statement.js';
import { METER_KINDS } from './meters.js';

const NOW = new Date('2026-02-05T12:00:00.000Z');
const clock = new ManualClock(NOW);
const ledger = new LedgerService(clock);
const reports = new LedgerReports();
const USD = { currency: 'USD' } as const;
/** Windows lie before it, everything else at it. */
const AFTER_ALL = new Date(NOW.getTime() + 1);
const BEFORE_ALL = new Date(0);

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await testDatabase();
  database = await new Database({ appUrl: server.urls.app, clock }).connect();
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

const steps = fc.array(fc.record({ action: fc.constantFrom(...ACTIONS), size: fc.nat(1_000) }), {
  minLength: 15,
  maxLength: 60,
  size: 'max',
});

test('after any sequence of postings the ledger agrees with sums kept beside it', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const { scope } = await testOrganization(server);
      const system: Scope = { ...scope, actor: { type: 'system', id: 'billing' } };
      const model = new LedgerModel(ledger, reports, NOW);
      for (const step of sequence) await take(system, model, step);
      await expectAgreement(system, model);
    }),
    { numRuns: 12 },
  );
});

const take = (system: Scope, model: LedgerModel, step: Step) =>
  database.transaction(system, async (tx) => {
    await ledger.hold(tx);
    await model.take(tx, step);
  });

async function expectAgreement(system: Scope, model: LedgerModel): Promise<void> {
  await database.read(system, async (tx) => {
    const [trial] = await reports.trialBalanceOf(tx);
    expect(trial?.debitsMinor).toBe(trial?.creditsMinor);
    const balances = new Map(trial?.balances.map(({ account, balanceMinor }) => [account, balanceMinor]));
    const of = (account: AccountName) => balances.get(account) ?? 0n;
    const allUnbilled = METER_KINDS.map(unbilledOf).reduce((sum, account) => sum + of(account), 0n);
    for (const [account, expected] of model.expected()) {
      const isSummed = (account as string) === 'all_unbilled';
      expect([account, isSummed ? allUnbilled : of(account)]).toEqual([account, expected]);
    }
    for (const [inLedger, inModel] of await model.openOfInvoices(tx)) expect(inLedger).toBe(inModel);
    for (const account of ACCOUNT_NAMES) {
      const query = { account, ...USD, from: BEFORE_ALL, to: AFTER_ALL };
      const { openingMinor, closingMinor, nodes, pageInfo } = await readStatement(tx, query, { first: 100 });
      expect([openingMinor, closingMinor, pageInfo.hasNextPage]).toEqual([0n, of(account), false]);
      expect(nodes.at(-1)?.balanceMinor ?? 0n).toBe(closingMinor);
    }
  });
}
