import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ContractTerms, PriceService } from '#libs/contracts';
import { newId } from '#libs/kernel';
import { UsageService, UsageSummaryService } from '#libs/usage';
import { ContractFixture } from '../../../contracts/src/contract/contract.fixture.js';
import { makeInvoices } from './invoices.js';

const START = new Date('2026-03-10T12:00:00.000Z');
const AMENDED = new Date('2026-04-11T00:00:00.000Z');
const END = new Date('2027-04-01T00:00:00.000Z');
const NANOS_IN_CENT = 10_000_000n;

/** Whole cents per unit, so that no line is rounded and amounts can be compared to the nano. */
const tier = (upTo: string | null, cents: number) => ({
  upTo,
  priceNanos: `${cents}0000000`,
  perUnits: '1',
  feeNanos: '20000000',
});
const terms = (kind: 'graduated' | 'volume', cents: number) =>
  ContractTerms.parse({
    prices: [
      {
        id: 'training',
        meter: 'training_tokens',
        match: {},
        price: { kind, tiers: [tier('30', cents), tier(null, 1)] },
      },
      {
        id: 'evaluation',
        meter: 'evaluation_tokens',
        match: {},
        price: { kind: 'package', priceNanos: '50000000', packageUnits: '40' },
      },
    ],
    discounts: [],
    minimumMinor: '0',
    commitments: [],
    taxBasisPoints: 0,
  });

let fixture: ContractFixture;
beforeAll(async () => {
  fixture = await ContractFixture.start();
});
afterAll(() => fixture?.stop());

it('sums usage up to what the invoices charge for it, tiers and packages included', async () => {
  const [first, second] = [terms('graduated', 3), terms('volume', 2)];
  fixture.clock.set(START);
  const { contractId } = await fixture.inForce({ terms: first });
  const amendment = await fixture.amend(contractId, { effectiveFrom: AMENDED, terms: second });
  await fixture.submitAndOffer(amendment);
  await fixture.accept(amendment);
  const { projectId } = fixture.partner;
  const subject = { projectId, model: 'm', checkpointId: 'ckpt_1', baseCheckpointId: 'ckpt_1', familyId: 'fam_1' };
  const used = ['03-10T12:00', '03-20T00:00', '04-01T00:00', '04-10T23:59', '04-11T00:00', '04-30T00:00'].map((at) => ({
    id: newId('ftjob'),
    at: new Date(`2026-${at}:00.000Z`),
  }));
  const usage = new UsageService(fixture.clock);
  await fixture.as(fixture.partner, async (tx) => {
    for (const { id, at: acceptedAt } of used) {
      await usage.recordTraining(tx, { ...subject, fineTuneJobId: id, method: 'lora', tokens: 25, acceptedAt });
      await usage.recordEvaluation(tx, { ...subject, evaluationRunId: id, tokens: 25, acceptedAt });
    }
  });
  const summaries = new UsageSummaryService(new PriceService(fixture.clock));
  const query = { from: START, to: new Date('2026-05-01T00:00:00.000Z'), groupBy: ['day' as const] };
  const summary = await fixture.as(fixture.partner, (tx) => summaries.summarize(tx, query));
  const events = used.flatMap(({ id, at }) =>
    (['training_tokens', 'evaluation_tokens'] as const).map((meter) => ({
      id: `${id} ${meter}`,
      at: at.getTime(),
      receivedAt: at.getTime(),
      meter,
      quantity: 25n,
      projectId,
      familyId: 'fam_1',
      checkpointId: 'ckpt_1',
      listingId: null,
      method: null,
    })),
  );
  const { invoices } = makeInvoices({
    currency: 'EUR',
    startsAt: START.getTime(),
    endsAt: END.getTime(),
    graceDays: 3,
    periods: 2,
    versions: [
      { number: 1, effectiveFrom: START.getTime(), terms: first },
      { number: 2, effectiveFrom: AMENDED.getTime(), terms: second },
    ],
    events,
    grants: [],
  });
  const charged = invoices.reduce((sum, { netMinor }) => sum + BigInt(netMinor), 0n);
  expect(charged).toBeGreaterThan(0n);
  expect(summary).toMatchObject({ currency: 'EUR', totalNanos: charged * NANOS_IN_CENT, unpriced: [] });
  // Of one day the share of its month's lines: of fifty graduated units 25, of two packages' price one half.
  const [day] = summary.rows.filter(({ meter }) => meter === 'evaluation_tokens');
  expect(day).toMatchObject({ day: '2026-03-10', costNanos: 50_000_000n });
  // And of a single day's range the same, though the rest of the month lies outside.
  const oneDay = { ...query, to: new Date('2026-03-11T00:00:00.000Z') };
  const { rows } = await fixture.as(fixture.partner, (tx) => summaries.summarize(tx, oneDay));
  expect(rows).toEqual(summary.rows.filter((row) => row.day === '2026-03-10'));
});
