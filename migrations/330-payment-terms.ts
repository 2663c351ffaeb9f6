import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Until when an invoice is to be paid is what its contract says: of those that were final before, and of those that an older worker still writes, 30 days. */
export class PaymentTerms1700000000330 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(
      `ALTER TABLE invoices ADD COLUMN payment_days int NOT NULL DEFAULT 30 CHECK (payment_days BETWEEN 0 AND 120)`,
    );
    await q.query('GRANT UPDATE (payment_days) ON invoices TO forkpoint_app');
    await q.query('GRANT SELECT (payment_days) ON invoices TO forkpoint_reconciler');
    await guardInvoices(q, ['number', 'finalized_at', 'payment_days', 'document', 'document_sha256', 'due_minor']);
  }

  async down(q: QueryRunner): Promise<void> {
    await guardInvoices(q, ['number', 'finalized_at', 'document', 'document_sha256', 'due_minor']);
    await q.query('ALTER TABLE invoices DROP COLUMN payment_days');
  }
}

/** As in 180-invoices.ts, but for what is written when an invoice becomes final. */
async function guardInvoices(q: QueryRunner, said: readonly string[]): Promise<void> {
  const columns = said.map((column) => `'${column}'`).join(', ');
  await q.query(`CREATE OR REPLACE FUNCTION guard_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      moving text[] := ARRAY['state', 'open_minor', 'closed_by', 'closed_at', 'close_reason']
        || CASE WHEN OLD.state = 'open' THEN ARRAY[${columns}] ELSE '{}' END;
    BEGIN
      IF OLD.state = 'void' OR NOT (NEW.state = OLD.state OR CASE OLD.state
           WHEN 'draft' THEN NEW.state = 'open'
           WHEN 'open' THEN NEW.state = 'finalized'
           WHEN 'finalized' THEN NEW.state IN ('paid', 'void', 'uncollectible')
           ELSE NEW.state = 'finalized' END)
      THEN RAISE EXCEPTION 'invoice % is %, and can not become %', OLD.id, OLD.state, NEW.state; END IF;
      IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
      THEN RAISE EXCEPTION 'invoice % is %, and what it says is fixed', OLD.id, OLD.state; END IF;
      RETURN NEW;
    END $$`);
}
