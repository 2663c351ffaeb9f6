import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readByBothSides, SYSTEM_FOR_PARTNER } from './support/row-security.js';

/** What the lab takes back of final invoices, and what partners dispute of them. */
export class CreditNotes1700000000250 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createCreditNotes(q);
    await createDisputes(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE invoice_disputes, credit_notes');
    await q.query('DROP FUNCTION guard_credit_note(), guard_invoice_dispute()');
  }
}

async function createCreditNotes(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE credit_notes (
    id text COLLATE "C" PRIMARY KEY,
    invoice_id text COLLATE "C" NOT NULL,
    -- The partner.
    organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    -- Counts the lab's credit notes, without gaps.
    number int NOT NULL CHECK (number > 0),
    -- Canonical JSON, to the byte as its hash was taken; its lines are in it alone.
    document text NOT NULL,
    document_sha256 text COLLATE "C" NOT NULL CHECK (document_sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')),
    total_minor numeric(38,0) NOT NULL CHECK (total_minor > 0),
    issued_by text COLLATE "C" NOT NULL,
    issued_at timestamptz(3) NOT NULL,
    -- Null until it is in the books, which say what of it was paid before: the partner is owed that.
    posted_at timestamptz(3),
    paid_minor numeric(38,0) CHECK (paid_minor BETWEEN 0 AND total_minor),
    UNIQUE (lab_organization_id, number),
    CONSTRAINT credit_notes_of_parties UNIQUE (id, invoice_id, organization_id, lab_organization_id),
    CONSTRAINT credit_notes_invoice FOREIGN KEY (invoice_id, organization_id, lab_organization_id)
      REFERENCES invoices (id, organization_id, lab_organization_id),
    CHECK (num_nonnulls(posted_at, paid_minor) IN (0, 2))
  )`);
  await q.query('CREATE INDEX credit_notes_by_invoice ON credit_notes (invoice_id, issued_at, id)');
  await q.query('CREATE INDEX credit_notes_partner ON credit_notes (organization_id, issued_at, id)');
  await q.query('CREATE INDEX credit_notes_lab ON credit_notes (lab_organization_id, issued_at, id)');
  // Issued by the lab, posted by the system for the partner.
  await readByBothSides(q, 'credit_notes');
  await q.query(`CREATE POLICY credit_notes_issue ON credit_notes FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND lab_organization_id = app_organization() AND posted_at IS NULL)`);
  await q.query(`CREATE POLICY credit_notes_post ON credit_notes FOR UPDATE TO forkpoint_app
    USING (organization_id = (SELECT app_organization())) WITH CHECK (${SYSTEM_FOR_PARTNER})`);
  await q.query('GRANT SELECT, INSERT, UPDATE (posted_at, paid_minor) ON credit_notes TO forkpoint_app');
  await q.query(`CREATE FUNCTION guard_credit_note() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE posting text[] := ARRAY['posted_at', 'paid_minor'];
    BEGIN
      IF OLD.posted_at IS NOT NULL OR (to_jsonb(NEW) - posting) IS DISTINCT FROM (to_jsonb(OLD) - posting)
      THEN RAISE EXCEPTION 'credit note % is only ever posted, once', OLD.id; END IF;
      RETURN NEW;
    END $$`);
  await q.query(
    'CREATE TRIGGER guarded BEFORE UPDATE ON credit_notes FOR EACH ROW EXECUTE FUNCTION guard_credit_note()',
  );
}

async function createDisputes(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE invoice_disputes (
    id text COLLATE "C" PRIMARY KEY,
    invoice_id text COLLATE "C" NOT NULL,
    -- The partner.
    organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    line_id text COLLATE "C" NOT NULL,
    -- What of the line was not credited yet.
    amount_minor numeric(38,0) NOT NULL CHECK (amount_minor > 0),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    state text NOT NULL CHECK (state IN ('open', 'credited', 'rejected')),
    opened_by text COLLATE "C" NOT NULL,
    opened_at timestamptz(3) NOT NULL,
    closed_by text COLLATE "C",
    closed_at timestamptz(3) CHECK (closed_at >= opened_at),
    -- Why it was rejected.
    rejection text CHECK (length(rejection) BETWEEN 1 AND 500),
    credit_note_id text COLLATE "C",
    CONSTRAINT invoice_disputes_invoice FOREIGN KEY (invoice_id, organization_id, lab_organization_id)
      REFERENCES invoices (id, organization_id, lab_organization_id),
    CONSTRAINT invoice_disputes_credit_note FOREIGN KEY (credit_note_id, invoice_id, organization_id, lab_organization_id)
      REFERENCES credit_notes (id, invoice_id, organization_id, lab_organization_id),
    CHECK (num_nonnulls(closed_by, closed_at) = CASE WHEN state = 'open' THEN 0 ELSE 2 END),
    CHECK ((state = 'rejected') = (rejection IS NOT NULL)),
    CHECK ((state = 'credited') = (credit_note_id IS NOT NULL))
  )`);
  await q.query(`CREATE UNIQUE INDEX invoice_disputes_open ON invoice_disputes (line_id) WHERE state = 'open'`);
  await q.query('CREATE INDEX invoice_disputes_by_invoice ON invoice_disputes (invoice_id, state)');
  await q.query('CREATE INDEX invoice_disputes_partner ON invoice_disputes (organization_id, opened_at, id)');
  await q.query('CREATE INDEX invoice_disputes_lab ON invoice_disputes (lab_organization_id, opened_at, id)');
  // Opened by the partner, closed by the lab.
  await readByBothSides(q, 'invoice_disputes');
  await q.query(`CREATE POLICY invoice_disputes_begin ON invoice_disputes FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'partner' AND organization_id = app_organization() AND state = 'open')`);
  await q.query(`CREATE POLICY invoice_disputes_close ON invoice_disputes FOR UPDATE TO forkpoint_app
    USING (app_scope_kind() = 'lab' AND lab_organization_id = app_organization())
    WITH CHECK (lab_organization_id = app_organization() AND state <> 'open')`);
  await q.query(`GRANT SELECT, INSERT, UPDATE (state, closed_by, closed_at, rejection, credit_note_id)
    ON invoice_disputes TO forkpoint_app`);
  await q.query(`CREATE FUNCTION guard_invoice_dispute() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE closing text[] := ARRAY['state', 'closed_by', 'closed_at', 'rejection', 'credit_note_id'];
    BEGIN
      IF OLD.state <> 'open' OR (to_jsonb(NEW) - closing) IS DISTINCT FROM (to_jsonb(OLD) - closing)
      THEN RAISE EXCEPTION 'dispute % is only ever closed, once', OLD.id; END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER guarded BEFORE UPDATE ON invoice_disputes
    FOR EACH ROW EXECUTE FUNCTION guard_invoice_dispute()`);
}
