import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  findCaps,
  InferenceSpending,
  PriceService,
  RateService,
  ReservationService,
  ServiceStopService,
  SpendCapKeeper,
  SpendCapService,
  SpendCapStops,
  type SpendCapTerms,
  SpendLeaseService,
} from '#libs/contracts';
import { newId, systemClock } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { InferenceSpendService } from '../inference-spend.service.js';
import { SpendCounter } from './spend-counter.js';

// When usage becomes final is the database's own time, so the rest goes by that too.
const clock = systemClock;
let testing: TestDatabase;
let database: Database;
let gateway: pg.Client;
let lab: TestOrganization;
let partner: TestOrganization;
let keeper: SpendCapKeeper;
let counter: SpendCounter;

beforeAll(async () => {
  testing = await testDatabase();
  const { app: appUrl, reconciler } = testing.urls;
  database = await new Database({ appUrl, narrowUrls: { reconciler } }).connect();
  gateway = new pg.Client(testing.urls.gateway);
  await gateway.connect();
  [lab, partner] = [await testOrganization(testing, 'lab'), await testOrganization(testing)];
  const spending = new InferenceSpending();
  const prices = new PriceService(clock);
  spending.answeredBy(new InferenceSpendService(prices));
  keeper = new SpendCapKeeper(clock, spending);
  const leases = new SpendLeaseService(clock, prices, keeper, new ReservationService(clock, keeper));
  const stops = new SpendCapStops(keeper, new ServiceStopService(clock), clock);
  counter = new SpendCounter(database, keeper, leases, stops, clock);
  await publishPrices();
});
afterAll(async () => {
  await gateway?.end();
  await database?.close();
  await testing?.drop();
});

const as = <T>({ scope }: TestOrganization, work: (tx: Transaction) => Promise<T>) => database.transaction(scope, work);

/** 3 nanos for 2 tokens of a prompt, 2 for one of an answer. */
async function publishPrices(): Promise<void> {
  const everything = { familyId: null, checkpointId: null };
  const lines = [
    { meter: 'input_tokens', priceNanos: 3n, perUnits: 2n, ...everything },
    { meter: 'output_tokens', priceNanos: 2n, perUnits: 1n, ...everything },
  ] as const;
  const rates = new RateService(clock);
  await as(lab, async (tx) => {
    await rates.publish(tx, { rateCardId: await rates.draft(tx, { name: 'Prices', lines }) });
  });
}

const setCap = (part: Partial<SpendCapTerms>): Promise<string> =>
  as(partner, (tx) =>
    new SpendCapService(clock, keeper).set(
      tx,
      {
        organizationId: partner.organizationId,
        projectId: null,
        apiKeyId: null,
        limitNanos: 100n,
        currency: 'USD',
        period: 'month',
        isHard: true,
        alertPercents: [80],
        ...part,
      },
      null,
    ),
  );

/** A request that has ended, as a gateway records it. */
async function call(inputTokens: number, outputTokens: number): Promise<void> {
  const now = clock.now();
  await gateway.query(
    `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, end_reason, model, checkpoint_id,
       base_checkpoint_id, family_id, input_tokens, output_tokens, admitted_at, ended_at)
     VALUES ($1, $2, $3, 'inference', $4, 'settled', 'completed', 'm', 'c', 'c', 'f', $5, $6, $7, $7)`,
    [newId('use'), partner.organizationId, partner.projectId, newId('req'), inputTokens, outputTokens, now],
  );
}

const spentOf = (id: string) =>
  as(partner, async (tx) => {
    const [counted] = await keeper.measured(tx, await findCaps(tx, [id]), clock.now());
    return counted!.window.spentNanos;
  });

it('counts requests once, however often and at once it runs, for caps that were there and for one that comes later', async () => {
  await call(10, 5);
  const early = await setCap({});
  await counter.run();
  expect(await spentOf(early)).toBe(25n);
  for (let i = 0; i < 3; i += 1) await call(2, 10);
  const { organizationId } = partner;
  await Promise.all([counter.count(organizationId), counter.count(organizationId), counter.count(organizationId)]);
  await counter.run();
  expect(await spentOf(early)).toBe(94n);
  const late = await setCap({ projectId: partner.projectId, period: 'total' });
  await call(4, 0);
  await counter.run();
  expect([await spentOf(early), await spentOf(late)]).toEqual([100n, 100n]);
  const alerts = await as(partner, (tx) => tx.query('SELECT cap_id, percent FROM spend_cap_alerts ORDER BY cap_id'));
  expect(alerts).toEqual([early, late].sort().map((capId) => ({ cap_id: capId, percent: 80 })));
});

it('stops the calls of whom a hard cap leaves nothing at the gateway, until it is raised', async () => {
  const stopped = async () => {
    await counter.run();
    const sql = `SELECT subject_id, source_kind, reason, clause FROM gateway_stops WHERE organization_id = $1 ORDER BY subject_id`;
    return (await gateway.query(sql, [partner.organizationId])).rows;
  };
  const { organizationId, projectId } = partner;
  const clause = 'a spend cap that your organization set';
  const reason = expect.stringMatching(/^The spend cap cap_\w+ of .+ leaves nothing$/);
  // Both are used up by the calls above.
  expect(await stopped()).toEqual([
    { subject_id: organizationId, source_kind: 'spend_cap', reason, clause },
    { subject_id: projectId, source_kind: 'spend_cap', reason, clause },
  ]);
  await setCap({ limitNanos: 101n });
  expect(await stopped()).toMatchObject([{ subject_id: projectId }]);
  await setCap({ projectId, period: 'total', limitNanos: 99n, isHard: false });
  expect(await stopped()).toEqual([]);
});
