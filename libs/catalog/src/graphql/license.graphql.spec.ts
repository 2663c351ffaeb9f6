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

const DAY = 86_400_000;
/** The name that checkpoints of the harness carry. */
const NAME = 'Apache-2.0';
const clock = new ManualClock(new Date('2026-03-10T12:00:00.000Z'));
let testing: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let partner: TestOrganization;
let other: TestOrganization;
let base: TestCheckpoint;
const callers: Record<'operator' | 'admin' | 'billing' | 'engineer' | 'auditor' | 'other', string> = {} as never;

beforeAll(async () => {
  testing = await testDatabase();
  graphql = await TestGraphql.start(testing, [ContractsGraphqlModule, CatalogGraphqlModule], clock);
  lab = await testOrganization(testing, 'lab');
  [partner, other] = [await testOrganization(testing), await testOrganization(testing)];
  base = await testCheckpoint(testing, lab, { grantee: partner });
  const person = (organization: TestOrganization, role: Role) => {
    const scope = { ...organization.scope, actor: { type: 'user', id: newId('user') } as const };
    return graphql.caller({ ...organization, scope }, ROLES[role].permissions);
  };
  callers.operator = person(lab, 'lab_operator');
  callers.admin = graphql.caller(partner);
  callers.billing = person(partner, 'billing_admin');
  callers.engineer = person(partner, 'partner_engineer');
  callers.auditor = person(partner, 'auditor');
  callers.other = person(other, 'partner_admin');
});
afterAll(async () => {
  await graphql?.stop();
  await testing?.drop();
});
beforeEach(() => clock.advance(DAY));

async function publish(text: string, part: object = {}): Promise<string> {
  const input = { name: NAME, text, requiresAcceptance: true, ...part };
  const { license, userErrors } = await graphql.mutate(callers.operator, 'publishLicense', input, 'license { id }');
  expect(userErrors).toEqual([]);
  return license.id;
}

const ACCEPTED = 'licenseAcceptance { id acceptedBy acceptedAt sha256 license { name version } }';
const accept = (who: string, licenseId: string, text: string) =>
  graphql.mutate(who, 'acceptLicense', { licenseId, sha256: sha256Hex(text) }, ACCEPTED);
const codes = ({ userErrors }: { userErrors: Array<{ code: string }> }) => userErrors.map(({ code }) => code);

const CHECKPOINT = `query($model: String!) { checkpoint(model: $model) {
  allowedActions licenseInForce { version acceptance { acceptedBy } } unmetConditions { code message } } }`;
const seen = async (who = callers.engineer) => (await graphql.ask(who, CHECKPOINT, { model: base.name })).checkpoint;
const outstanding = async (who = callers.engineer) =>
  (await graphql.ask(who, '{ outstandingLicenses { name version text acceptance { id } } }')).outstandingLicenses;

describe('a licence of the lab', () => {
  it('asks for nothing where the lab keeps no such document', async () => {
    expect(await seen()).toMatchObject({ licenseInForce: null, unmetConditions: [] });
    expect((await seen()).allowedActions).toContain('DEPLOY');
    expect(await outstanding()).toEqual([]);
  });

  it('keeps what is entitled from being used until a partner admin accepts it, and from nobody’s sight', async () => {
    const id = await publish('Be kind.');
    const refused = await seen();
    expect(refused).toMatchObject({ allowedActions: ['BROWSE'], licenseInForce: { version: 1, acceptance: null } });
    expect(refused.unmetConditions).toEqual([
      { code: 'LICENSE_NOT_ACCEPTED', message: expect.stringContaining(`acceptLicense (${id})`) },
    ]);
    expect(await outstanding()).toEqual([{ name: NAME, version: 1, text: 'Be kind.', acceptance: null }]);
    const use = (action: 'fine_tune' | 'deploy' | 'download_weights') =>
      graphql.get(Database).transaction(partner.scope, async (tx) => {
        const catalog = graphql.get(CatalogService);
        return catalog.assertMay(tx, action, await catalog.getUsable(tx, base.name));
      });
    for (const action of ['fine_tune', 'deploy', 'download_weights'] as const)
      await expect(use(action)).rejects.toMatchObject({ code: 'LICENSE_NOT_ACCEPTED', status: 403 });

    for (const who of [callers.engineer, callers.billing, callers.auditor, callers.operator])
      expect(codes(await accept(who, id, 'Be kind.'))).toEqual(['FORBIDDEN']);
    expect(codes(await accept(callers.admin, id, 'Be cruel.'))).toEqual(['LICENSE_DIFFERS']);
    expect(codes(await accept(callers.other, id, 'Be kind.'))).toEqual(['LICENSE_NOT_FOUND']);
    expect((await seen()).allowedActions).toEqual(['BROWSE']);

    const { licenseAcceptance } = await accept(callers.admin, id, 'Be kind.');
    const acceptedBy = partner.scope.actor.id;
    expect(licenseAcceptance).toMatchObject({
      ...{ acceptedBy, acceptedAt: clock.now().toISOString(), sha256: sha256Hex('Be kind.') },
      license: { name: NAME, version: 1 },
    });
    expect(await seen()).toMatchObject({ licenseInForce: { acceptance: { acceptedBy } }, unmetConditions: [] });
    await expect(use('deploy')).resolves.toMatchObject({ clause: 'test' });
    // A second time finds the first.
    clock.advance(DAY);
    expect(await accept(callers.admin, id, 'Be kind.')).toMatchObject({ licenseAcceptance, userErrors: [] });
  });

  it('is asked for anew when a later version’s day has come, which may be accepted ahead', async () => {
    const second = await publish('Be kinder.', { requiredFrom: new Date(clock.now().getTime() + DAY) });
    expect(await outstanding()).toEqual([]);
    const early = { name: NAME, text: 'Be kindest.', requiresAcceptance: true, requiredFrom: clock.now() };
    const refused = await graphql.mutate(callers.operator, 'publishLicense', early, 'license { id }');
    expect(codes(refused)).toEqual(['LICENSE_DATE_INVALID']);
    clock.advance(DAY);
    expect(await outstanding()).toMatchObject([{ version: 2 }]);
    expect((await seen()).allowedActions).toEqual(['BROWSE']);
    const third = await publish('Be kindest.', { requiredFrom: new Date(clock.now().getTime() + DAY) });
    expect((await accept(callers.admin, third, 'Be kindest.')).userErrors).toEqual([]);
    expect((await seen()).allowedActions).toContain('FINE_TUNE');
    clock.advance(DAY);
    expect(codes(await accept(callers.admin, second, 'Be kinder.'))).toEqual(['LICENSE_SUPERSEDED']);
    expect(await outstanding()).toEqual([]);
  });

  it('and its acceptance are on record for both sides, for ever, and for nobody else', async () => {
    const QUERY = `query($organizationId: ID) { licenseAcceptances(organizationId: $organizationId) {
      nodes { id license { version } } } }`;
    const recorded = async (who: string) =>
      (await graphql.ask(who, QUERY, { organizationId: partner.organizationId })).licenseAcceptances.nodes;
    const labAuditor = graphql.caller(lab, ROLES.auditor.permissions);
    for (const who of [callers.auditor, callers.billing, labAuditor]) expect(await recorded(who)).toHaveLength(2);
    expect(await recorded(callers.other)).toEqual([]);
    const versions = async (who: string) =>
      (await graphql.ask(who, '{ licenses { nodes { version } } }')).licenses.nodes;
    expect(await versions(callers.engineer)).toEqual([{ version: 3 }, { version: 2 }, { version: 1 }]);
    expect(await versions(callers.other)).toEqual([]);

    const database = graphql.get(Database);
    const asPartner = (sql: string, ...values: unknown[]) =>
      database.transaction(partner.scope, (tx) => tx.query(sql, values));
    for (const table of ['licenses', 'license_acceptances']) {
      await expect(asPartner(`DELETE FROM ${table}`)).rejects.toThrow(/permission denied/);
      await expect(asPartner(`UPDATE ${table} SET sha256 = sha256`)).rejects.toThrow(/permission denied/);
    }
    const forged = `INSERT INTO license_acceptances SELECT $1, $2, lab_organization_id, license_id, sha256, $3, accepted_at
      FROM license_acceptances LIMIT 1`;
    const [me, somebody] = [partner.scope.actor.id, newId('user')];
    await expect(asPartner(forged, newId('lacc'), other.organizationId, me)).rejects.toThrow(/row-level security/);
    await expect(asPartner(forged, newId('lacc'), partner.organizationId, somebody)).rejects.toThrow(/row-level/);
    await expect(
      database.transaction(lab.scope, (tx) =>
        tx.query(forged, [newId('lacc'), other.organizationId, lab.scope.actor.id]),
      ),
    ).rejects.toThrow(/row-level security/);
  });
});
