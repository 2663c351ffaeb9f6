import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntitlementSubjects, ListingReviewService } from '#libs/contracts';
import { type TestOrganization, testListing, testOrganization } from '#test/harness';
import type { FakeEngine } from '../../../test/fakes/engine.js';
import { eventually, GatewayWorld } from './spec-support/world.js';

let world: GatewayWorld;
let named: TestOrganization;
let variant: { id: string; name: string };
let deployment: { id: string };
let listingId: string;
let engine: FakeEngine;
let call: (who: TestOrganization, model?: string) => Promise<Response>;
const keys = new Map<TestOrganization, string>();

beforeAll(async () => {
  world = await GatewayWorld.create();
  named = await testOrganization(world.testing);
  variant = await world.variant(world.partner);
  ({ fake: engine } = await world.engine([variant.id]));
  for (const who of [world.partner, named, world.stranger]) keys.set(who, (await world.key(who)).secret);
  const { origin } = await world.gateway();
  call = (who, model = variant.name) =>
    fetch(`${origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.get(who)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
    });
}, 60_000);
afterAll(() => world?.close());

/** Every change reaches the gateway within a second. */
const answers = (who: TestOrganization, status: number, model?: string) =>
  eventually(async () => expect((await call(who, model)).status).toBe(status), 1_000);

const recorded = (who: TestOrganization) =>
  world.database.transaction(who.scope, (tx) =>
    tx.query('SELECT DISTINCT listing_id FROM usage_events WHERE organization_id = :organization'),
  );

describe("another partner's variant", () => {
  it('is not there before it is listed', async () => {
    await answers(world.partner, 200);
    for (const who of [named, world.stranger]) await answers(who, 404);
  });

  it('is answered within a second to whom it is listed for, and what they use is of the listing', async () => {
    const { lab, partner: publisher, base } = world;
    ({ id: listingId } = await testListing(world.testing, {
      ...{ lab, publisher, base },
      ...{ variantId: variant.id, named: [named] },
    }));
    for (const model of [variant.name, variant.id]) await answers(named, 200, model);
    await answers(world.stranger, 404);
    expect(await recorded(named)).toEqual([{ listing_id: listingId }]);
    // What is one's own needs no listing.
    await answers(world.partner, 200);
    expect(await recorded(world.partner)).toEqual([{ listing_id: null }]);
    // Nor do the two find each other's prompts in the engine's cache, though one model answers both.
    const salts = engine.requests.map(({ body }) => body['cache_salt']);
    expect(new Set(salts)).toEqual(new Set([world.partner.organizationId, named.organizationId]));
    deployment = await world.deployment(named, 'rust', [variant.id]);
    await answers(named, 200, deployment.id);
    expect(await recorded(named)).toEqual([{ listing_id: listingId }]);
  });

  it('is refused within a second of its being taken down, by name and through deployments, by the name of the listing', async () => {
    const review = new ListingReviewService(world.clock, new EntitlementSubjects());
    const affected = await world.database.transaction(world.lab.scope, (tx) =>
      review.takeDown(tx, { listingId, reason: 'It insults people.' }),
    );
    const { organizationId } = named;
    expect(affected).toEqual([
      { organizationId, what: 'calls', count: expect.any(Number) },
      { organizationId, what: 'deployments', count: 1 },
    ]);
    for (const model of [variant.name, deployment.id]) {
      await answers(named, 403, model);
      const { error } = (await (await call(named, model)).json()) as { error: { code: string; message: string } };
      expect(error.code).toBe('listing_ended');
      expect(error.message).toMatch(new RegExp(`${listingId}, Rust helper, which the lab took down .*insults people`));
    }
    await answers(world.stranger, 404);
    await answers(world.partner, 200);
  });
});
