import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '#libs/audit';
import { CLOCK, type Clock, canonicalJson, sha256Hex } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import { type Principal, scopeOf } from '#platform/graphql';
import { normalizeEmail } from './email.js';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { verifyPassword } from './password.js';
import type { OrganizationKind } from './roles.js';
import { SessionService, type StartedSession } from './session.service.js';
import { SignInThrottle } from './sign-in-throttle.js';

export interface SignInRequest {
  email: string;
  password: string;
  address: string;
  userAgent: string;
  requestId: string;
}

interface AccountRow {
  user_id: string;
  organization_id: string;
  organization_kind: OrganizationKind;
  password_hash: string;
  password_changed_at: Date;
  password_change_required: boolean;
  password_expires_at: Date | null;
}

@Injectable()
export class SignInService {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionService,
    private readonly throttle: SignInThrottle,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Whether an account exists shows neither in the answer nor in the time it takes. */
  async signIn(request: SignInRequest): Promise<StartedSession & { passwordChangeRequired: boolean }> {
    const account = await this.verified(request);
    if (!account) throw IDENTITY_ERRORS.INVALID_CREDENTIALS();
    if (account.password_expires_at && account.password_expires_at <= this.clock.now())
      throw IDENTITY_ERRORS.INITIAL_PASSWORD_EXPIRED();
    const scope: Scope = {
      organizationId: account.organization_id,
      kind: account.organization_kind,
      actor: { type: 'user', id: account.user_id },
    };
    return this.database.transaction(scope, async (tx) => {
      const session = await this.sessions.start(tx, account.user_id, request);
      await this.audit.record(tx, {
        action: 'signIn',
        outcome: 'done',
        targetIds: [session.id],
        requestId: request.requestId,
        inputSha256: sha256Hex(canonicalJson({ address: request.address, userAgent: request.userAgent })),
      });
      return { ...session, passwordChangeRequired: account.password_change_required };
    });
  }

  async signOut(principal: Principal, requestId: string): Promise<void> {
    const { sessionId } = principal;
    if (!sessionId) return;
    await this.database.transaction(scopeOf(principal), async (tx) => {
      await this.sessions.end(tx, sessionId);
      await this.audit.record(tx, {
        action: 'signOut',
        outcome: 'done',
        targetIds: [sessionId],
        requestId,
        inputSha256: sha256Hex(canonicalJson({})),
      });
    });
  }

  /**
   * Whether somebody who is signed in knows the own password, throttled like a sign-in: a stolen session is not to find it out.
   * Gives when the password was set, for the change to apply to this one only.
   */
  async knowsPassword(attempt: { email: string; password: string; address: string }): Promise<Date | null> {
    return (await this.verified(attempt))?.password_changed_at ?? null;
  }

  private async verified({ password, address, ...request }: { email: string; password: string; address: string }) {
    const email = normalizeEmail(request.email) ?? '';
    await this.throttle.begin({ email, address });
    const [account] = await this.database.anonymous<AccountRow>('SELECT * FROM identity_find_user_by_email($1)', [
      email,
    ]);
    if (!(await verifyPassword(password, account?.password_hash ?? null)) || !account) return null;
    await this.throttle.succeed({ email, address });
    return account;
  }
}
