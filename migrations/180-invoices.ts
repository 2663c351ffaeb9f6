import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readByBothSides, roleMayRead, SYSTEM_FOR_PARTNER, secureTable } from './support/row-security.js';

/** What a contract comes to: credits that are granted, invoices that are issued, and when usage became final on record. */
export class Invoices1700000000180 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await recordFinality(q);
    await createCreditGrants(q);
    await createInvoices(q);
    await createNumbers(q);
    // What there is to invoice is looked for over all organizations, and invoiced in transactions of each.
    await roleMayRead(q, 'contracts', 'forkpoint_reconciler', [
      'id',
      'organization_id',
      'state',
      'starts_at',
      'ends_at',
    ]);
    await roleMayRead(q, 'invoices', 'forkpoint_reconciler', ['contract_id', 'state', 'to_at', 'finalizes_at']);
    await q.query('GRANT SELECT (organization_id, admitted_at, final_at) ON usage_events TO forkpoint_reconciler');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP FUNCTION next_invoice_number(text)');
    await q.query('DROP POLICY contracts_forkpoint_reconciler_read ON contracts');
    await q.query('REVOKE ALL ON contracts FROM forkpoint_reconciler');
    await q.query('REVOKE SELECT (organization_id, admitted_at, final_at) ON usage_events FROM forkpoint_reconciler');
    await q.query('DROP TABLE invoice_numbers, invoices, credit_grants');
    await q.query('DROP FUNCTION guard_invoice(), guard_credit_grant()');
    await q.query('DROP TRIGGER final ON usage_events');
    await q.query('DROP FUNCTION usage_event_becomes_final()');
    await q.query('DROP INDEX usage_events_by_finality');
    await q.query('ALTER TABLE usage_events DROP COLUMN final_at');
    await q.query('GRANT INSERT ON usage_events TO forkpoint_app, forkpoint_gateway');
  }
}

/**
 * An invoice takes what was final on record at its end of grace: `ended_at` does not say so, since a gateway that was cut off from
 * the database writes ends that are long past. Whoever writes holds a lock on its organization's usage until the commit, shared with
 * other writers, and reads the clock under it: once the lock was taken alone, at a time after that end, nothing can be added before it.
 */
async function recordFinality(q: QueryRunner): Promise<void> {
  await q.query('ALTER TABLE usage_events ADD COLUMN final_at timestamptz(3)');
  // The nearest to the truth that is known of what was recorded before.
  await q.query('ALTER TABLE usage_events NO FORCE ROW LEVEL SECURITY');
  await q.query(`UPDATE usage_events SET final_at = ended_at WHERE state <> 'admitted'`);
  await q.query('ALTER TABLE usage_events FORCE ROW LEVEL SECURITY');
  await q.query(`ALTER TABLE usage_events ADD CONSTRAINT usage_events_final
    CHECK ((state = 'admitted') = (final_at IS NULL))`);
  await q.query('CREATE INDEX usage_events_by_finality ON usage_events (organization_id, final_at)');
  await q.query(`CREATE FUNCTION usage_event_becomes_final() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.state <> 'admitted' AND NEW.final_at IS NULL THEN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('usage:' || NEW.organization_id, 0));
        NEW.final_at := clock_timestamp();
      END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER final BEFORE INSERT OR UPDATE OF state ON usage_events
    FOR EACH ROW EXECUTE FUNCTION usage_event_becomes_final()`);
  // Nobody who writes usage says when it became final: the column is not among those that they may write.
  const { columns } = (
    await q.query(`SELECT string_agg(attname, ', ') AS columns FROM pg_attribute
      WHERE attrelid = 'usage_events'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'final_at'`)
  )[0];
  await q.query('REVOKE INSERT ON usage_events FROM forkpoint_app, forkpoint_gateway');
  await q.query(`GRANT INSERT (${columns}) ON usage_events TO forkpoint_app, forkpoint_gateway`);
}

async function createCreditGrants(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE credit_grants (
    id text COLLATE "C" PRIMARY KEY,
    -- The partner.
    organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    contract_id text COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    amount_minor numeric(38,0) NOT NULL CHECK (amount_minor > 0),
    effective_at timestamptz(3) NOT NULL,
    expires_at timestamptz(3),
    priority int NOT NULL,
    recurrence text NOT NULL CHECK (recurrence IN ('once', 'monthly')),
    rollover_minor numeric(38,0) NOT NULL CHECK (rollover_minor >= 0),
    -- Null: all.
    meters text[] COLLATE "C",
    project_ids text[] COLLATE "C",
    granted_by text COLLATE "C" NOT NULL,
    granted_at timestamptz(3) NOT NULL,
    voided_by text COLLATE "C",
    voided_at timestamptz(3),
    void_reason text CHECK (length(void_reason) BETWEEN 1 AND 500),
    FOREIGN KEY (contract_id, organization_id, lab_organization_id) REFERENCES contracts (id, organization_id, lab_organization_id),
    -- An invoice that is final was made without it.
    CHECK (effective_at >= granted_at AND voided_at >= granted_at),
    CHECK (expires_at > effective_at),
    CHECK (recurrence = 'monthly' OR rollover_minor = 0),
    CHECK (num_nonnulls(voided_by, voided_at, void_reason) IN (0, 3))
  )`);
  await q.query('CREATE INDEX credit_grants_by_contract ON credit_grants (contract_id, granted_at, id)');
  await readByBothSides(q, 'credit_grants');
  await q.query(`CREATE POLICY credit_grants_lab_grants ON credit_grants FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND lab_organization_id = app_organization() AND voided_at IS NULL)`);
  await q.query(`CREATE POLICY credit_grants_lab_voids ON credit_grants FOR UPDATE TO forkpoint_app
    USING (app_scope_kind() = 'lab' AND lab_organization_id = app_organization())
    WITH CHECK (lab_organization_id = app_organization())`);
  await q.query('GRANT SELECT, INSERT, UPDATE (voided_by, voided_at, void_reason) ON credit_grants TO forkpoint_app');
  await q.query(`CREATE FUNCTION guard_credit_grant() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.voided_at IS NOT NULL THEN RAISE EXCEPTION 'credit grant % was voided, and never changes', OLD.id; END IF;
      IF (to_jsonb(NEW) - ARRAY['voided_by', 'voided_at', 'void_reason'])
           IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['voided_by', 'voided_at', 'void_reason'])
      THEN RAISE EXCEPTION 'credit grant % is only ever voided', OLD.id; END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER guarded BEFORE UPDATE ON credit_grants
    FOR EACH ROW EXECUTE FUNCTION guard_credit_grant()`);
}

async function createInvoices(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE invoices (
    id text COLLATE "C" PRIMARY KEY,
    -- The partner.
    organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    contract_id text COLLATE "C" NOT NULL,
    -- Of the contract's periods, from 1.
    period int NOT NULL CHECK (period > 0),
    from_at timestamptz(3) NOT NULL,
    to_at timestamptz(3) NOT NULL CHECK (to_at > from_at),
    -- The last instant whose usage it takes.
    finalizes_at timestamptz(3) NOT NULL CHECK (finalizes_at >= to_at),
    currency text NOT NULL CHECK (currency IN ('USD', 'EUR', 'GBP', 'JPY', 'KWD')),
    state text NOT NULL CHECK (state IN ('draft', 'open', 'finalized', 'paid', 'void', 'uncollectible')),
    -- Counts the lab's finalized invoices, without gaps.
    number int CHECK (number > 0),
    finalized_at timestamptz(3),
    -- Canonical JSON, to the byte as its hash was taken.
    document text,
    document_sha256 text COLLATE "C" CHECK (document_sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')),
    due_minor numeric(38,0) CHECK (due_minor >= 0),
    -- What of it the ledger says is neither paid nor given up.
    open_minor numeric(38,0) CHECK (open_minor BETWEEN 0 AND due_minor),
    closed_by text COLLATE "C",
    closed_at timestamptz(3),
    close_reason text CHECK (length(close_reason) BETWEEN 1 AND 500),
    created_at timestamptz(3) NOT NULL,
    UNIQUE (contract_id, period),
    UNIQUE (lab_organization_id, number),
    FOREIGN KEY (contract_id, organization_id, lab_organization_id) REFERENCES contracts (id, organization_id, lab_organization_id),
    CHECK (num_nonnulls(number, finalized_at, document, document_sha256, due_minor, open_minor)
           = CASE WHEN state IN ('draft', 'open') THEN 0 ELSE 6 END),
    CHECK (num_nonnulls(closed_by, closed_at, close_reason) = CASE WHEN state IN ('void', 'uncollectible') THEN 3 ELSE 0 END),
    CHECK (state <> 'paid' OR open_minor = 0)
  )`);
  await q.query('CREATE INDEX invoices_partner ON invoices (organization_id, from_at, id)');
  await q.query('CREATE INDEX invoices_lab ON invoices (lab_organization_id, from_at, id)');
  await q.query(`CREATE INDEX invoices_due ON invoices (state, finalizes_at) WHERE state IN ('draft', 'open')`);
  await readByBothSides(q, 'invoices');
  // Issued and paid by the system, for the partner; the lab takes back and gives up.
  await q.query(`CREATE POLICY invoices_begin ON invoices FOR INSERT TO forkpoint_app
    WITH CHECK (${SYSTEM_FOR_PARTNER} AND state = 'draft')`);
  await q.query(`CREATE POLICY invoices_system ON invoices FOR UPDATE TO forkpoint_app
    USING (${SYSTEM_FOR_PARTNER}) WITH CHECK (${SYSTEM_FOR_PARTNER})`);
  await q.query(`CREATE POLICY invoices_lab ON invoices FOR UPDATE TO forkpoint_app
    USING (app_scope_kind() = 'lab' AND lab_organization_id = app_organization())
    WITH CHECK (lab_organization_id = app_organization() AND state IN ('void', 'uncollectible'))`);
  await q.query(`GRANT SELECT, INSERT, UPDATE (state, number, finalized_at, document, document_sha256, due_minor, open_minor,
    closed_by, closed_at, close_reason) ON invoices TO forkpoint_app`);
  await q.query(`CREATE FUNCTION guard_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      moving text[] := ARRAY['state', 'open_minor', 'closed_by', 'closed_at', 'close_reason']
        || CASE WHEN OLD.state = 'open' THEN ARRAY['number', 'finalized_at', 'document', 'document_sha256', 'due_minor'] ELSE '{}' END;
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
  await q.query('CREATE TRIGGER guarded BEFORE UPDATE ON invoices FOR EACH ROW EXECUTE FUNCTION guard_invoice()');
}

/** A sequence would leave gaps where a transaction is rolled back; a row that is counted up in it leaves none. */
async function createNumbers(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE invoice_numbers (
    -- The lab.
    organization_id text COLLATE "C" PRIMARY KEY REFERENCES organizations (id),
    last int NOT NULL
  )`);
  await secureTable(q, 'invoice_numbers');
  await q.query(`CREATE POLICY invoice_numbers_own ON invoice_numbers FOR SELECT TO forkpoint_app
    USING (organization_id = app_organization())`);
  await q.query(
    `DO $$ BEGIN CREATE ROLE forkpoint_invoicing NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
  );
  for (const table of ['invoices', 'invoice_numbers']) {
    await q.query(`CREATE POLICY ${table}_numbering ON ${table} TO forkpoint_invoicing USING (true) WITH CHECK (true)`);
  }
  await q.query('GRANT SELECT (id, organization_id, lab_organization_id, state) ON invoices TO forkpoint_invoicing');
  await q.query('GRANT SELECT, INSERT, UPDATE ON invoice_numbers TO forkpoint_invoicing');
  // An invoice is numbered in the scope of its partner, and the numbers are the lab's.
  await q.query(`CREATE FUNCTION next_invoice_number(invoice_id text) RETURNS int LANGUAGE sql VOLATILE
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      INSERT INTO public.invoice_numbers AS n (organization_id, last)
      SELECT i.lab_organization_id, 1 FROM public.invoices i
      WHERE i.id = invoice_id AND i.organization_id = public.app_organization() AND i.state = 'open'
      ON CONFLICT (organization_id) DO UPDATE SET last = n.last + 1
      RETURNING n.last $$`);
  await q.query('GRANT CREATE ON SCHEMA public TO forkpoint_invoicing');
  await q.query('GRANT forkpoint_invoicing TO CURRENT_USER');
  await q.query('REVOKE ALL ON FUNCTION next_invoice_number(text) FROM PUBLIC');
  await q.query('GRANT EXECUTE ON FUNCTION next_invoice_number(text) TO forkpoint_app');
  await q.query('ALTER FUNCTION next_invoice_number(text) OWNER TO forkpoint_invoicing');
  await q.query('REVOKE forkpoint_invoicing FROM CURRENT_USER');
  await q.query('REVOKE CREATE ON SCHEMA public FROM forkpoint_invoicing');
}
