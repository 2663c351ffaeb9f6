import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readByBothSides, SYSTEM_FOR_PARTNER } from './support/row-security.js';

/** Files that final invoices can be rebuilt from, of which each is made once somebody wants it. */
export class InvoiceExports1700000000220 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(
      `ALTER TABLE invoices ADD CONSTRAINT invoices_of_parties UNIQUE (id, organization_id, lab_organization_id)`,
    );
    await q.query(`CREATE TABLE invoice_exports (
      invoice_id text COLLATE "C" PRIMARY KEY,
      -- The partner, below whose prefix the object is stored.
      organization_id text COLLATE "C" NOT NULL,
      lab_organization_id text COLLATE "C" NOT NULL,
      requested_by text COLLATE "C" NOT NULL,
      requested_at timestamptz(3) NOT NULL,
      -- Null until the object is stored.
      ready_at timestamptz(3) CHECK (ready_at >= requested_at),
      bytes bigint CHECK (bytes > 0),
      sha256 text COLLATE "C" CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      CONSTRAINT invoice_exports_invoice FOREIGN KEY (invoice_id, organization_id, lab_organization_id)
        REFERENCES invoices (id, organization_id, lab_organization_id),
      CHECK (num_nonnulls(ready_at, bytes, sha256) IN (0, 3))
    )`);
    await secure(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE invoice_exports');
    await q.query('ALTER TABLE invoices DROP CONSTRAINT invoices_of_parties');
  }
}

/** Asked for and read by both sides of the contract; made by the system, for the partner. */
async function secure(q: QueryRunner): Promise<void> {
  await readByBothSides(q, 'invoice_exports');
  await q.query(`CREATE POLICY invoice_exports_request ON invoice_exports FOR INSERT TO forkpoint_app
    WITH CHECK (organization_id = app_organization() OR lab_organization_id = app_organization())`);
  await q.query(`CREATE POLICY invoice_exports_system ON invoice_exports FOR UPDATE TO forkpoint_app
    USING (organization_id = (SELECT app_organization()))
    WITH CHECK (${SYSTEM_FOR_PARTNER})`);
  await q.query(`GRANT SELECT, INSERT (invoice_id, organization_id, lab_organization_id, requested_by, requested_at),
    UPDATE (ready_at, bytes, sha256) ON invoice_exports TO forkpoint_app`);
}
