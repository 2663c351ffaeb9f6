import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { Principal } from '#platform/graphql';
import { assertMayGrant, assertReaches } from './authorize.js';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { ProjectService } from './project.service.js';

export interface NewServiceAccount {
  name: string;
  role: string;
  /** Confines it to one project; to none if left out. */
  projectId?: string;
}

export interface ServiceAccount {
  id: string;
  name: string;
  role: string;
  projectId: string | null;
}

/** Accounts of programs: they have no password and act by their keys. */
@Injectable()
export class ServiceAccountService {
  constructor(
    private readonly projects: ProjectService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async create(tx: Transaction, principal: Principal, { name, role, projectId }: NewServiceAccount): Promise<string> {
    assertMayGrant(principal, role);
    assertReaches(principal, projectId);
    if (projectId) await this.projects.require(tx, projectId);
    else if (principal.projectIds !== 'all') throw IDENTITY_ERRORS.PROJECT_NEEDED({ path: ['projectId'] });
    const id = newId('sa');
    const created = await tx.query(
      `INSERT INTO service_accounts (id, organization_id, project_id, name, role, created_by, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id`,
      [id, tx.scope.organizationId, projectId ?? null, name, role, principal.id, this.clock.now()],
    );
    if (created.length === 0) throw IDENTITY_ERRORS.NAME_NOT_AVAILABLE({ name }, { path: ['name'] });
    return id;
  }

  /** Its keys end with it. */
  async remove(tx: Transaction, principal: Principal, serviceAccountId: string): Promise<void> {
    const account = await this.require(tx, serviceAccountId);
    assertMayGrant(principal, account.role);
    assertReaches(principal, account.projectId);
    const now = this.clock.now();
    const parameters = [serviceAccountId, tx.scope.organizationId, now, principal.id];
    await tx.query(
      'UPDATE service_accounts SET removed_at = $3, removed_by = $4 WHERE id = $1 AND organization_id = $2',
      parameters,
    );
    await tx.query(
      `UPDATE api_keys SET revoked_at = $3, revoked_by = $4
       WHERE service_account_id = $1 AND organization_id = $2 AND revoked_at IS NULL`,
      parameters,
    );
  }

  async require(tx: Transaction, serviceAccountId: string): Promise<ServiceAccount> {
    const row = await tx.one<{ id: string; name: string; role: string; project_id: string | null }>(
      'SELECT id, name, role, project_id FROM service_accounts WHERE id = $1 AND organization_id = $2 AND removed_at IS NULL',
      [serviceAccountId, tx.scope.organizationId],
    );
    if (!row) {
      throw IDENTITY_ERRORS.SERVICE_ACCOUNT_NOT_FOUND({ serviceAccountId }, { path: ['serviceAccountId'] });
    }
    return { id: row.id, name: row.name, role: row.role, projectId: row.project_id };
  }
}
