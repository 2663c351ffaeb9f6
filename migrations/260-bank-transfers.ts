import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readByBothSides, SYSTEM_FOR_PARTNER } from './support/row-security.js';

/** Money that the lab saw on its bank account, and the invoice that it pays. */
export class BankTransfers1700000000260 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE bank_transfers (
      id text COLLATE "C" PRIMARY KEY,
      invoice_id text COLLATE "C" NOT NULL,
      -- The partner, which pays.
      organization_id text COLLATE "C" NOT NULL,
      lab_organization_id text COLLATE "C" NOT NULL,
      -- As the bank statement names it; entered again it is the same transfer.
      reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 140),
      amount_minor numeric(38,0) NOT NULL CHECK (amount_minor > 0),
      received_at timestamptz(3) NOT NULL,
      recorded_by text COLLATE "C" NOT NULL,
      recorded_at timestamptz(3) NOT NULL CHECK (recorded_at >= received_at),
      -- Null until it is in the partner's books.
      posted_at timestamptz(3),
      UNIQUE (invoice_id, reference),
      CONSTRAINT bank_transfers_invoice FOREIGN KEY (invoice_id, organization_id, lab_organization_id)
        REFERENCES invoices (id, organization_id, lab_organization_id)
    )`);
    await readByBothSides(q, 'bank_transfers');
    await q.query(`CREATE POLICY bank_transfers_lab ON bank_transfers FOR INSERT TO forkpoint_app
      WITH CHECK (lab_organization_id = app_organization() AND posted_at IS NULL)`);
    await q.query(`CREATE POLICY bank_transfers_system ON bank_transfers FOR UPDATE TO forkpoint_app
      USING (organization_id = (SELECT app_organization())) WITH CHECK (${SYSTEM_FOR_PARTNER})`);
    await q.query('GRANT SELECT, INSERT, UPDATE (posted_at) ON bank_transfers TO forkpoint_app');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE bank_transfers');
  }
}
