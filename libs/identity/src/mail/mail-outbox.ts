import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { Permission } from '../roles.js';

export interface NewMail {
  /** What it tells of, so that it is told once: posted again under it, it is the same mail. */
  key: string;
  /** Members of the organization who hold it when the mail is sent get it. */
  permission: Permission;
  /** One line. */
  subject: string;
  /** Plain text. */
  text: string;
}

/** Mail to people of an organization, decided on in the transaction whose outcome it tells of, and sent later by the worker. */
@Injectable()
export class MailOutbox {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** To people of the scope's organization, a partner; by the system. False where it was posted before. */
  async post(tx: Transaction, { key, permission, subject, text }: NewMail): Promise<boolean> {
    const rows = await tx.query(
      `INSERT INTO mail_outbox (id, organization_id, key, permission, subject, text, created_at, next_attempt_at)
       VALUES ($1, :organization, $2, $3, $4, $5, $6, $6) ON CONFLICT (organization_id, key) DO NOTHING RETURNING id`,
      [newId('mail'), key, permission, subject, text, this.clock.now()],
    );
    return rows.length > 0;
  }
}
