import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readByBothSides, roleMayRead, SYSTEM_FOR_PARTNER } from './support/row-security.js';

/** What was paid, credited afterwards, and goes back to the payment that it came from. */
export class Refunds1700000000341 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE credit_notes ADD refunds_paid boolean NOT NULL DEFAULT false');
    await q.query(`ALTER TABLE payment_receipts
      ADD CONSTRAINT payment_receipts_of_invoice UNIQUE (provider_payment_id, invoice_id, organization_id)`);
    await createRefunds(q);
    await boundRefunds(q);
    await guardRefunds(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE refunds');
    await q.query('DROP FUNCTION guard_refund(), bound_refund()');
    await q.query('ALTER TABLE payment_receipts DROP CONSTRAINT payment_receipts_of_invoice');
    await q.query('ALTER TABLE credit_notes DROP refunds_paid');
  }
}

async function createRefunds(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE refunds (
    id text COLLATE "C" PRIMARY KEY,
    -- What it is given back for.
    credit_note_id text COLLATE "C" NOT NULL,
    invoice_id text COLLATE "C" NOT NULL,
    -- The partner.
    organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    -- The payment that it goes back to.
    provider_payment_id text COLLATE "C" NOT NULL,
    currency text NOT NULL,
    amount_minor numeric(38,0) NOT NULL CHECK (amount_minor > 0),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    state text NOT NULL CHECK (state IN ('requested', 'pending', 'succeeded', 'failed')),
    requested_by text COLLATE "C" NOT NULL,
    requested_at timestamptz(3) NOT NULL,
    -- Null until the provider has it.
    provider_refund_id text COLLATE "C" UNIQUE,
    settled_at timestamptz(3) CHECK (settled_at >= requested_at),
    failure text CHECK (length(failure) BETWEEN 1 AND 500),
    CONSTRAINT refunds_credit_note FOREIGN KEY (credit_note_id, invoice_id, organization_id, lab_organization_id)
      REFERENCES credit_notes (id, invoice_id, organization_id, lab_organization_id),
    CONSTRAINT refunds_payment FOREIGN KEY (provider_payment_id, invoice_id, organization_id)
      REFERENCES payment_receipts (provider_payment_id, invoice_id, organization_id),
    CHECK (state <> 'requested' OR provider_refund_id IS NULL),
    CHECK ((state IN ('succeeded', 'failed')) = (settled_at IS NOT NULL)),
    CHECK ((state = 'failed') = (failure IS NOT NULL))
  )`);
  await q.query('CREATE INDEX refunds_by_credit_note ON refunds (credit_note_id)');
  await q.query('CREATE INDEX refunds_by_payment ON refunds (provider_payment_id)');
  await q.query('CREATE INDEX refunds_by_invoice ON refunds (invoice_id)');
  await q.query(`CREATE INDEX refunds_requested ON refunds (organization_id) WHERE state = 'requested'`);
  await q.query('CREATE INDEX refunds_sent ON refunds (requested_at) WHERE provider_refund_id IS NOT NULL');
  // Asked for by the lab, or by the system where the lab asked with the credit note; all that follows is the system's.
  await readByBothSides(q, 'refunds');
  await q.query(`CREATE POLICY refunds_lab ON refunds FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND lab_organization_id = app_organization() AND state = 'requested')`);
  await q.query(`CREATE POLICY refunds_with_note ON refunds FOR INSERT TO forkpoint_app
    WITH CHECK (${SYSTEM_FOR_PARTNER} AND state = 'requested')`);
  await q.query(`CREATE POLICY refunds_system ON refunds FOR UPDATE TO forkpoint_app
    USING (organization_id = (SELECT app_organization())) WITH CHECK (${SYSTEM_FOR_PARTNER})`);
  await q.query(
    'GRANT SELECT, INSERT, UPDATE (state, provider_refund_id, settled_at, failure) ON refunds TO forkpoint_app',
  );
  // The reconciler compares all of them with the provider's.
  await roleMayRead(q, 'refunds', 'forkpoint_reconciler');
}

/** Never more than the note owes, nor than the payment brought; two at once wait for each other. */
async function boundRefunds(q: QueryRunner): Promise<void> {
  await q.query(`CREATE FUNCTION bound_refund() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE owed numeric; paid numeric;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('invoice_credits:' || NEW.invoice_id, 0));
      SELECT c.paid_minor - coalesce(
        (SELECT sum(r.amount_minor) FROM refunds r WHERE r.credit_note_id = c.id AND r.state <> 'failed'), 0)
        INTO owed FROM credit_notes c WHERE c.id = NEW.credit_note_id;
      SELECT p.amount_minor - coalesce(
        (SELECT sum(r.amount_minor) FROM refunds r WHERE r.provider_payment_id = p.provider_payment_id AND r.state <> 'failed'), 0)
        INTO paid FROM payment_receipts p
        WHERE p.provider_payment_id = NEW.provider_payment_id AND p.provider_refundable_id IS NOT NULL;
      IF NEW.amount_minor > coalesce(owed, 0) OR NEW.amount_minor > coalesce(paid, 0)
      THEN RAISE EXCEPTION 'refund % gives back more than is owed or was paid', NEW.id USING ERRCODE = 'check_violation'; END IF;
      RETURN NEW;
    END $$`);
  await q.query('CREATE TRIGGER bounded BEFORE INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION bound_refund()');
}

/** What it says never changes, and a failed one stays failed: what it was of may have been refunded again. */
async function guardRefunds(q: QueryRunner): Promise<void> {
  await q.query(`CREATE FUNCTION guard_refund() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE settling text[] := ARRAY['state', 'provider_refund_id', 'settled_at', 'failure'];
    BEGIN
      IF OLD.state = 'failed' OR (to_jsonb(NEW) - settling) IS DISTINCT FROM (to_jsonb(OLD) - settling)
        OR OLD.provider_refund_id <> NEW.provider_refund_id
      THEN RAISE EXCEPTION 'refund % is only ever settled', OLD.id; END IF;
      RETURN NEW;
    END $$`);
  await q.query('CREATE TRIGGER guarded BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION guard_refund()');
}
