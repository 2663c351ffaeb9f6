import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { assertStrong, hashPassword } from './password.js';
import { SessionService } from './session.service.js';

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

  async emailOf(tx: Transaction, userId: string): Promise<string> {
    const row = await tx.one<{ email: string }>('SELECT email FROM users WHERE id = $1 AND organization_id = $2', [
      userId,
      tx.scope.organizationId,
    ]);
    if (!row) throw IDENTITY_ERRORS.NOT_A_USER();
    return row.email;
  }
}
