import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId, sha256Hex } from '#libs/kernel';
import { Database, type Scope, type Transaction } from '#platform/database';
import type { Principal } from '#platform/graphql';
import { INITIAL_PASSWORD_PERMISSIONS } from './authorize.js';
import { type OrganizationKind, projectsOf, roleOf } from './roles.js';

const HOUR = 3_600_000;
export const SESSION_IDLE_MILLISECONDS = 8 * HOUR;
export const SESSION_LONGEST_MILLISECONDS = 7 * 24 * HOUR;
/** How exactly the last use is known. */
const TOUCH_MILLISECONDS = 60_000;
const MOST_SESSIONS_OF_A_USER = 20;
const MOST_USER_AGENT_CHARACTERS = 300;

export interface StartedSession {
  id: string;
  /** The cookie's value; only its hash is kept. */
  token: string;
  expiresAt: Date;
}

interface SessionRow {
  session_id: string;
  organization_id: string;
  organization_kind: OrganizationKind;
  user_id: string;
  role: string;
  project_ids: string[];
  password_change_required: boolean;
  last_seen_at: Date;
  expires_at: Date;
}

@Injectable()
export class SessionService {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async start(tx: Transaction, userId: string, from: { address: string; userAgent: string }): Promise<StartedSession> {
    const now = this.clock.now();
    const session = {
      id: newId('sess'),
      token: randomBytes(32).toString('base64url'),
      expiresAt: new Date(now.getTime() + SESSION_LONGEST_MILLISECONDS),
    };
    await tx.query(
      `INSERT INTO sessions (id, organization_id, user_id, token_sha256, address, user_agent, created_at, last_seen_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)`,
      [
        session.id,
        tx.scope.organizationId,
        userId,
        sha256Hex(session.token),
        from.address,
        from.userAgent.slice(0, MOST_USER_AGENT_CHARACTERS),
        now,
        session.expiresAt,
      ],
    );
    await this.endOldest(tx, userId);
    return session;
  }

  /** Who holds this cookie, or null when its session has ended, expired, or was not used for too long. */
  async resolve(token: string, { isUse = true } = {}): Promise<Principal | null> {
    const sought = [sha256Hex(token)];
    const [row] = await this.database.anonymous<SessionRow>('SELECT * FROM identity_find_session($1)', sought);
    const now = this.clock.now().getTime();
    if (!row || row.expires_at.getTime() <= now) return null;
    const idle = now - row.last_seen_at.getTime();
    if (idle >= SESSION_IDLE_MILLISECONDS) return null;
    if (isUse && idle >= TOUCH_MILLISECONDS) await this.touch(row);
    return principalOf(row);
  }

  async end(tx: Transaction, sessionId: string): Promise<void> {
    await tx.query('UPDATE sessions SET ended_at = $3 WHERE id = $1 AND organization_id = $2 AND ended_at IS NULL', [
      sessionId,
      tx.scope.organizationId,
      this.clock.now(),
    ]);
  }

  async endAllOf(tx: Transaction, userId: string, { except = null }: { except?: string | null } = {}): Promise<void> {
    await tx.query(
      `UPDATE sessions SET ended_at = $3 WHERE user_id = $1 AND organization_id = $2 AND ended_at IS NULL
       AND ($4::text IS NULL OR id <> $4)`,
      [userId, tx.scope.organizationId, this.clock.now(), except],
    );
  }

  private async touch(row: SessionRow): Promise<void> {
    const scope: Scope = {
      organizationId: row.organization_id,
      kind: row.organization_kind,
      actor: { type: 'user', id: row.user_id },
    };
    await this.database.transaction(scope, (tx) =>
      tx.query('UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND organization_id = $3', [
        row.session_id,
        this.clock.now(),
        row.organization_id,
      ]),
    );
  }

  /** What is over is forgotten at the user's next sign-in, and the oldest make room. */
  private async endOldest(tx: Transaction, userId: string): Promise<void> {
    const now = this.clock.now();
    await tx.query(
      'DELETE FROM sessions WHERE user_id = $1 AND organization_id = $2 AND (expires_at <= $3 OR ended_at IS NOT NULL)',
      [userId, tx.scope.organizationId, now],
    );
    await tx.query(
      `DELETE FROM sessions WHERE id IN
         (SELECT id FROM sessions WHERE user_id = $1 AND organization_id = $2 ORDER BY last_seen_at DESC, id DESC OFFSET $3)`,
      [userId, tx.scope.organizationId, MOST_SESSIONS_OF_A_USER],
    );
  }
}

function principalOf(row: SessionRow): Principal {
  const { organization_kind: kind, role } = row;
  return {
    type: 'user',
    id: row.user_id,
    organizationId: row.organization_id,
    organizationKind: kind,
    projectIds: projectsOf(role, kind, row.project_ids),
    permissions: row.password_change_required
      ? INITIAL_PASSWORD_PERMISSIONS
      : new Set(roleOf(role, kind)?.permissions ?? []),
    sessionId: row.session_id,
  };
}
