import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineNanos, PriceService, type RateLine, RateService, total } from '#libs/contracts';
import { ManualClock, type Meter, newId } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { USAGE_DIMENSIONS } from './rated-usage.js';
import { type JobUsage, UsageService } from './usage.service.js';
import { type UsageSummaryQuery, UsageSummaryService } from './usage-summary.service.js';

const clock = new ManualClock(new Date('2026-02-01T00:00:00.000Z'));
const service = new UsageService(clock);
const rates = new RateService(clock);
const prices = new PriceService(clock);
const summaries = new UsageSummaryService(prices);
let testing: TestDatabase;
let database: Database;
let lab: TestOrganization;
let partner: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  testing = await testDatabase();
  database = await new Database({ appUrl: testing.urls.app, clock }).connect();
  [lab, partner, other] = [
    await testOrganization(testing, 'lab'),
    await testOrganization(testing),
    await testOrganization(testing),
  ];
});
afterAll(async () => {
  await database.close();
  await testing.drop();
});

const as = <T>({ scope }: TestOrganization, work: (tx: Transaction) => Promise<T>) => database.transaction(scope, work);
const job = (part: Partial<JobUsage> = {}): JobUsage => ({
  projectId: partner.projectId,
  model: 'ft:forge-1:a:b:123456',
  checkpointId: 'ckpt_1',
  baseCheckpointId: 'ckpt_1',
  familyId: 'fam_1',
  tokens: 1_000,
  acceptedAt: clock.now(),
  ...part,
});
const summarize = (who: TestOrganization, query: Partial<UsageSummaryQuery>) =>
  database.read(who.scope, (tx) =>
    summaries.summarize(tx, {
      from: new Date('2026-02-01T00:00:00.000Z'),
      to: new Date('2026-04-01T00:00:00.000Z'),
      groupBy: [],
      ...query,
    }),
  );

async function publishPrices(effectiveFrom: Date, lines: RateLine[], forOrganizationId?: string): Promise<void> {
  await as(lab, async (tx) => {
    const rateCardId = await rates.draft(tx, { name: 'Prices', lines, forOrganizationId });
    await rates.publish(tx, { rateCardId, effectiveFrom });
  });
}
const price = (meter: Meter, priceNanos: bigint, perUnits: bigint, part: Partial<RateLine> = {}): RateLine => ({
  meter,
  priceNanos,
  perUnits,
  familyId: null,
  checkpointId: null,
  ...part,
});

describe('UsageService', () => {
  it('records a job once, however often and by how many at a time', async () => {
    const fineTuneJobId = newId('ftjob');
    const record = () =>
      as(other, (tx) =>
        service.recordTraining(tx, { ...job({ projectId: other.projectId }), fineTuneJobId, method: 'lora' }),
      );
    const ids = await Promise.all([record(), record(), record()]);
    expect(new Set([...ids, await record()]).size).toBe(1);
    const { rows } = await summarize(other, {});
    expect(rows).toMatchObject([{ meter: 'training_tokens', quantity: 1_000n, events: 1 }]);
  });

  it('refuses another amount for the same job, and rolls back with its transaction', async () => {
    const evaluationRunId = newId('evalrun');
    const record = (tokens: number) =>
      as(other, (tx) =>
        service.recordEvaluation(tx, { ...job({ projectId: other.projectId, tokens }), evaluationRunId }),
      );
    await record(7);
    await expect(record(8)).rejects.toMatchObject({
      code: 'USAGE_RECORDED_OTHERWISE',
      details: { recorded: 7, given: 8 },
    });
    const failing = as(other, async (tx) => {
      await service.recordTraining(tx, {
        ...job({ projectId: other.projectId, tokens: 5_000 }),
        fineTuneJobId: newId('ftjob'),
        method: 'lora',
      });
      throw new Error('the job could not be ended');
    });
    await expect(failing).rejects.toThrow();
    const { rows } = await summarize(other, {});
    expect(rows.map(({ meter, quantity }) => [meter, quantity])).toEqual([
      ['evaluation_tokens', 7n],
      ['training_tokens', 1_000n],
    ]);
  });
});

describe('UsageSummaryService', () => {
  it('says what has no price instead of giving it away', async () => {
    const { rows, totalNanos, unpriced } = await summarize(other, {});
    expect(rows.every(({ costNanos }) => costNanos === null)).toBe(true);
    expect(totalNanos).toBe(0n);
    expect(unpriced).toEqual([
      { meter: 'training_tokens', quantity: 1_000n },
      { meter: 'evaluation_tokens', quantity: 7n },
    ]);
  });

  it('costs what its events cost one by one, by the prices of their own moments, in every grouping', async () => {
    await publishPrices(new Date('2026-02-05T00:00:00.000Z'), [
      price('training_tokens', 7n, 3n),
      price('evaluation_tokens', 1n, 3n),
      price('training_tokens', 11n, 7n, { familyId: 'fam_2' }),
    ]);
    await publishPrices(new Date('2026-02-20T12:00:00.000Z'), [
      price('training_tokens', 13n, 3n),
      price('evaluation_tokens', 2n, 7n),
    ]);
    await publishPrices(
      new Date('2026-03-05T00:00:00.000Z'),
      [price('training_tokens', 1n, 1n)],
      partner.organizationId,
    );
    const events: Array<JobUsage & { meter: Meter; jobId: string }> = [];
    const anyEvent = fc.record({
      day: fc.double({ min: 0, max: 40, noNaN: true }),
      tokens: fc.integer({ min: 1, max: 10_000 }),
      familyId: fc.constantFrom('fam_1', 'fam_2'),
      model: fc.constantFrom('a', 'b', 'c'),
      meter: fc.constantFrom<Meter>('training_tokens', 'evaluation_tokens'),
    });
    await as(partner, async (tx) => {
      for (const { day, meter, ...part } of fc.sample(anyEvent, { numRuns: 200, seed: 1 })) {
        const usage = job({ ...part, acceptedAt: new Date(Date.UTC(2026, 1, 5) + Math.floor(day * 86_400_000)) });
        const jobId = newId(meter === 'training_tokens' ? 'ftjob' : 'evalrun');
        events.push({ ...usage, meter, jobId });
        if (meter === 'training_tokens')
          await service.recordTraining(tx, { ...usage, fineTuneJobId: jobId, method: 'lora' });
        else await service.recordEvaluation(tx, { ...usage, evaluationRunId: jobId });
      }
    });
    const book = await database.read(partner.scope, (tx) => prices.bookFor(tx));
    const costOf = (some: typeof events) =>
      total(
        some.map((event) => lineNanos(book.find({ ...event, method: null }, event.acceptedAt)!, BigInt(event.tokens))),
      );
    for (const groupBy of [
      [],
      ['model'],
      ['day'],
      ['project', 'model', 'day'],
      ['job'],
      [...USAGE_DIMENSIONS],
    ] as const) {
      const { rows, totalNanos, unpriced } = await summarize(partner, { groupBy });
      expect(unpriced).toEqual([]);
      expect(totalNanos).toBe(costOf(events));
      expect(rows.reduce((sum, { quantity }) => sum + quantity, 0n)).toBe(
        BigInt(events.reduce((sum, { tokens }) => sum + tokens, 0)),
      );
      for (const row of rows) {
        const own = events.filter(
          (event) =>
            event.meter === row.meter &&
            (row.model === null || row.model === event.model) &&
            (row.jobId === null || row.jobId === event.jobId) &&
            (row.day === null || row.day === event.acceptedAt.toISOString().slice(0, 10)),
        );
        expect({ events: row.events, cost: row.costNanos }).toEqual({ events: own.length, cost: costOf(own) });
      }
    }
  });

  it('counts what lies in its span alone: its beginning in, its end out', async () => {
    const at = new Date('2026-03-20T10:00:00.000Z');
    const projectId = partner.projectId;
    await as(partner, (tx) =>
      service.recordTraining(tx, {
        ...job({ tokens: 1, acceptedAt: at }),
        fineTuneJobId: newId('ftjob'),
        method: 'lora',
      }),
    );
    const events = async (from: Date, to: Date) => (await summarize(partner, { from, to, projectId })).rows.length;
    const [before, after] = [new Date(at.getTime() - 1), new Date(at.getTime() + 1)];
    expect([await events(at, after), await events(before, at), await events(before, after)]).toEqual([1, 0, 1]);
  });

  it('is for the own organization, but for the lab', async () => {
    const query = { organizationId: partner.organizationId };
    expect((await summarize(lab, query)).totalNanos).toBe((await summarize(partner, {})).totalNanos);
    expect((await summarize(lab, {})).rows).toEqual([]);
    await expect(summarize(other, query)).rejects.toMatchObject({ code: 'USAGE_OF_OTHER_ORGANIZATION' });
    const confined = { ...partner, scope: { ...partner.scope, projectIds: ['proj_other'] } };
    expect((await summarize(confined, {})).rows).toEqual([]);
  });

  it.each([
    ['2026-03-01', '2026-03-01'],
    ['2026-03-02', '2026-03-01'],
    ['2024-01-01', '2026-03-01'],
  ])('refuses the span from %s to %s', async (from, to) => {
    await expect(summarize(partner, { from: new Date(from), to: new Date(to) })).rejects.toMatchObject({
      code: 'USAGE_RANGE_INVALID',
    });
  });
});
