import { projectsInScope, type Transaction } from '#platform/database';
import { type ConnectionArgs, paginate, type RequestContext } from '#platform/graphql';
import { PROJECT_COLUMNS, type ProjectRow, projectOf } from '../project.service.js';
import { type OrganizationKind, projectsOf } from '../roles.js';
import type {
  ApiKeyType,
  MemberType,
  OrganizationType,
  ProjectType,
  ServiceAccountType,
  UserType,
} from './identity.types.js';

/** Every statement names the organization: what row security confines is confined once more by policy. */

const ORGANIZATION = 'o.id, o.kind, o.name, o.slug, o.created_at';
type OrganizationRow = Pick<OrganizationType, 'id' | 'kind' | 'name' | 'slug'> & { created_at: Date };
const organizationOf = ({ created_at, ...row }: OrganizationRow): OrganizationType => ({
  ...row,
  createdAt: created_at,
});

/** The own organization and, for who deals with partners, the others. */
export async function findOrganizations(tx: Transaction, ids: readonly string[], others: boolean) {
  const rows = await tx.query<OrganizationRow>(
    `SELECT ${ORGANIZATION} FROM organizations o WHERE o.id = ANY($1) AND ($2 OR o.id = $3)`,
    [ids, others, tx.scope.organizationId],
  );
  return rows.map(organizationOf);
}

export function pageOfOrganizations(tx: Transaction, args: ConnectionArgs) {
  return paginate<OrganizationRow, OrganizationType>(tx, {
    from: 'organizations o',
    columns: ORGANIZATION,
    orderBy: newestFirst('o'),
    args,
    map: organizationOf,
  });
}

export function pageOfProjects(tx: Transaction, args: ConnectionArgs) {
  return paginate<ProjectRow, ProjectType>(tx, {
    from: 'projects p',
    columns: PROJECT_COLUMNS,
    where: ['p.organization_id = $1', '$2::text[] IS NULL OR p.id = ANY($2)'],
    parameters: [tx.scope.organizationId, projectsInScope(tx.scope)],
    orderBy: newestFirst('p'),
    args,
    map: projectOf,
  });
}

type UserRow = { id: string; email: string; display_name: string; created_at: Date };

export async function findUsers(tx: Transaction, ids: readonly string[]): Promise<UserType[]> {
  const rows = await tx.query<UserRow>(
    'SELECT id, email, display_name, created_at FROM users WHERE id = ANY($1) AND organization_id = $2',
    [ids, tx.scope.organizationId],
  );
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    displayName: row.display_name,
    createdAt: row.created_at,
  }));
}

const MEMBER = 'm.id, m.user_id, m.role, m.created_at';
type MemberRow = { id: string; user_id: string; role: string; created_at: Date };

function memberOf(kind: OrganizationKind) {
  return (row: MemberRow) =>
    ({
      id: row.id,
      userId: row.user_id,
      role: row.role,
      allProjects: projectsOf(row.role, kind, []) === 'all',
      createdAt: row.created_at,
    }) as MemberType;
}

export async function findMembers(tx: Transaction, ids: readonly string[]): Promise<MemberType[]> {
  const rows = await tx.query<MemberRow>(
    `SELECT ${MEMBER} FROM members m WHERE m.id = ANY($1) AND m.organization_id = $2 AND m.removed_at IS NULL`,
    [ids, tx.scope.organizationId],
  );
  return rows.map(memberOf(tx.scope.kind));
}

export function pageOfMembers(tx: Transaction, args: ConnectionArgs) {
  return paginate<MemberRow, MemberType>(tx, {
    from: 'members m',
    columns: MEMBER,
    where: ['m.organization_id = $1', 'm.removed_at IS NULL'],
    parameters: [tx.scope.organizationId],
    orderBy: newestFirst('m'),
    args,
    map: memberOf(tx.scope.kind),
  });
}

/** The ids of the projects assigned to each of the members, of those that the scope reaches. */
export async function projectIdsOfMembers(tx: Transaction, memberIds: readonly string[]): Promise<string[][]> {
  const rows = await tx.query<{ member_id: string; project_id: string }>(
    `SELECT member_id, project_id FROM project_members
     WHERE member_id = ANY($1) AND organization_id = $2 AND ($3::text[] IS NULL OR project_id = ANY($3)) ORDER BY project_id`,
    [memberIds, tx.scope.organizationId, projectsInScope(tx.scope)],
  );
  const groups = Map.groupBy(rows, (row) => row.member_id);
  return memberIds.map((id) => (groups.get(id) ?? []).map((row) => row.project_id));
}

const SERVICE_ACCOUNT = 'a.id, a.name, a.role, a.project_id, a.created_at';
type ServiceAccountRow = { id: string; name: string; role: string; project_id: string | null; created_at: Date };
const serviceAccountOf = ({ project_id, created_at, ...row }: ServiceAccountRow) =>
  ({ ...row, projectId: project_id, createdAt: created_at }) as ServiceAccountType;

const VISIBLE_SERVICE_ACCOUNTS = [
  'a.organization_id = $1',
  'a.removed_at IS NULL',
  '$2::text[] IS NULL OR a.project_id = ANY($2)',
];

export async function findServiceAccounts(tx: Transaction, ids: readonly string[]): Promise<ServiceAccountType[]> {
  const rows = await tx.query<ServiceAccountRow>(
    `SELECT ${SERVICE_ACCOUNT} FROM service_accounts a
     WHERE (${VISIBLE_SERVICE_ACCOUNTS.join(') AND (')}) AND a.id = ANY($3)`,
    [tx.scope.organizationId, projectsInScope(tx.scope), ids],
  );
  return rows.map(serviceAccountOf);
}

export function pageOfServiceAccounts(tx: Transaction, args: ConnectionArgs) {
  return paginate<ServiceAccountRow, ServiceAccountType>(tx, {
    from: 'service_accounts a',
    columns: SERVICE_ACCOUNT,
    where: VISIBLE_SERVICE_ACCOUNTS,
    parameters: [tx.scope.organizationId, projectsInScope(tx.scope)],
    orderBy: newestFirst('a'),
    args,
    map: serviceAccountOf,
  });
}

const API_KEY = `k.id, k.name, k.hint, k.scopes, k.project_id, k.user_id, k.service_account_id, k.requests_per_minute,
  k.tokens_per_minute, k.expires_at, k.created_at, k.revoked_at`;

interface ApiKeyRow {
  id: string;
  name: string;
  hint: string;
  scopes: string[];
  project_id: string | null;
  user_id: string | null;
  service_account_id: string | null;
  requests_per_minute: number | null;
  tokens_per_minute: number | null;
  expires_at: Date | null;
  created_at: Date;
  revoked_at: Date | null;
}

const apiKeyOf = (row: ApiKeyRow) =>
  ({
    id: row.id,
    name: row.name,
    hint: row.hint,
    scopes: row.scopes,
    projectId: row.project_id,
    userId: row.user_id,
    serviceAccountId: row.service_account_id,
    requestsPerMinute: row.requests_per_minute,
    tokensPerMinute: row.tokens_per_minute,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
  }) as ApiKeyType;

/** The caller's own keys, and those of the projects that the caller reaches. */
const VISIBLE_API_KEYS = ['k.organization_id = $1', '$2::text[] IS NULL OR k.project_id = ANY($2) OR k.user_id = $3'];

const visibilityOf = ({ scope }: Transaction) => [scope.organizationId, projectsInScope(scope), scope.actor.id];

export async function findApiKeys(tx: Transaction, ids: readonly string[]): Promise<ApiKeyType[]> {
  const rows = await tx.query<ApiKeyRow>(
    `SELECT ${API_KEY} FROM api_keys k WHERE (${VISIBLE_API_KEYS.join(') AND (')}) AND k.id = ANY($4)`,
    [...visibilityOf(tx), ids],
  );
  return rows.map(apiKeyOf);
}

export function pageOfApiKeys(
  tx: Transaction,
  { projectId, includeRevoked, ...args }: ConnectionArgs & { projectId?: string; includeRevoked: boolean },
) {
  return paginate<ApiKeyRow, ApiKeyType>(tx, {
    from: 'api_keys k',
    columns: API_KEY,
    where: [...VISIBLE_API_KEYS, '$4::text IS NULL OR k.project_id = $4', '$5 OR k.revoked_at IS NULL'],
    parameters: [...visibilityOf(tx), projectId ?? null, includeRevoked],
    orderBy: newestFirst('k'),
    args,
    map: apiKeyOf,
  });
}

function newestFirst(table: string) {
  return [
    { column: `${table}.created_at`, type: 'timestamptz' },
    { column: `${table}.id`, type: 'text' },
  ] as const;
}

/** Nodes in the order of the ids that were asked for, null for each that was not found. */
export function inOrder<T extends { id: string }>(ids: readonly string[], found: readonly T[]): Array<T | null> {
  const byId = new Map(found.map((node) => [node.id, node]));
  return ids.map((id) => byId.get(id) ?? null);
}

export function may(context: RequestContext, permission: string): boolean {
  return context.principal.permissions.has(permission);
}
