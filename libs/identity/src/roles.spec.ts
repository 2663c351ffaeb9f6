import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Principal } from '#platform/graphql';
import { assertMayGrant, authorize } from './authorize.js';
import {
  administratorRole,
  type OrganizationKind,
  PERMISSION_NAMES,
  PERMISSIONS,
  type Permission,
  permissionsOfKey,
  projectsOf,
  ROLE_NAMES,
  roleOf,
  rolesWith,
} from './roles.js';

const KINDS = ['lab', 'partner'] as const satisfies OrganizationKind[];
const kinds = fc.constantFrom(...KINDS);
const roles = fc.constantFrom(...ROLE_NAMES);
const permissionSets = fc.subarray(PERMISSION_NAMES);

function principal(
  kind: OrganizationKind,
  permissions: Iterable<string>,
  projectIds: 'all' | string[] = 'all',
): Principal {
  return {
    type: 'user',
    id: 'user_x',
    organizationId: 'org_x',
    organizationKind: kind,
    projectIds,
    permissions: new Set(permissions),
  };
}

function refusal(work: () => void): { code: string; details: Record<string, unknown> } | null {
  try {
    work();
    return null;
  } catch (error) {
    return error as { code: string; details: Record<string, unknown> };
  }
}

describe('roles', () => {
  test.each(KINDS)('the administrators of a %s hold all that its other roles do', (kind) => {
    const administrator = roleOf(administratorRole(kind), kind);
    for (const name of ROLE_NAMES) {
      const role = roleOf(name, kind);
      if (role) expect(administrator?.permissions).toEqual(expect.arrayContaining([...role.permissions]));
    }
  });

  test('a role of the other kind of organization, or of none, gives nothing', () => {
    expect(roleOf('lab_admin', 'partner')).toBeNull();
    expect(roleOf('partner_admin', 'lab')).toBeNull();
    expect(roleOf('toString', 'lab')).toBeNull();
    expect(permissionsOfKey(PERMISSION_NAMES, 'lab_admin', 'partner')).toEqual([]);
    expect(projectsOf('lab_admin', 'partner', ['proj_a'])).toEqual(['proj_a']);
  });

  test('nobody but administrators both writes and approves contracts, and no key does either', () => {
    for (const name of ROLE_NAMES) {
      const permissions = roleOf(name, 'lab')?.permissions ?? [];
      const both = permissions.includes('contracts:write') && permissions.includes('contracts:approve');
      expect([name, both]).toEqual([name, name === 'lab_admin']);
    }
    const scopes: Permission[] = ['contracts:read', 'contracts:write', 'contracts:approve', 'contracts:accept'];
    expect(permissionsOfKey(scopes, 'lab_admin', 'lab')).toEqual(['contracts:read']);
    expect(permissionsOfKey(scopes, 'partner_admin', 'partner')).toEqual(['contracts:read']);
    for (const name of ROLE_NAMES) expect(roleOf(name, 'lab')?.permissions ?? []).not.toContain('contracts:accept');
  });

  test('licences are accepted by the administrators of a partner, in person', () => {
    expect(rolesWith('licenses:accept', 'partner')).toEqual(['partner_admin']);
    expect(rolesWith('licenses:accept', 'lab')).toEqual([]);
    expect(permissionsOfKey(['licenses:accept'], 'partner_admin', 'partner')).toEqual([]);
  });

  test('variants are offered by the administrators of a partner and reviewed by three roles of the lab, in person', () => {
    expect(rolesWith('listings:write', 'partner')).toEqual(['partner_admin']);
    expect(rolesWith('listings:review', 'lab')).toEqual(['lab_operator', 'lab_approver', 'lab_admin']);
    expect(rolesWith('listings:write', 'lab').concat(rolesWith('listings:review', 'partner'))).toEqual([]);
    expect(permissionsOfKey(['listings:write'], 'partner_admin', 'partner')).toEqual([]);
  });

  test("partners neither publish, price, found nor look at the cluster, whatever their role's name", () => {
    const labs: Permission[] = [
      'catalog:publish',
      'contracts:write',
      'contracts:approve',
      'entitlements:write',
      'prices:write',
      'cluster:read',
      'programme:read',
      'organization:write',
    ];
    for (const name of ROLE_NAMES) {
      for (const permission of labs) expect(roleOf(name, 'partner')?.permissions ?? []).not.toContain(permission);
    }
  });

  test('a key never holds more than its scopes, its owner, and what keys may hold', () => {
    fc.assert(
      fc.property(permissionSets, roles, kinds, (scopes, role, kind) => {
        for (const permission of permissionsOfKey(scopes, role, kind)) {
          expect(scopes).toContain(permission);
          expect(roleOf(role, kind)?.permissions).toContain(permission);
          expect(PERMISSIONS[permission].byKey).toBe(true);
        }
      }),
    );
  });

  test('who may grant a role holds all of it', () => {
    fc.assert(
      fc.property(permissionSets, roles, kinds, (held, role, kind) => {
        const missing = roleOf(role, kind)?.permissions.filter((permission) => !held.includes(permission));
        const refused = refusal(() => assertMayGrant(principal(kind, held), role));
        if (!missing) expect(refused?.code).toBe('ROLE_NOT_AVAILABLE');
        else if (missing.length > 0)
          expect(refused).toMatchObject({ code: 'ROLE_NOT_GRANTABLE', details: { missing } });
        else expect(refused).toBeNull();
      }),
    );
  });

  test('a refusal names the permission and the roles that have it', () => {
    const viewer = principal('partner', ['catalog:read']);
    expect(refusal(() => authorize(viewer, 'members:write'))).toMatchObject({
      code: 'FORBIDDEN',
      details: { permission: 'members:write', roles: ['partner_admin'] },
    });
    expect(refusal(() => authorize(viewer, 'catalog:publish'))).toMatchObject({ details: { roles: [] } });
    expect(refusal(() => authorize(viewer, 'catalog:read'))).toBeNull();
  });

  test('a project that is not assigned is as good as none', () => {
    const engineer = principal('partner', ['jobs:write'], ['proj_a']);
    expect(refusal(() => authorize(engineer, 'jobs:write', { projectId: 'proj_a' }))).toBeNull();
    expect(refusal(() => authorize(engineer, 'jobs:write', { projectId: 'proj_b' }))?.code).toBe('PROJECT_NOT_FOUND');
    expect(refusal(() => authorize(engineer, 'jobs:read', { projectId: 'proj_a' }))?.code).toBe('FORBIDDEN');
  });

  test('with an initial password only its change is allowed', () => {
    const newcomer = principal('partner', ['self:write']);
    expect(refusal(() => authorize(newcomer, 'self:write'))).toBeNull();
    expect(refusal(() => authorize(newcomer, 'catalog:read'))?.code).toBe('PASSWORD_CHANGE_REQUIRED');
  });
});
