import { Injectable } from '@nestjs/common';
import type { Authorizer, Principal } from '#platform/graphql';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { type OrganizationKind, type Permission, ROLE_NAMES, roleOf, rolesWith } from './roles.js';

/**
 * Throws a typed refusal unless the caller holds the permission and, where the act belongs to a project, reaches the project. It can't
 * know the projects of an organization whose every project the caller reaches: `ProjectService.require` does.
 */
export function authorize(
  principal: Principal,
  permission: Permission,
  { projectId }: { projectId?: string } = {},
): void {
  if (!principal.permissions.has(permission)) {
    if (mayOnlyChangePassword(principal)) throw IDENTITY_ERRORS.PASSWORD_CHANGE_REQUIRED();
    throw IDENTITY_ERRORS.FORBIDDEN({ permission, roles: rolesWith(permission, principal.organizationKind) });
  }
  assertReaches(principal, projectId);
}

/** What is left of the permissions of a member who has to change an initial password. */
export const INITIAL_PASSWORD_PERMISSIONS: ReadonlySet<Permission> = new Set(['self:write']);

function mayOnlyChangePassword({ permissions }: Principal): boolean {
  return permissions.size === 1 && permissions.has('self:write');
}

export function assertReaches(principal: Pick<Principal, 'projectIds'>, projectId: string | null | undefined): void {
  if (projectId == null || principal.projectIds === 'all' || principal.projectIds.includes(projectId)) return;
  throw IDENTITY_ERRORS.PROJECT_NOT_FOUND({ projectId }, { path: ['projectId'] });
}

/** A role can be granted, changed or taken away by those who hold all of it. */
export function assertMayGrant(principal: Principal, role: string): void {
  const { organizationKind: kind } = principal;
  const definition = roleOf(role, kind);
  if (!definition) {
    throw IDENTITY_ERRORS.ROLE_NOT_AVAILABLE({ role, kind, roles: rolesOf(kind) }, { path: ['role'] });
  }
  const missing = definition.permissions.filter((permission) => !principal.permissions.has(permission));
  if (missing.length > 0) throw IDENTITY_ERRORS.ROLE_NOT_GRANTABLE({ role, missing }, { path: ['role'] });
}

function rolesOf(kind: OrganizationKind): string[] {
  return ROLE_NAMES.filter((name) => roleOf(name, kind));
}

@Injectable()
export class RoleAuthorizer implements Authorizer {
  authorize(principal: Principal, permission: string, target: { projectId?: string } = {}): void {
    authorize(principal, permission as Permission, target);
  }
}
