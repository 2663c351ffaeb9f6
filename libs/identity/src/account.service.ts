import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { Principal } from '#platform/graphql';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { assertStrong, hashPassword } from './password.js';
import type { OrganizationKind } from './roles.js';
import { SessionService } from './session.service.js';

/** Who calls, for clients to show. */
export interface Identity {
  type: Principal['type'];
  id: string;
  user: { id: string; email: string; displayName: string } | null;
  organization: { id: string; kind: OrganizationKind; name: string; slug: string };
  role: string | null;
  permissions: string[];
  projectIds: readonly string[] | 'all';
  passwordChangeRequired: boolean;
}

/** What people do to their own account. */
@Injectable()
export class AccountService {
  constructor(
    private readonly sessions: SessionService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Replaces the password that was set at `knownSince`, and ends the user's other sessions. */
  async changePassword(
    tx: Transaction,
    change: { userId: string; email: string; newPassword: string; knownSince: Date; sessionId: string | null },
  ): Promise<void> {
    assertStrong(change.newPassword, change.email);
    const changed = await tx.query(
      `UPDATE users SET password_hash = $4, password_changed_at = $5, password_change_required = false, password_expires_at = NULL
       WHERE id = $1 AND organization_id = $2 AND password_changed_at = $3 RETURNING id`,
      [
        change.userId,
        tx.scope.organizationId,
        change.knownSince,
        await hashPassword(change.newPassword),
        this.clock.now(),
      ],
    );
    if (changed.length === 0) throw IDENTITY_ERRORS.INVALID_CREDENTIALS({ path: ['currentPassword'] });
    await this.sessions.endAllOf(tx, change.userId, { except: change.sessionId });
  }

  async describe(tx: Transaction, principal: Principal): Promise<Identity> {
    const organization = await tx.one<Identity['organization']>(
      'SELECT id, kind, name, slug FROM organizations WHERE id = $1',
      [principal.organizationId],
    );
    const user = await tx.one<{ email: string; displayName: string; role: string; passwordChangeRequired: boolean }>(
      `SELECT u.email, u.display_name AS "displayName", m.role, u.password_change_required AS "passwordChangeRequired"
       FROM users u JOIN members m ON m.user_id = u.id AND m.removed_at IS NULL
       WHERE u.id = $1 AND u.organization_id = $2`,
      [principal.id, principal.organizationId],
    );
    return {
      type: principal.type,
      id: principal.id,
      user: user && { id: principal.id, email: user.email, displayName: user.displayName },
      organization: organization as Identity['organization'],
      role: user?.role ?? null,
      permissions: [...principal.permissions],
      projectIds: principal.projectIds,
      passwordChangeRequired: user?.passwordChangeRequired ?? false,
    };
  }

  async emailOf(tx: Transaction, userId: string): Promise<string> {
    const row = await tx.one<{ email: string }>('SELECT email FROM users WHERE id = $1 AND organization_id = $2', [
      userId,
      tx.scope.organizationId,
    ]);
    if (!row) throw IDENTITY_ERRORS.NOT_A_USER();
    return row.email;
  }
}
