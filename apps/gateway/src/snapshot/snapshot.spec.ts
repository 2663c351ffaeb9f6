import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Grant, type Route, RouteTable, SpecialTokens } from './snapshot.js';

const NOW = 1_000;

const route = (part: Partial<Route>): Route => ({
  id: 'ckpt_base',
  name: 'forge-1-pretrain-001953',
  kind: 'checkpoint',
  organizationId: 'org_lab',
  projectId: null,
  state: 'active',
  revisionId: null,
  checkpointId: 'ckpt_base',
  checkpointOrganizationId: 'org_lab',
  familyId: 'fam_1',
  familyOrganizationId: 'org_lab',
  baseCheckpointId: 'ckpt_base',
  contextLength: 256,
  license: 'Apache-2.0',
  tags: { exportClassification: null, computeRegions: [] },
  specialTokens: new SpecialTokens([]),
  createdAt: 0,
  ...part,
});
const grant = (part: Partial<Grant> = {}): Grant => ({
  organizationId: 'org_a',
  grantorOrganizationId: 'org_lab',
  familyId: 'fam_1',
  checkpointId: null,
  validFrom: 0,
  validTo: null,
  ...part,
});

const BASE = route({});
const VARIANT = route({
  id: 'ckpt_variant',
  name: 'ft:forge-1:a:x:123456',
  organizationId: 'org_a',
  projectId: 'proj_a',
  checkpointId: 'ckpt_variant',
  checkpointOrganizationId: 'org_a',
});
const DEPLOYMENT = route({
  ...VARIANT,
  id: 'dep_1',
  name: 'project/prod',
  kind: 'deployment',
  revisionId: 'rev_1',
});
const OF_B = { organizationId: 'org_b', checkpointOrganizationId: 'org_b', projectId: 'proj_b' };
const NAMESAKE = { ...DEPLOYMENT, ...OF_B, id: 'dep_2' };
const ROUTES = [BASE, VARIANT, DEPLOYMENT, NAMESAKE];

const A = { organizationId: 'org_a', projectIds: ['proj_a'] };
const B = { organizationId: 'org_b', projectIds: ['proj_b'] };
const LAB = { organizationId: 'org_lab', projectIds: 'all' as const };
const outcome = (model: string, caller: typeof A | typeof LAB, grants: Grant[]) =>
  new RouteTable(ROUTES, grants).resolve(model, caller, NOW).outcome;

describe('RouteTable', () => {
  it('finds a route by its id and its name, deployments within the own organization', () => {
    const table = new RouteTable(ROUTES, [grant(), grant({ organizationId: 'org_b' })]);
    for (const one of [BASE, VARIANT, DEPLOYMENT]) {
      expect(table.resolve(one.id, A, NOW)).toEqual({ outcome: 'found', route: one });
      expect(table.resolve(one.name, A, NOW)).toEqual({ outcome: 'found', route: one });
    }
    expect(table.resolve('project/prod', B, NOW)).toEqual({ outcome: 'found', route: NAMESAKE });
  });

  it.each<[string, Grant[], string, string, string]>([
    ['the whole family', [grant()], 'found', 'found', 'found'],
    ['the base alone', [grant({ checkpointId: 'ckpt_base' })], 'found', 'found', 'found'],
    ['the variant alone', [grant({ checkpointId: 'ckpt_variant' })], 'not_found', 'found', 'found'],
    ['another checkpoint', [grant({ checkpointId: 'ckpt_other' })], 'not_found', 'not_entitled', 'not_entitled'],
    ['another family', [grant({ familyId: 'fam_2' })], 'not_found', 'not_entitled', 'not_entitled'],
    ["another lab's word", [grant({ grantorOrganizationId: 'org_b' })], 'not_found', 'not_entitled', 'not_entitled'],
    ['what begins later', [grant({ validFrom: NOW + 1 })], 'not_found', 'not_entitled', 'not_entitled'],
    ['what ends now', [grant({ validTo: NOW })], 'not_found', 'not_entitled', 'not_entitled'],
    ['what ends later', [grant({ validTo: NOW + 1 })], 'found', 'found', 'found'],
    ['nothing', [], 'not_found', 'not_entitled', 'not_entitled'],
  ])('with a grant of %s', (_what, grants, base, variant, deployment) => {
    expect([BASE, VARIANT, DEPLOYMENT].map(({ id }) => outcome(id, A, grants))).toEqual([base, variant, deployment]);
  });

  it('lets a lab call its own without a grant, and nobody else’s', () => {
    expect(ROUTES.map(({ id }) => outcome(id, LAB, []))).toEqual(['found', 'not_found', 'not_found', 'not_found']);
  });

  it('keeps what belongs to a project from keys that do not reach it', () => {
    const other = { organizationId: 'org_a', projectIds: ['proj_other'] };
    expect(ROUTES.map(({ id }) => outcome(id, other, [grant()]))).toEqual([
      'found',
      'not_found',
      'not_found',
      'not_found',
    ]);
  });

  it('shows no organization what another one made, under any grants', () => {
    const anyGrant = fc.record({
      organizationId: fc.constantFrom('org_a', 'org_b', 'org_lab'),
      grantorOrganizationId: fc.constantFrom('org_a', 'org_b', 'org_lab'),
      familyId: fc.constantFrom('fam_1', 'fam_2'),
      checkpointId: fc.constantFrom(null, 'ckpt_base', 'ckpt_variant'),
      validFrom: fc.nat(2_000),
      validTo: fc.option(fc.nat(2_000)),
    });
    fc.assert(
      fc.property(fc.array(anyGrant, { maxLength: 6 }), (grants) => {
        for (const { id, name } of [VARIANT, DEPLOYMENT]) {
          expect(outcome(id, B, grants)).toBe('not_found');
          if (name !== NAMESAKE.name) expect(outcome(name, B, grants)).toBe('not_found');
        }
        const visible = new RouteTable(ROUTES, grants).visibleTo(B, NOW);
        expect(visible.filter(({ organizationId }) => organizationId === 'org_a')).toEqual([]);
      }),
    );
  });

  it('tells a paused deployment from one that is not there', () => {
    const table = new RouteTable([{ ...DEPLOYMENT, state: 'paused' }], [grant()]);
    expect(table.resolve('dep_1', A, NOW).outcome).toBe('paused');
    expect(table.visibleTo(A, NOW)).toEqual([]);
  });
});

describe('SpecialTokens', () => {
  it('finds exactly the texts that hold one, and names the longest that begins there', () => {
    const token = fc.string({
      minLength: 1,
      maxLength: 6,
      unit: fc.constantFrom('<', '|', '>', 'a', '.', '*', '[', '\\', '/', '('),
    });
    fc.assert(
      fc.property(
        fc.array(token, { maxLength: 5 }),
        fc.string({ unit: fc.constantFrom('<', '|', '>', 'a', '.', '*', '[', '\\', '/', '(', 'ü') }),
        (tokens, text) => {
          const found = new SpecialTokens(tokens).firstIn(text);
          const held = tokens.filter((one) => text.includes(one));
          if (found === null) expect(held).toEqual([]);
          else {
            const first = Math.min(...held.map((one) => text.indexOf(one)));
            const there = held.filter((one) => text.startsWith(one, first));
            expect(found).toHaveLength(Math.max(...there.map(({ length }) => length)));
            expect(there).toContain(found);
          }
        },
      ),
    );
  });
});
