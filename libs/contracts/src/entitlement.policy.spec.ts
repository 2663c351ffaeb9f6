import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ENTITLEMENT_ACTIONS, type Entitlement } from './entitlement.js';
import { decide } from './entitlement.policy.js';
import type { LicenseVersion } from './licenses/license.js';
import type { UseConditions } from './use-conditions.js';

const day = (number: number) => new Date(Date.UTC(2026, 0, number));
const subject = { familyId: 'fam_a', checkpointId: 'ckpt_a' };
const entitlement = (part: Partial<Entitlement>): Entitlement => ({
  id: 'ent_1',
  organizationId: 'org_a',
  grantorOrganizationId: 'org_lab',
  familyId: 'fam_a',
  checkpointId: null,
  subjectId: 'fam_a',
  actions: ['browse', 'fine_tune'],
  clause: 'MSA 4.2',
  validFrom: day(10),
  validTo: day(20),
  createdAt: day(1),
  revokedAt: null,
  revocationReason: null,
  ...part,
});
const FREE: UseConditions = {
  ...{ license: [], acceptedLicenseIds: new Set(), agreements: [], region: null },
  tags: { exportClassification: null, computeRegions: [] },
};
const ask = (entitlements: Entitlement[], at = day(15)) =>
  decide(entitlements, { action: 'fine_tune', subject, at, conditions: FREE });

describe('an entitlement decision', () => {
  it('names the entitlement and clause that allow it', () => {
    expect(ask([entitlement({})])).toEqual({ allowed: true, entitlementId: 'ent_1', clause: 'MSA 4.2' });
  });

  it('holds from its first instant until before its last', () => {
    const { validFrom, validTo } = entitlement({});
    const at = (time: Date, offset: number) => ask([entitlement({})], new Date(time.getTime() + offset)).allowed;
    expect([at(validFrom, -1), at(validFrom, 0), at(validTo!, -1), at(validTo!, 0)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it.each([
    [[], day(15), { reason: 'not_granted', clause: null }],
    [[entitlement({ familyId: 'fam_b' })], day(15), { reason: 'not_granted', clause: null }],
    [[entitlement({ familyId: null, checkpointId: 'ckpt_b' })], day(15), { reason: 'not_granted', clause: null }],
    [[entitlement({ actions: ['browse'] })], day(15), { reason: 'action_not_granted', clause: 'MSA 4.2' }],
    [[entitlement({})], day(9), { reason: 'not_yet_valid', clause: 'MSA 4.2' }],
    [[entitlement({})], day(21), { reason: 'expired', clause: 'MSA 4.2' }],
    [[entitlement({ revokedAt: day(12) })], day(15), { reason: 'revoked', clause: 'MSA 4.2' }],
  ])('refuses with the reason and the clause behind it (%#)', (entitlements, at, expected) => {
    expect(ask(entitlements, at)).toMatchObject({ allowed: false, ...expected });
  });

  it('tells what held before a revocation', () => {
    const revoked = entitlement({ revokedAt: day(12) });
    expect([day(11), day(12)].map((at) => ask([revoked], at).allowed)).toEqual([true, false]);
  });

  it('covers one checkpoint where it was granted for one', () => {
    const forOne = entitlement({ familyId: null, checkpointId: 'ckpt_a' });
    const other = { familyId: 'fam_a', checkpointId: 'ckpt_b' };
    expect(ask([forOne]).allowed).toBe(true);
    expect(decide([forOne], { action: 'browse', subject: other, at: day(15), conditions: FREE }).allowed).toBe(false);
  });

  it('is never worse for another entitlement, in whatever order', () => {
    const any = fc.record({
      familyId: fc.constantFrom('fam_a', 'fam_b'),
      actions: fc.subarray([...ENTITLEMENT_ACTIONS]),
      validFrom: fc.integer({ min: 1, max: 30 }).map(day),
      validTo: fc.option(fc.integer({ min: 31, max: 60 }).map(day)),
      revokedAt: fc.option(fc.constant(day(2))),
    });
    fc.assert(
      fc.property(fc.array(any), any, fc.integer({ min: 1, max: 60 }).map(day), (parts, more, at) => {
        const some = parts.map((part) => entitlement(part));
        if (ask(some, at).allowed) expect(ask([entitlement(more), ...some], at).allowed).toBe(true);
        expect(ask([...some].reverse(), at).allowed).toBe(ask(some, at).allowed);
      }),
    );
  });
});

describe('a licence', () => {
  const version = (number: number, part: Partial<LicenseVersion> = {}): LicenseVersion => ({
    id: `lic_${number}`,
    organizationId: 'org_lab',
    name: 'Community',
    version: number,
    sha256: 'a'.repeat(64),
    requiresAcceptance: true,
    allowsOffering: false,
    requiredFrom: day(10 * number),
    ...part,
  });
  const FREE_SECOND = version(2, { requiresAcceptance: false });
  /** The version that is still to be accepted; null: nothing is. */
  const outstanding = (license: LicenseVersion[], accepted: number[], at: Date, action: 'fine_tune' | 'browse') => {
    const conditions = { ...FREE, license, acceptedLicenseIds: new Set(accepted.map((number) => `lic_${number}`)) };
    const decision = decide([entitlement({ validTo: null, validFrom: day(1) })], { action, subject, at, conditions });
    if (decision.allowed) return null;
    expect(decision).toMatchObject({ reason: 'license_not_accepted', entitlementId: 'ent_1', clause: 'MSA 4.2' });
    return 'license' in decision ? decision.license.version : 'another reason';
  };

  it.each<[string, LicenseVersion[], number[], Date, number | null]>([
    ['whose day has not come', [version(1)], [], day(9), null],
    ['that holds', [version(1)], [], day(10), 1],
    ['that was accepted', [version(1)], [1], day(10), null],
    ['that asks for nothing', [version(1, { requiresAcceptance: false })], [], day(10), null],
    ['before the day of the next', [version(1), version(2)], [1], day(19), null],
    ['on the day of the next', [version(1), version(2)], [1], day(20), 2],
    ['whose next was accepted ahead', [version(1), version(2)], [2], day(15), null],
    ['whose next asks for nothing', [version(1), FREE_SECOND], [], day(20), null],
    ['read in another order', [version(2), version(1)], [1], day(20), 2],
  ])('%s', (_what, license, accepted, at, expected) => {
    expect(outstanding(license, accepted, at, 'fine_tune')).toBe(expected);
    // What is entitled may be seen, under whatever licence.
    expect(outstanding(license, accepted, at, 'browse')).toBeNull();
  });

  it('never widens what is granted, and what can not be seen is not used', () => {
    const question = { action: 'deploy', subject, at: day(15) } as const;
    expect(decide([entitlement({})], { ...question, conditions: FREE })).toMatchObject({
      reason: 'action_not_granted',
    });
    const granted = [entitlement({ actions: ['browse', 'deploy'] })];
    expect(decide(granted, { ...question, conditions: FREE }).allowed).toBe(true);
    expect(decide(granted, { ...question, conditions: null })).toMatchObject({ reason: 'not_granted' });
  });
});
