import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { PriceService, type RateLine, RateService } from '#libs/contracts';
import { ManualClock, type Meter, newId } from '#libs/kernel';
import { Database } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { UsageSummaryService } from './usage-summary.service.js';

const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));
let testing: TestDatabase;
let database: Database;
let gateway: pg.Client;
let lab: TestOrganization;
let partner: TestOrganization;

beforeAll(async () => {
  testing = await testDatabase();
  database = await new Database({ appUrl: testing.urls.app, clock }).connect();
  gateway = new pg.Client(testing.urls.gateway);
  await gateway.connect();
  [lab, partner] = [await testOrganization(testing, 'lab'), await testOrganization(testing)];
});
afterAll(async () => {
  await gateway?.end();
  await database?.close();
  await testing?.drop();
});

/** Each in nanos for a token. */
async function publish(prices: Partial<Record<Meter, bigint>>): Promise<void> {
  const lines = Object.entries(prices).map(
    ([meter, priceNanos]): RateLine => ({
      meter: meter as Meter,
      priceNanos,
      perUnits: 1n,
      familyId: null,
      checkpointId: null,
    }),
  );
  const rates = new RateService(clock);
  await database.transaction(lab.scope, async (tx) => {
    await rates.publish(tx, { rateCardId: await rates.draft(tx, { name: 'Prices', lines }) });
  });
}

/** A request with a prompt of so many tokens, of which some were cached. */
async function call(inputTokens: number, cached: number): Promise<void> {
  const id = newId('use');
  await gateway.query(
    `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, end_reason, model, checkpoint_id,
       base_checkpoint_id, family_id, input_tokens, admitted_at, ended_at)
     VALUES ($1, $2, $3, 'inference', $4, 'settled', 'completed', 'm', 'c', 'c', 'f', $5, $6, $6)`,
    [id, partner.organizationId, partner.projectId, newId('req'), inputTokens, clock.now()],
  );
  await gateway.query('UPDATE usage_events SET cached_input_tokens = $2 WHERE id = $1', [id, cached]);
}

async function summary() {
  const { rows, unpriced } = await database.read(partner.scope, (tx) =>
    new UsageSummaryService(new PriceService(clock)).summarize(tx, {
      from: new Date('2026-03-01T00:00:00.000Z'),
      to: new Date('2026-04-01T00:00:00.000Z'),
      groupBy: [],
    }),
  );
  return {
    rows: rows.map(({ meter, quantity, events, costNanos }) => [meter, quantity, events, costNanos]),
    unpriced,
  };
}

test('cached tokens of prompts are apart from when they have a price of their own, and prompt tokens before', async () => {
  await publish({ input_tokens: 10n });
  await call(100, 60);
  expect(await summary()).toEqual({ rows: [['input_tokens', 100n, 1, 1_000n]], unpriced: [] });
  clock.advance(1_000);
  await publish({ input_tokens: 10n, cached_input_tokens: 1n });
  await call(100, 60);
  await call(5, 5);
  await call(7, 0);
  expect(await summary()).toEqual({
    rows: [
      // Of the one before all; of the others what was not cached.
      ['input_tokens', 147n, 4, 1_470n],
      ['cached_input_tokens', 65n, 2, 65n],
    ],
    unpriced: [],
  });
});

test('more of a prompt than there is can not have been cached', async () => {
  await expect(call(5, 6)).rejects.toThrow('usage_events_check');
});
