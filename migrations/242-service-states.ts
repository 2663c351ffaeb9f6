import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, systemTable } from './support/row-security.js';

/** How far an organization's unpaid invoices have come in the dunning schedule. Without a row nothing was ever overdue. */
export class ServiceStates1700000000242 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE service_states (
      -- The partner.
      organization_id text COLLATE "C" PRIMARY KEY REFERENCES organizations (id),
      state text NOT NULL CHECK (state IN ('current', 'overdue', 'warned', 'no_new_work', 'inference_off')),
      since timestamptz(3) NOT NULL,
      -- Because of which invoices, the one that is due longest first.
      invoice_ids text[] COLLATE "C" NOT NULL,
      CHECK ((state = 'current') = (invoice_ids = '{}'))
    )`);
    await systemTable(q, 'service_states', 'SELECT, INSERT, UPDATE (state, since, invoice_ids)');
    await q.query(
      `CREATE INDEX invoices_unpaid ON invoices (finalized_at) WHERE state = 'finalized' AND open_minor > 0`,
    );
    // What is overdue, or was, is looked for over all organizations, and acted upon in transactions of each.
    await roleMayRead(q, 'service_states', 'forkpoint_reconciler', ['organization_id', 'state']);
    await q.query('GRANT SELECT (organization_id, finalized_at, open_minor) ON invoices TO forkpoint_reconciler');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE service_states');
    await q.query('DROP INDEX invoices_unpaid');
    await q.query('REVOKE SELECT (organization_id, finalized_at, open_minor) ON invoices FROM forkpoint_reconciler');
  }
}
