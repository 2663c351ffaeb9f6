import { Inject, Injectable } from '@nestjs/common';
import type { Transporter } from 'nodemailer';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Scope, systemScope, type Transaction } from '#platform/database';
import { rolesWith } from '../roles.js';

/** How long one sending may take before another one begins, and how long after the nth failure the next try comes. */
const PATIENCE_MILLISECONDS = 5 * 60_000;
const LONGEST_PAUSE_MILLISECONDS = 6 * 60 * 60_000;
const BATCH = 100;

export interface MailSettings {
  transport: Transporter;
  /** The sender, as in `Forkpoint <billing@lab.example>`. */
  from: string;
}

interface ClaimedMail {
  id: string;
  permission: string;
  subject: string;
  text: string;
  attempts: number;
}

/**
 * Sends what the outbox holds. A mail that was handed over but not marked, since the process died in between, goes out again: both carry the
 * same Message-ID, by which readers know them for one.
 */
@Injectable()
export class MailDelivery {
  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Gives what went wrong, by mail; such a mail comes again later. */
  async deliverDue(settings: MailSettings, signal?: AbortSignal): Promise<Map<string, Error>> {
    const failures = new Map<string, Error>();
    for (const { id, organizationId } of await this.due()) {
      if (signal?.aborted) break;
      const scope = systemScope('mail', organizationId);
      const mail = await this.database.transaction(scope, (tx) => this.claim(tx, id));
      if (!mail) continue;
      await this.deliver(scope, mail, settings).catch(async (error: Error) => {
        failures.set(id, error);
        await this.database.transaction(scope, (tx) => this.postpone(tx, mail, error));
      });
    }
    return failures;
  }

  private async deliver(scope: Scope, mail: ClaimedMail, { transport, from }: MailSettings): Promise<void> {
    const { id, subject, text, permission } = mail;
    const to = await this.database.read(scope, (tx) => addressesOf(tx, permission));
    if (to.length === 0) throw new Error(`no member of ${scope.organizationId} has the permission ${permission}`);
    await transport.sendMail({
      from,
      to,
      subject,
      text,
      messageId: `<${id}@forkpoint>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      // What is written here by others stays text.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    await this.database.transaction(scope, (tx) =>
      tx.query(
        `UPDATE mail_outbox SET sent_at = $2, recipients = $3, last_error = NULL
         WHERE id = $1 AND organization_id = :organization AND sent_at IS NULL`,
        [id, this.clock.now(), to],
      ),
    );
  }

  private due(): Promise<Array<{ id: string; organizationId: string }>> {
    return this.database.as('reconciler', (tx) =>
      tx.query(
        `SELECT id, organization_id AS "organizationId" FROM mail_outbox WHERE sent_at IS NULL AND next_attempt_at <= $1
         ORDER BY next_attempt_at, id LIMIT ${BATCH}`,
        [this.clock.now()],
      ),
    );
  }

  /** Null if another process has it, or had. */
  private claim(tx: Transaction, id: string): Promise<ClaimedMail | null> {
    const now = this.clock.now();
    return tx.one<ClaimedMail>(
      `UPDATE mail_outbox SET attempts = attempts + 1, next_attempt_at = $3
       WHERE id = $1 AND organization_id = :organization AND sent_at IS NULL AND next_attempt_at <= $2
       RETURNING id, permission, subject, text, attempts`,
      [id, now, new Date(now.getTime() + PATIENCE_MILLISECONDS)],
    );
  }

  private async postpone(tx: Transaction, { id, attempts }: ClaimedMail, error: Error): Promise<void> {
    const pause = Math.min(60_000 * 2 ** (attempts - 1), LONGEST_PAUSE_MILLISECONDS);
    await tx.query(
      `UPDATE mail_outbox SET next_attempt_at = $2, last_error = $3 WHERE id = $1 AND organization_id = :organization`,
      [id, new Date(this.clock.now().getTime() + pause), error.message.slice(0, 1_000)],
    );
  }
}

/** Of those who hold the permission now. */
async function addressesOf(tx: Transaction, permission: string): Promise<string[]> {
  const rows = await tx.query<{ email: string }>(
    `SELECT u.email FROM members m JOIN users u ON u.id = m.user_id
     WHERE m.organization_id = :organization AND m.removed_at IS NULL AND m.role = ANY($1) ORDER BY u.email`,
    [rolesWith(permission, tx.scope.kind)],
  );
  return rows.map(({ email }) => email);
}
