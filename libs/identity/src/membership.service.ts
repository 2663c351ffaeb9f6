import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { Principal } from '#platform/graphql';
import { assertMayGrant, assertReaches } from './authorize.js';
import { readEmail } from './email.js';
import { type FirstPassword, firstPassword } from './first-password.js';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { ProjectService } from './project.service.js';
import { type OrganizationKind, ROLE_NAMES, roleOf } from './roles.js';
import { SessionService } from './session.service.js';

export interface NewMember {
  email: string;
  displayName: string;
  role: string;
  /** The projects assigned; of no effect for roles that reach all. */
  projectIds: readonly string[];
  /** An initial one is made up if left out. */
  password?: string;
}

interface MemberRow {
  id: string;
  user_id: string;
  role: string;
}

@Injectable()
export class MembershipService {
  constructor(
    private readonly projects: ProjectService,
    private readonly sessions: SessionService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async add(
    tx: Transaction,
    principal: Principal,
    member: NewMember,
  ): Promise<{ memberId: string; initialPassword: string | null }> {
    assertMayGrant(principal, member.role);
    return this.addAs(tx, principal, member);
  }

  /** `add`, for who sets up the first lab: no role is needed to grant one. */
  async addAs(
    tx: Transaction,
    granter: Pick<Principal, 'id' | 'projectIds'>,
    { role, projectIds, displayName, ...account }: NewMember,
  ): Promise<{ memberId: string; initialPassword: string | null }> {
    const email = readEmail(account.email);
    const password = await firstPassword(account.password, email, this.clock.now());
    const userId = await this.claimUser(tx, { email, displayName, password });
    const memberId = newId('mem');
    await tx.query(
      `INSERT INTO members (id, organization_id, user_id, role, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
      [memberId, tx.scope.organizationId, userId, role, granter.id, this.clock.now()],
    );
    await this.assign(tx, granter, memberId, projectIds);
    return { memberId, initialPassword: password.toTell };
  }

  async changeRole(
    tx: Transaction,
    principal: Principal,
    change: { memberId: string; role: string; projectIds?: readonly string[] },
  ): Promise<void> {
    const member = await this.lock(tx, change.memberId);
    assertMayGrant(principal, member.role);
    assertMayGrant(principal, change.role);
    if (administers(member.role, tx.scope.kind) && !administers(change.role, tx.scope.kind)) {
      await this.assertNotLastAdministrator(tx, member);
    }
    await tx.query('UPDATE members SET role = $3 WHERE id = $1 AND organization_id = $2', [
      member.id,
      tx.scope.organizationId,
      change.role,
    ]);
    if (!change.projectIds) return;
    await tx.query('DELETE FROM project_members WHERE member_id = $1 AND organization_id = $2', [
      member.id,
      tx.scope.organizationId,
    ]);
    await this.assign(tx, principal, member.id, change.projectIds);
  }

  /** Ends the member's sessions and keys; what they made stays. */
  async remove(tx: Transaction, principal: Principal, memberId: string): Promise<void> {
    const member = await this.lock(tx, memberId);
    assertMayGrant(principal, member.role);
    if (administers(member.role, tx.scope.kind)) await this.assertNotLastAdministrator(tx, member);
    const now = this.clock.now();
    await tx.query('UPDATE members SET removed_at = $3, removed_by = $4 WHERE id = $1 AND organization_id = $2', [
      member.id,
      tx.scope.organizationId,
      now,
      principal.id,
    ]);
    await this.sessions.endAllOf(tx, member.user_id);
    await tx.query(
      `UPDATE api_keys SET revoked_at = $3, revoked_by = $4
       WHERE user_id = $1 AND organization_id = $2 AND revoked_at IS NULL`,
      [member.user_id, tx.scope.organizationId, now, principal.id],
    );
  }

  /** For somebody who lost the password. */
  async resetPassword(tx: Transaction, principal: Principal, memberId: string): Promise<{ initialPassword: string }> {
    const member = await this.lock(tx, memberId);
    assertMayGrant(principal, member.role);
    const password = await firstPassword(undefined, '', this.clock.now());
    await this.setPassword(tx, member.user_id, password);
    await this.sessions.endAllOf(tx, member.user_id);
    return { initialPassword: password.toTell as string };
  }

  /** A new account, or that of a former member of the same organization. */
  private async claimUser(
    tx: Transaction,
    { email, displayName, password }: { email: string; displayName: string; password: FirstPassword },
  ): Promise<string> {
    const now = this.clock.now();
    const id = newId('user');
    const created = await tx.query(
      `INSERT INTO users (id, organization_id, email, display_name, password_hash, password_changed_at, password_change_required,
         password_expires_at, created_at)
       VALUES ($1, $2, $3, $4, $5, $8, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
      [
        id,
        tx.scope.organizationId,
        email,
        displayName,
        password.hash,
        password.changeRequired,
        password.expiresAt,
        now,
      ],
    );
    if (created.length > 0) return id;
    const former = await tx.one<{ id: string }>(
      `SELECT u.id FROM users u WHERE u.email = $1 AND u.organization_id = $2
       AND NOT EXISTS (SELECT FROM members m WHERE m.user_id = u.id AND m.removed_at IS NULL)`,
      [email, tx.scope.organizationId],
    );
    if (!former) throw IDENTITY_ERRORS.EMAIL_NOT_AVAILABLE({ path: ['email'] });
    await tx.query('UPDATE users SET display_name = $3 WHERE id = $1 AND organization_id = $2', [
      former.id,
      tx.scope.organizationId,
      displayName,
    ]);
    await this.setPassword(tx, former.id, password);
    return former.id;
  }

  private async setPassword(tx: Transaction, userId: string, password: FirstPassword): Promise<void> {
    await tx.query(
      `UPDATE users SET password_hash = $3, password_changed_at = $4, password_change_required = $5, password_expires_at = $6
       WHERE id = $1 AND organization_id = $2`,
      [userId, tx.scope.organizationId, password.hash, this.clock.now(), password.changeRequired, password.expiresAt],
    );
  }

  private async assign(
    tx: Transaction,
    granter: Pick<Principal, 'projectIds'>,
    memberId: string,
    projectIds: readonly string[],
  ): Promise<void> {
    for (const projectId of new Set(projectIds)) {
      assertReaches(granter, projectId);
      await this.projects.require(tx, projectId);
      await tx.query('INSERT INTO project_members (project_id, member_id, organization_id) VALUES ($1, $2, $3)', [
        projectId,
        memberId,
        tx.scope.organizationId,
      ]);
    }
  }

  private async lock(tx: Transaction, memberId: string): Promise<MemberRow> {
    const row = await tx.one<MemberRow>(
      'SELECT id, user_id, role FROM members WHERE id = $1 AND organization_id = $2 AND removed_at IS NULL FOR UPDATE',
      [memberId, tx.scope.organizationId],
    );
    if (!row) throw IDENTITY_ERRORS.MEMBER_NOT_FOUND({ memberId }, { path: ['memberId'] });
    return row;
  }

  /** The organization is locked, so that two administrators who remove each other take turns. */
  private async assertNotLastAdministrator(tx: Transaction, member: MemberRow): Promise<void> {
    await tx.query('SELECT id FROM organizations WHERE id = $1 FOR UPDATE', [tx.scope.organizationId]);
    const roles = ROLE_NAMES.filter((role) => administers(role, tx.scope.kind));
    const others = await tx.query(
      'SELECT id FROM members WHERE organization_id = $1 AND id <> $2 AND removed_at IS NULL AND role = ANY($3) LIMIT 1',
      [tx.scope.organizationId, member.id, roles],
    );
    if (others.length === 0) throw IDENTITY_ERRORS.LAST_ADMINISTRATOR({ path: ['memberId'] });
  }
}

function administers(role: string, kind: OrganizationKind): boolean {
  return roleOf(role, kind)?.administers ?? false;
}
