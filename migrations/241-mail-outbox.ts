import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, systemTable } from './support/row-security.js';

/** Mails that were decided on with what they tell of, and are sent later. */
export class MailOutbox1700000000241 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE mail_outbox (
      id text COLLATE "C" PRIMARY KEY,
      organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
      -- What it is about, once.
      key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
      -- Who holds it when the mail is sent gets the mail.
      permission text NOT NULL,
      subject text NOT NULL CHECK (subject ~ '^[^\\r\\n]{1,200}$'),
      text text NOT NULL CHECK (length(text) BETWEEN 1 AND 20000),
      created_at timestamptz(3) NOT NULL,
      attempts int NOT NULL DEFAULT 0,
      -- Also how long whoever sends it now may take.
      next_attempt_at timestamptz(3) NOT NULL,
      last_error text,
      sent_at timestamptz(3) CHECK (sent_at >= created_at),
      recipients text[],
      UNIQUE (organization_id, key),
      CHECK ((sent_at IS NULL) = (recipients IS NULL))
    )`);
    await q.query('CREATE INDEX mail_outbox_due ON mail_outbox (next_attempt_at) WHERE sent_at IS NULL');
    await systemTable(
      q,
      'mail_outbox',
      'SELECT, INSERT, UPDATE (attempts, next_attempt_at, last_error, sent_at, recipients)',
    );
    // What there is to send is looked for over all organizations, and sent in transactions of each.
    await roleMayRead(q, 'mail_outbox', 'forkpoint_reconciler', [
      'id',
      'organization_id',
      'sent_at',
      'next_attempt_at',
    ]);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE mail_outbox');
  }
}
