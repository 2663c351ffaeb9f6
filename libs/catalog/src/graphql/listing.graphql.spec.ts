import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ContractsGraphqlModule } from '#libs/contracts/graphql';
import { ROLES, type Role } from '#libs/identity';
import { ManualClock, newId, sha256Hex } from '#libs/kernel';
import { Database } from '#platform/database';
import {
  type TestCheckpoint,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testCheckpoint,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { CatalogService } from '../catalog.service.js';
import { CatalogGraphqlModule } from './index.js';

const LICENSE = 'Apache-2.0';
const TERMS = 'Use it kindly.';
const clock = new ManualClock(new Date('2026-03-10T12:00:00.000Z'));
let testing: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let publisher: TestOrganization;
let named: TestOrganization;
let other: TestOrganization;
let base: TestCheckpoint;
let variant: { id: string; name: string };
const callers: Record<'operator' | 'approver' | 'billing' | 'publisher' | 'engineer' | 'named' | 'other', string> =
  {} as never;

beforeAll(async () => {
  testing = await testDatabase();
  graphql = await TestGraphql.start(testing, [ContractsGraphqlModule, CatalogGraphqlModule], clock);
  lab = await testOrganization(testing, 'lab');
  [publisher, named, other] = [
    await testOrganization(testing),
    await testOrganization(testing),
    await testOrganization(testing),
  ];
  base = await testCheckpoint(testing, lab, { grantee: publisher });
  variant = await makeVariant();
  const person = (organization: TestOrganization, role: Role) => {
    const scope = { ...organization.scope, actor: { type: 'user', id: newId('user') } as const };
    return graphql.caller({ ...organization, scope }, ROLES[role].permissions);
  };
  callers.operator = person(lab, 'lab_operator');
  callers.approver = person(lab, 'lab_approver');
  callers.billing = person(lab, 'lab_billing_admin');
  callers.publisher = person(publisher, 'partner_admin');
  callers.engineer = person(publisher, 'partner_engineer');
  callers.named = person(named, 'partner_admin');
  callers.other = person(other, 'partner_admin');
});
afterAll(async () => {
  await graphql?.stop();
  await testing?.drop();
});
beforeEach(() => clock.advance(60_000));

/** As a fine-tune of the publisher leaves it. */
async function makeVariant(): Promise<{ id: string; name: string }> {
  const id = newId('ckpt');
  const name = `ft:${base.name}:acme:rust:${id.slice(-6)}`;
  await graphql.get(Database).transaction(publisher.scope, (tx) =>
    tx.query(
      `INSERT INTO checkpoints (id, organization_id, project_id, family_id, name, kind, parent_checkpoint_id, recipe, base_checkpoint_id,
         step, tokens_seen, license, model_card, status, manifest_sha256, tokenizer_sha256, template_sha256, architecture_sha256,
         architecture, adapter, context_length, created_by, created_at, published_at)
       SELECT $1, $2, $3, family_id, $4, 'adapter', id, '{}', id, 1, 1, license, '{}', 'published', $5, tokenizer_sha256,
         template_sha256, architecture_sha256, architecture, '{}', context_length, 'spec', $6, $6 FROM checkpoints WHERE id = $7`,
      [id, publisher.organizationId, publisher.projectId, name, sha256Hex(id), clock.now(), base.id],
    ),
  );
  return { id, name };
}

const SHOWN = 'listing { id state termsVersion termsSha256 reviews { verdict reason publisherShareBasisPoints } }';
const PRICES = [
  { meter: 'INPUT_TOKENS', priceNanos: '500000000', perUnits: '1000000' },
  { meter: 'OUTPUT_TOKENS', priceNanos: '1500000000', perUnits: '1000000' },
];
const offerOf = (part: object = {}) => ({
  ...{ checkpointId: variant.id, title: 'Rust helper', summary: 'Writes Rust.', currency: 'USD', prices: PRICES },
  ...{ terms: TERMS, organizationIds: [named.organizationId], ...part },
});
const create = (who = callers.publisher, part: object = {}) =>
  graphql.mutate(who, 'createListing', offerOf(part), SHOWN);
const drafted = async (part: object = {}): Promise<string> => (await create(callers.publisher, part)).listing.id;
const act = (who: string, name: string, listingId: string, part: object = {}) =>
  graphql.mutate(who, name, { listingId, ...part }, SHOWN);
const approve = (who: string, listingId: string, termsSha256 = sha256Hex(TERMS)) =>
  act(who, 'approveListing', listingId, { termsSha256, publisherShareBasisPoints: 7_000 });
const codes = ({ userErrors }: { userErrors: Array<{ code: string }> }) => userErrors.map(({ code }) => code);
const idsOf = async (who: string, query: string) =>
  (await graphql.ask(who, `{ ${query} { nodes { id } } }`))[query.split('(')[0]!].nodes.map(
    ({ id }: { id: string }) => id,
  );
const publishLicense = (allowsOffering: boolean) =>
  graphql.mutate(
    callers.operator,
    'publishLicense',
    { name: LICENSE, text: `Offering: ${allowsOffering}`, requiresAcceptance: false, allowsOffering },
    'license { version allowsOffering }',
  );
const SEEN = 'query($model: String!) { checkpoint(model: $model) { id allowedActions base { name } family { name } } }';
const seen = async (who: string) => (await graphql.ask(who, SEEN, { model: variant.name })).checkpoint;
const use = (organization: TestOrganization, action: 'fine_tune' | 'deploy' | 'download_weights') =>
  graphql.get(Database).transaction(organization.scope, async (tx) => {
    const catalog = graphql.get(CatalogService);
    return catalog.assertMay(tx, action, await catalog.getUsable(tx, variant.name));
  });

async function listed(part: object = {}): Promise<string> {
  const id = await drafted(part);
  expect((await act(callers.publisher, 'submitListing', id)).userErrors).toEqual([]);
  expect((await approve(callers.approver, id)).userErrors).toEqual([]);
  return id;
}

describe('a listing', () => {
  it('offers an own variant at a price for each meter, by whoever may', async () => {
    for (const who of [callers.engineer, callers.operator]) expect(codes(await create(who))).toEqual(['FORBIDDEN']);
    expect(codes(await create(callers.named))).toEqual(['LISTING_VARIANT_NOT_FOUND']);
    expect(codes(await create(callers.publisher, { checkpointId: base.id }))).toEqual(['LISTING_VARIANT_NOT_FOUND']);
    const [input] = PRICES;
    for (const prices of [[input], [...PRICES, input], [input, { ...PRICES[1], perUnits: '0' }]])
      expect(codes(await create(callers.publisher, { prices }))).toEqual(['LISTING_PRICES_INVALID']);
    for (const organizationIds of [[], [newId('org')], [publisher.organizationId]])
      expect(codes(await create(callers.publisher, { organizationIds }))).toEqual(['LISTING_AUDIENCE_INVALID']);
    const { listing } = await create();
    expect(listing).toMatchObject({ state: 'DRAFT', termsVersion: 1, termsSha256: sha256Hex(TERMS), reviews: [] });
    const revised = await act(callers.publisher, 'updateListing', listing.id, { terms: 'Use it.', title: 'Rust' });
    expect(revised.listing).toMatchObject({ termsVersion: 2, termsSha256: sha256Hex('Use it.') });
    expect(codes(await act(callers.named, 'updateListing', listing.id))).toEqual(['LISTING_NOT_FOUND']);
    expect(await idsOf(callers.named, 'listings')).toEqual([]);
    expect((await act(callers.publisher, 'withdrawListing', listing.id)).listing).toMatchObject({ state: 'WITHDRAWN' });
  });

  it('is submitted only where a version in force of the licence of its base allows it', async () => {
    const id = await drafted();
    const refused = await act(callers.publisher, 'submitListing', id);
    expect(refused.userErrors).toMatchObject([{ code: 'LISTING_LICENSE_FORBIDS' }]);
    expect(refused.userErrors[0].message).toContain(`the licence ${LICENSE}, of which no version is in force`);
    await publishLicense(false);
    clock.advance(1_000);
    const { userErrors } = await act(callers.publisher, 'submitListing', id);
    expect(userErrors[0].message).toContain(`version 1 of the licence ${LICENSE}`);
    expect((await publishLicense(true)).license).toEqual({ version: 2, allowsOffering: true });
    clock.advance(1_000);
    expect((await act(callers.publisher, 'submitListing', id)).listing).toMatchObject({ state: 'IN_REVIEW' });
    expect(codes(await act(callers.publisher, 'updateListing', id, { title: 'x' }))).toEqual(['LISTING_NOT_EDITABLE']);
  });

  it('is reviewed by the lab alone, which may give it back', async () => {
    const [id] = await idsOf(callers.approver, 'partnerListings(state: IN_REVIEW)');
    for (const who of [callers.publisher, callers.billing])
      expect(codes(await approve(who, id))).toEqual(['FORBIDDEN']);
    expect(await seen(callers.approver)).toMatchObject({ id: variant.id });
    expect(codes(await approve(callers.approver, id, sha256Hex('Other.')))).toEqual(['LISTING_TERMS_CHANGED']);
    const rejected = await act(callers.operator, 'rejectListing', id, { reason: 'Say what it is for.' });
    const reviews = [{ verdict: 'REJECTED', reason: 'Say what it is for.', publisherShareBasisPoints: null }];
    expect(rejected.listing).toMatchObject({ state: 'REJECTED', reviews });
    const summary = 'Writes safe Rust.';
    const again = await act(callers.publisher, 'updateListing', id, { summary });
    expect(again.listing).toMatchObject({ state: 'DRAFT', reviews, termsVersion: 1 });
    await act(callers.publisher, 'submitListing', id);
    const approved = await approve(callers.approver, id);
    expect(approved.listing).toMatchObject({ state: 'LISTED', reviews: [...reviews, { verdict: 'APPROVED' }] });
    expect(codes(await approve(callers.approver, id))).toEqual(['LISTING_STATE']);
    const second = await drafted();
    await act(callers.publisher, 'submitListing', second);
    expect(codes(await approve(callers.approver, second))).toEqual(['LISTING_CHECKPOINT_LISTED']);
    await act(callers.publisher, 'withdrawListing', second);
  });

  it('lists a variant once, however many of its listings are approved at once', async () => {
    const { id: checkpointId } = await makeVariant();
    const offers = await Promise.all(Array.from({ length: 4 }, () => drafted({ checkpointId })));
    for (const id of offers) await act(callers.publisher, 'submitListing', id);
    const answers = await Promise.all(offers.map((id) => approve(callers.approver, id)));
    expect(answers.flatMap(codes)).toEqual(Array(3).fill('LISTING_CHECKPOINT_LISTED'));
    for (const id of offers) await act(callers.publisher, 'withdrawListing', id);
  });

  it('lets whom it names see and use its variant, for what it allows, and nobody else', async () => {
    const [id] = await idsOf(callers.named, 'listings');
    expect(await idsOf(callers.other, 'listings')).toEqual([]);
    expect((await graphql.ask(callers.other, `{ node(id: "${id}") { id } }`)).node).toBeNull();
    const OFFER = `{ node(id: "${id}") { ... on Listing {
      prices { meter priceNanos perUnits } namedOrganizationIds reviews { verdict } checkpoint { id } } } }`;
    expect((await graphql.ask(callers.named, OFFER)).node).toEqual({
      ...{ prices: PRICES, namedOrganizationIds: [named.organizationId], reviews: [], checkpoint: { id: variant.id } },
    });
    expect(await seen(callers.named)).toMatchObject({
      allowedActions: ['BROWSE', 'DEPLOY'],
      base: { name: base.name },
    });
    expect(await seen(callers.other)).toBeNull();
    await expect(use(named, 'deploy')).resolves.toEqual({
      ...{ allowed: true, entitlementId: id, clause: `the listing ${id}, Rust helper` },
    });
    await expect(use(other, 'deploy')).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    for (const action of ['fine_tune', 'download_weights'] as const) {
      const refused = use(named, action);
      await expect(refused).rejects.toMatchObject({ code: 'NOT_ENTITLED', message: expect.stringContaining(id) });
    }
  });

  it('leaves its variant under the tags of its base', async () => {
    const tag = (exportClassification: string | null) =>
      graphql.mutate(
        callers.operator,
        'setCheckpointUseTags',
        { checkpointId: base.id, exportClassification },
        'checkpoint { exportClassification }',
      );
    expect((await tag('4E091')).userErrors).toEqual([]);
    await expect(use(named, 'deploy')).rejects.toMatchObject({ code: 'EXPORT_NOT_CLEARED' });
    expect((await tag(null)).userErrors).toEqual([]);
    await expect(use(named, 'deploy')).resolves.toBeDefined();
  });

  it('ends for all when the lab takes it down, which says who is affected; a refusal names it', async () => {
    const [id] = await idsOf(callers.named, 'listings');
    await graphql.get(Database).transaction(named.scope, (tx) =>
      tx.query(
        `INSERT INTO usage_events (id, organization_id, project_id, kind, source_id, state, model, checkpoint_id, base_checkpoint_id,
           family_id, listing_id, admitted_at) VALUES ($1, $2, $3, 'inference', $1, 'admitted', $4, $5, $6, $7, $8, $9)`,
        [
          newId('use'),
          named.organizationId,
          named.projectId,
          variant.name,
          variant.id,
          base.id,
          base.familyId,
          id,
          clock.now(),
        ],
      ),
    );
    expect(codes(await act(callers.publisher, 'takeDownListing', id, { reason: 'r' }))).toEqual(['FORBIDDEN']);
    const AFFECTED = 'listing { state endReason } affected { organizationId what count }';
    const taken = await graphql.mutate(
      callers.operator,
      'takeDownListing',
      { listingId: id, reason: 'It insults people.' },
      AFFECTED,
    );
    expect(taken).toEqual({
      listing: { state: 'TAKEN_DOWN', endReason: 'It insults people.' },
      affected: [{ organizationId: named.organizationId, what: 'calls', count: 1 }],
      userErrors: [],
    });
    expect(await seen(callers.named)).toBeNull();
    await expect(use(named, 'deploy')).rejects.toMatchObject({
      code: 'LISTING_ENDED',
      message: expect.stringMatching(new RegExp(`${id}, Rust helper, which the lab took down .*It insults people`)),
    });
    expect(codes(await act(callers.publisher, 'withdrawListing', id))).toEqual(['LISTING_STATE']);
  });

  it('is for every partner where it names none, and lets them fine-tune where it says so', async () => {
    const id = await listed({ organizationIds: null, allowsFineTuning: true });
    for (const who of [callers.named, callers.other]) {
      expect(await idsOf(who, 'listings')).toEqual([id]);
      expect(await seen(who)).toMatchObject({ allowedActions: ['BROWSE', 'DEPLOY'] });
    }
    // What comes of it stands on the base.
    await expect(use(other, 'fine_tune')).rejects.toMatchObject({ code: 'NOT_ENTITLED' });
    await testGrant(other);
    await expect(use(other, 'fine_tune')).resolves.toMatchObject({ clause: 'MSA 4.2' });
    expect(await seen(callers.other)).toMatchObject({ allowedActions: ['BROWSE', 'FINE_TUNE', 'DEPLOY'] });
    await act(callers.publisher, 'withdrawListing', id);
    await expect(use(other, 'deploy')).rejects.toMatchObject({
      code: 'LISTING_ENDED',
      message: expect.stringContaining('which its publisher withdrew'),
    });
    expect(await seen(callers.publisher)).toMatchObject({ id: variant.id });
  });

  it('is kept by the database: no step but those that there are, nothing listed without a review of it', async () => {
    const id = await drafted();
    const database = graphql.get(Database);
    const as = (organization: TestOrganization, sql: string) =>
      database.transaction(organization.scope, (tx) => tx.query(sql, [id]));
    await expect(as(publisher, `UPDATE listings SET state = 'listed' WHERE id = $1`)).rejects.toThrow();
    await act(callers.publisher, 'submitListing', id);
    const list = `UPDATE listings SET state = 'listed', listed_at = submitted_at WHERE id = $1`;
    await expect(as(lab, list)).rejects.toThrow(/was not reviewed/);
    await expect(as(publisher, list)).rejects.toThrow();
    await expect(as(publisher, `UPDATE listings SET title = 'x' WHERE id = $1`)).rejects.toThrow(/can not become/);
    await expect(as(publisher, 'DELETE FROM listings WHERE id = $1')).rejects.toThrow(/permission denied/);
    await expect(as(publisher, 'DELETE FROM listing_audiences WHERE listing_id = $1')).rejects.toThrow(/only while/);
    expect(await as(other, 'SELECT FROM listings WHERE id = $1')).toEqual([]);
    expect(await as(named, 'SELECT FROM listings WHERE id = $1')).toEqual([]);
    await act(callers.publisher, 'withdrawListing', id);
  });
});

async function testGrant({ organizationId }: TestOrganization): Promise<void> {
  const input = { organizationId, familyId: base.familyId, actions: ['FINE_TUNE'], clause: 'MSA 4.2' };
  const granted = await graphql.mutate(callers.operator, 'grantEntitlement', input, 'entitlement { id }');
  expect(granted.userErrors).toEqual([]);
}
