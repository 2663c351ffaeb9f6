import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import type { Principal } from '#platform/graphql';
import { hintOf, isApiKey, newApiKey } from './api-key.format.js';
import { assertReaches } from './authorize.js';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { KeyedHashes } from './identity.options.js';
import { ProjectService } from './project.service.js';
import { type OrganizationKind, permissionsOfKey, projectsOf } from './roles.js';
import { ServiceAccountService } from './service-account.service.js';

const MOST_KEYS_OF_AN_OWNER = 100;

export interface NewApiKey {
  name: string;
  scopes: string[];
  /** Confines the key to one project. */
  projectId?: string;
  /** The owner; the caller if left out. */
  serviceAccountId?: string;
  expiresAt?: Date;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
}

interface KeyOwner {
  userId: string | null;
  serviceAccountId: string | null;
  /** For messages. */
  title: string;
  role: string;
  projectIds: readonly string[] | 'all';
}

interface KeyRow {
  key_id: string;
  organization_id: string;
  organization_kind: OrganizationKind;
  project_id: string | null;
  user_id: string | null;
  service_account_id: string | null;
  scopes: string[];
  expires_at: Date | null;
  owner_role: string;
  owner_project_ids: string[] | null;
}

@Injectable()
export class ApiKeyService {
  constructor(
    private readonly database: Database,
    private readonly projects: ProjectService,
    private readonly serviceAccounts: ServiceAccountService,
    private readonly hashes: KeyedHashes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Who acts with this key: its service account, or the key itself on behalf of a member. Throws when it is not valid. */
  async resolve(secret: string): Promise<Principal> {
    const sought = isApiKey(secret) ? this.hashes.apiKey(secret) : null;
    const [row] = sought
      ? await this.database.anonymous<KeyRow>('SELECT * FROM identity_find_api_key($1)', [sought])
      : [];
    if (!row || (row.expires_at && row.expires_at <= this.clock.now())) throw IDENTITY_ERRORS.INVALID_API_KEY();
    return {
      ...(row.service_account_id
        ? { type: 'service_account', id: row.service_account_id }
        : { type: 'api_key', id: row.key_id }),
      organizationId: row.organization_id,
      organizationKind: row.organization_kind,
      projectIds: projectsOfKey(row),
      permissions: new Set(permissionsOfKey(row.scopes, row.owner_role, row.organization_kind)),
    };
  }

  /** The secret is told here and never again. A key can do what both its maker and its owner can, where both can. */
  async create(tx: Transaction, principal: Principal, request: NewApiKey): Promise<{ id: string; secret: string }> {
    const owner = await this.ownerOf(tx, principal, request.serviceAccountId);
    this.assertScopes(principal, owner, request.scopes);
    await this.assertProject(tx, principal, owner, request.projectId);
    if (request.expiresAt && request.expiresAt <= this.clock.now()) {
      throw IDENTITY_ERRORS.EXPIRY_IN_PAST({ path: ['expiresAt'] });
    }
    await this.assertRoom(tx, owner);
    const id = newId('key');
    const secret = newApiKey();
    await tx.query(
      `INSERT INTO api_keys (id, organization_id, project_id, user_id, service_account_id, name, hint, secret_sha256, scopes,
         requests_per_minute, tokens_per_minute, expires_at, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
      [
        id,
        tx.scope.organizationId,
        request.projectId ?? null,
        owner.userId,
        owner.serviceAccountId,
        request.name,
        hintOf(secret),
        this.hashes.apiKey(secret),
        [...new Set(request.scopes)].sort(),
        request.requestsPerMinute ?? null,
        request.tokensPerMinute ?? null,
        request.expiresAt ?? null,
        principal.id,
        this.clock.now(),
      ],
    );
    return { id, secret };
  }

  /** Revoking twice is no error. */
  async revoke(tx: Transaction, principal: Principal, apiKeyId: string): Promise<void> {
    const key = await tx.one<{ project_id: string | null; user_id: string | null }>(
      'SELECT project_id, user_id FROM api_keys WHERE id = $1 AND organization_id = $2',
      [apiKeyId, tx.scope.organizationId],
    );
    if (!key || !reaches(principal, key)) {
      throw IDENTITY_ERRORS.API_KEY_NOT_FOUND({ apiKeyId }, { path: ['apiKeyId'] });
    }
    const others = key.user_id !== null && key.user_id !== principal.id;
    if (others && !principal.permissions.has('members:write')) {
      throw IDENTITY_ERRORS.NOT_YOUR_KEY({ path: ['apiKeyId'] });
    }
    await tx.query(
      `UPDATE api_keys SET revoked_at = $3, revoked_by = $4
       WHERE id = $1 AND organization_id = $2 AND revoked_at IS NULL`,
      [apiKeyId, tx.scope.organizationId, this.clock.now(), principal.id],
    );
  }

  private async ownerOf(tx: Transaction, principal: Principal, serviceAccountId?: string): Promise<KeyOwner> {
    if (serviceAccountId) {
      const account = await this.serviceAccounts.require(tx, serviceAccountId);
      return {
        userId: null,
        serviceAccountId,
        title: `the service account ${account.name} (${account.role})`,
        role: account.role,
        projectIds: account.projectId ? [account.projectId] : 'all',
      };
    }
    if (principal.type !== 'user') throw IDENTITY_ERRORS.NOT_A_USER();
    const member = await tx.one<{ role: string }>(
      'SELECT role FROM members WHERE user_id = $1 AND organization_id = $2 AND removed_at IS NULL',
      [principal.id, tx.scope.organizationId],
    );
    return {
      userId: principal.id,
      serviceAccountId: null,
      title: 'yours',
      role: member?.role ?? '',
      projectIds: principal.projectIds,
    };
  }

  private assertScopes(principal: Principal, owner: KeyOwner, scopes: readonly string[]): void {
    const grantable = permissionsOfKey([...principal.permissions], owner.role, principal.organizationKind);
    const excess = scopes.filter((scope) => !(grantable as string[]).includes(scope));
    if (excess.length > 0) {
      throw IDENTITY_ERRORS.SCOPE_NOT_GRANTABLE({ scopes: excess, owner: owner.title }, { path: ['scopes'] });
    }
  }

  private async assertProject(
    tx: Transaction,
    principal: Principal,
    owner: KeyOwner,
    projectId: string | undefined,
  ): Promise<void> {
    if (projectId) {
      assertReaches(principal, projectId);
      const outside = owner.projectIds !== 'all' && !owner.projectIds.includes(projectId);
      if (outside) throw IDENTITY_ERRORS.PROJECT_NOT_FOUND({ projectId }, { path: ['projectId'] });
      await this.projects.require(tx, projectId);
      return;
    }
    if (principal.projectIds === 'all') return;
    // A key without a project follows its owner to every project, also to those that its maker does not reach.
    throw IDENTITY_ERRORS.PROJECT_NEEDED({ path: ['projectId'] });
  }

  private async assertRoom(tx: Transaction, owner: KeyOwner): Promise<void> {
    const row = await tx.one<{ number: number }>(
      `SELECT count(*)::int AS number FROM api_keys WHERE organization_id = $1 AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > $4) AND (user_id = $2 OR service_account_id = $3)`,
      [tx.scope.organizationId, owner.userId, owner.serviceAccountId, this.clock.now()],
    );
    if ((row?.number ?? 0) >= MOST_KEYS_OF_AN_OWNER) {
      throw IDENTITY_ERRORS.TOO_MANY_API_KEYS({ limit: MOST_KEYS_OF_AN_OWNER });
    }
  }
}

/** Keys of no project are seen by who owns them and by who reaches all projects. */
function reaches(principal: Principal, key: { project_id: string | null; user_id: string | null }): boolean {
  if (principal.projectIds === 'all' || key.user_id === principal.id) return true;
  return key.project_id !== null && principal.projectIds.includes(key.project_id);
}

/** The projects a key reaches: its own one if it has one, as long as its owner reaches it. */
export function projectsOfKey(
  row: Pick<KeyRow, 'project_id' | 'service_account_id' | 'owner_role' | 'organization_kind' | 'owner_project_ids'>,
): readonly string[] | 'all' {
  const assigned = row.owner_project_ids;
  const owners = row.service_account_id
    ? (assigned ?? 'all')
    : projectsOf(row.owner_role, row.organization_kind, assigned ?? []);
  if (row.project_id === null) return owners;
  return owners === 'all' || owners.includes(row.project_id) ? [row.project_id] : [];
}
