import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { AccountName } from '#libs/ledger';
import { flatRule } from '../../../contracts/src/contract/terms.fixture.js';
import { type Partnership, PartnershipFixture, RULES, termsOf } from '../invoices/partnership.fixture.js';
import { UsageAccrualRun } from '../jobs/usage-accrual-run.js';
import { UsageAccrualService } from './usage-accrual.service.js';

const START = '2024-01-10T12:00:00.000Z';
/** A cent for each input token, and half of it for all once there are more than 1,000. */
const BY_VOLUME = flatRule('input', '1', {
  price: {
    kind: 'volume',
    tiers: [
      { upTo: '1000', priceNanos: '10000000', perUnits: '1', feeNanos: '0' },
      { upTo: null, priceNanos: '5000000', perUnits: '1', feeNanos: '0' },
    ],
  },
});
let fixture: PartnershipFixture;
let run: UsageAccrualRun;

beforeAll(async () => {
  fixture = await PartnershipFixture.start(START);
  const { database, ledger, reports, clock } = fixture;
  run = new UsageAccrualRun(database, new UsageAccrualService(database, ledger, reports, clock));
});
afterAll(() => fixture?.stop());
afterEach(async () => {
  const trial = await fixture.asLab((tx) => fixture.reports.trialBalance(tx));
  for (const { debitsMinor, creditsMinor } of trial) expect(debitsMinor).toBe(creditsMinor);
});

async function agreed(terms = termsOf()): Promise<Partnership> {
  fixture.clock.set(new Date(START));
  const partner = await fixture.agree('2024-08-16T00:00:00.000Z', { terms });
  await fixture.run.run();
  return partner;
}

/** As the worker does it, twice: the second time it finds it done. */
async function accrueAt(now: string): Promise<void> {
  await fixture.at(now);
  await run.run();
  await run.run();
}

const balanceOf = ({ organizationId }: Partnership, account: AccountName) =>
  fixture.asLab((tx) => fixture.reports.balance(tx, { organizationId, account, currency: 'USD' }));
const inference = async (partner: Partnership) => [
  await balanceOf(partner, 'unbilled_inference'),
  await balanceOf(partner, 'inference_revenue'),
];
const accrualsOf = ({ organizationId }: Partnership) =>
  fixture.asLab((tx) =>
    tx.query<{ key: string }>(
      `SELECT t.source_key AS key FROM ledger_transactions t WHERE t.organization_id = $1 AND t.kind = 'accrue_usage' ORDER BY t.sequence`,
      [organizationId],
    ),
  );

it('is revenue on the day after it happened, in one transaction for all of it, and is billed once', async () => {
  const partner = await agreed();
  for (let request = 0; request < 50; request++)
    await fixture.use(partner, { at: '2024-01-11T08:00:00.000Z', input: 2 });
  await fixture.use(partner, { at: '2024-01-11T09:00:00.000Z', training: 10 });
  await accrueAt('2024-01-11T23:00:00.000Z');
  expect(await inference(partner)).toEqual([0n, 0n]);
  await accrueAt('2024-01-12T00:30:00.000Z');
  expect(await inference(partner)).toEqual([100n, 100n]);
  expect(await balanceOf(partner, 'training_revenue')).toBe(20n);
  expect(await accrualsOf(partner)).toEqual([{ key: `accrue_usage:${partner.contractId}/1/2024-01-12T00:00:00.000Z` }]);
  await accrueAt('2024-01-13T00:30:00.000Z');
  expect(await accrualsOf(partner)).toHaveLength(1);
  await fixture.at('2024-02-04T00:00:00.001Z');
  expect((await fixture.documents(partner))[0].dueMinor).toBe('120');
  expect(await inference(partner)).toEqual([0n, 100n]);
  expect(await balanceOf(partner, 'accounts_receivable')).toBe(120n);
});

it('comes to what the invoice says, though more of it makes all of it cheaper, and though some comes late', async () => {
  const partner = await agreed(termsOf({ prices: [BY_VOLUME, ...RULES.slice(1)] }));
  await fixture.use(partner, { at: '2024-01-11T08:00:00.000Z', input: 1_000 });
  await accrueAt('2024-01-12T00:30:00.000Z');
  expect(await inference(partner)).toEqual([1_000n, 1_000n]);
  await fixture.use(partner, { at: '2024-01-12T08:00:00.000Z', input: 200 });
  await fixture.use(partner, { at: '2024-01-11T23:59:00.000Z', finalAt: '2024-01-12T09:00:00.000Z', input: 100 });
  await accrueAt('2024-01-13T00:30:00.000Z');
  expect(await inference(partner)).toEqual([650n, 650n]);
  // After the period only the invoice knows of it.
  await fixture.use(partner, { at: '2024-01-31T23:59:00.000Z', finalAt: '2024-02-01T00:10:00.000Z', input: 100 });
  await fixture.use(partner, { at: '2024-02-01T08:00:00.000Z', input: 7 });
  await accrueAt('2024-02-02T00:30:00.000Z');
  expect(await inference(partner)).toEqual([700n + 7n, 700n + 7n]);
  await fixture.use(partner, { at: '2024-01-31T22:00:00.000Z', finalAt: '2024-02-02T10:00:00.000Z', input: 100 });
  await accrueAt('2024-02-03T00:30:00.000Z');
  await fixture.at('2024-02-04T00:00:00.001Z');
  expect((await fixture.documents(partner))[0].dueMinor).toBe('750');
  expect(await inference(partner)).toEqual([7n, 750n + 7n]);
});
