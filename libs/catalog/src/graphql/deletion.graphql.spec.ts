import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ContractsGraphqlModule } from '#libs/contracts/graphql';
import { ROLES, type Role } from '#libs/identity';
import { ManualClock, newId } from '#libs/kernel';
import {
  type TestCheckpoint,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testCheckpoint,
  testDatabase,
  testListing,
  testOrganization,
} from '#test/harness';
import { CatalogGraphqlModule } from './index.js';

const clock = new ManualClock(new Date('2026-03-10T12:00:00.000Z'));
let testing: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let partner: TestOrganization;
let base: TestCheckpoint;
let administrator: string;
/** A variant of the partner's, and what it is listed by. */
let checkpointId: string;
let listingId: string;

beforeAll(async () => {
  testing = await testDatabase();
  graphql = await TestGraphql.start(testing, [ContractsGraphqlModule, CatalogGraphqlModule], clock);
  [lab, partner] = [await testOrganization(testing, 'lab'), await testOrganization(testing)];
  base = await testCheckpoint(testing, lab, { grantee: partner });
  administrator = person('partner_admin');
});
afterAll(async () => {
  await graphql?.stop();
  await testing?.drop();
});
beforeEach(async () => {
  clock.advance(60_000);
  ({ id: listingId, checkpointId } = await testListing(testing, { lab, publisher: partner, base }));
});

const person = (role: Role, projectIds: string[] = [partner.projectId]) =>
  graphql.caller(partner, ROLES[role].permissions, projectIds);
const SHOWN = 'checkpoint { id status retirementReason removal { at reason } allowedActions files { sha256 } }';
const remove = (who = administrator, input: object = {}) =>
  graphql.mutate(who, 'deleteVariant', { checkpointId, ...input }, SHOWN);
const HOLDS = 'query($id: ID!) { variantHolds(checkpointId: $id) { what holderId name count } }';
const holds = async (who = administrator) => (await graphql.ask(who, HOLDS, { id: checkpointId })).variantHolds;
const withdraw = () => graphql.mutate(administrator, 'withdrawListing', { listingId }, 'listing { state }');
const codes = ({ userErrors }: { userErrors: Array<{ code: string }> }) => userErrors.map(({ code }) => code);

describe('deleteVariant', () => {
  it('is refused while something holds the variant, which variantHolds names', async () => {
    expect(await holds()).toEqual([{ what: 'LISTING', holderId: listingId, name: 'Rust helper', count: 1 }]);
    const { checkpoint, userErrors } = await remove();
    expect(checkpoint).toBeNull();
    expect(userErrors).toEqual([
      {
        code: 'VARIANT_IN_USE',
        path: [],
        message: expect.stringContaining(`the listing ${listingId} (Rust helper) offers it: withdraw that`),
      },
    ]);
    await withdraw();
    expect(await holds()).toEqual([]);
  });

  it('shows what is left, the same again and under the same key', async () => {
    await withdraw();
    const idempotencyKey = newId('req');
    const first = await remove(administrator, { idempotencyKey });
    const by = `its owner (${partner.scope.actor.id})`;
    expect(first).toEqual({
      checkpoint: {
        id: checkpointId,
        status: 'RETIRED',
        retirementReason: `its files were removed by ${by}`,
        removal: { at: clock.now().toISOString(), reason: by },
        // Entitled to the base as before, and to nothing that takes files.
        allowedActions: ['BROWSE'],
        files: expect.any(Array),
      },
      userErrors: [],
    });
    clock.advance(1_000);
    expect(await remove(administrator, { idempotencyKey })).toEqual(first);
    expect(await remove()).toEqual(first);
    expect(await holds()).toEqual([]);
  });

  it('is for those who may make variants, of their projects', async () => {
    await withdraw();
    for (const role of ['auditor', 'billing_admin', 'viewer'] as const) {
      expect(codes(await remove(person(role)))).toEqual(['FORBIDDEN']);
      await expect(holds(person(role))).rejects.toThrow('FORBIDDEN');
    }
    const elsewhere = person('partner_engineer', [newId('proj')]);
    expect(codes(await remove(elsewhere))).toEqual(['CHECKPOINT_NOT_FOUND']);
    await expect(holds(elsewhere)).rejects.toThrow('CHECKPOINT_NOT_FOUND');
    expect(codes(await remove(administrator, { checkpointId: base.id }))).toEqual(['VARIANT_NOT_OWN']);
    const operator = graphql.caller(lab, ROLES.lab_operator.permissions);
    expect(codes(await remove(operator, { checkpointId: base.id }))).toEqual(['VARIANT_NOT_OWN']);
    expect(codes(await remove(person('partner_engineer')))).toEqual([]);
  });
});
