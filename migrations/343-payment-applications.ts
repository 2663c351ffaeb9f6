import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readByBothSides, SYSTEM_FOR_PARTNER } from './support/row-security.js';

/** What a partner paid beyond what was due, and the invoice that it pays. */
export class PaymentApplications1700000000343 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE payment_applications (
      id text COLLATE "C" PRIMARY KEY,
      invoice_id text COLLATE "C" NOT NULL,
      -- The partner, whose money it is.
      organization_id text COLLATE "C" NOT NULL,
      lab_organization_id text COLLATE "C" NOT NULL,
      currency text NOT NULL,
      -- What was asked for.
      amount_minor numeric(38,0) NOT NULL CHECK (amount_minor > 0),
      requested_by text COLLATE "C" NOT NULL,
      requested_at timestamptz(3) NOT NULL,
      -- Null until it is in the partner's books: as much as there was by then.
      applied_minor numeric(38,0) CHECK (applied_minor BETWEEN 0 AND amount_minor),
      posted_at timestamptz(3) CHECK (posted_at >= requested_at),
      CHECK ((applied_minor IS NULL) = (posted_at IS NULL)),
      CONSTRAINT payment_applications_invoice FOREIGN KEY (invoice_id, organization_id, lab_organization_id)
        REFERENCES invoices (id, organization_id, lab_organization_id)
    )`);
    await q.query('CREATE INDEX payment_applications_by_invoice ON payment_applications (invoice_id)');
    await q.query(
      'CREATE INDEX payment_applications_requested ON payment_applications (organization_id) WHERE posted_at IS NULL',
    );
    await readByBothSides(q, 'payment_applications');
    await q.query(`CREATE POLICY payment_applications_lab ON payment_applications FOR INSERT TO forkpoint_app
      WITH CHECK (app_scope_kind() = 'lab' AND lab_organization_id = app_organization() AND posted_at IS NULL)`);
    await q.query(`CREATE POLICY payment_applications_system ON payment_applications FOR UPDATE TO forkpoint_app
      USING (organization_id = (SELECT app_organization())) WITH CHECK (${SYSTEM_FOR_PARTNER})`);
    await q.query('GRANT SELECT, INSERT, UPDATE (applied_minor, posted_at) ON payment_applications TO forkpoint_app');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE payment_applications');
  }
}
