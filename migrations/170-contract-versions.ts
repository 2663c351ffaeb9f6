import type { MigrationInterface, QueryRunner } from 'typeorm';
import { secureTable } from './support/row-security.js';

/**
 * Contracts as data: who agreed with whom, versions of the terms that never change once they are signed, and the signatures.
 * The lab sees all of its contracts; the partner a contract once something of it was offered, and of its versions those that were
 * offered. What is agreed is kept by triggers, and the four eyes by checks: whatever the application does.
 */
export class ContractVersions1700000000170 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Who acts in this transaction; null outside one of the application.
    await q.query(`CREATE FUNCTION app_actor() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
      AS $$ SELECT nullif(current_setting('app.actor_id', true), '') $$`);
    await createContracts(q);
    await createVersions(q);
    await createSignatures(q);
    await guardContracts(q);
    await guardVersions(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE contract_signatures, contract_versions, contracts');
    await q.query('DROP FUNCTION guard_contract(), guard_contract_version(), begin_contract_version()');
    await q.query('DROP FUNCTION app_actor()');
  }
}

async function createContracts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE contracts (
    id text COLLATE "C" PRIMARY KEY,
    -- The partner.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    lab_organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- As the documents name them, whatever they are called later.
    organization_name text NOT NULL,
    lab_name text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    currency text NOT NULL CHECK (currency IN ('USD', 'EUR', 'GBP', 'JPY', 'KWD')),
    -- Null: on acceptance.
    starts_at timestamptz(3),
    ends_at timestamptz(3) NOT NULL,
    grace_days int NOT NULL CHECK (grace_days BETWEEN 0 AND 366),
    purchase_order text CHECK (length(purchase_order) BETWEEN 1 AND 200),
    state text NOT NULL CHECK (state IN ('negotiating', 'in_force', 'abandoned')),
    first_offered_at timestamptz(3),
    abandoned_by text COLLATE "C",
    abandoned_at timestamptz(3),
    abandonment_reason text,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    UNIQUE (id, organization_id, lab_organization_id),
    CHECK (organization_id <> lab_organization_id),
    CHECK (ends_at > starts_at),
    CHECK (state <> 'in_force' OR num_nonnulls(starts_at, first_offered_at) = 2),
    CHECK (num_nonnulls(abandoned_by, abandoned_at, abandonment_reason) = CASE state WHEN 'abandoned' THEN 3 ELSE 0 END)
  )`);
  await q.query('CREATE INDEX contracts_lab ON contracts (lab_organization_id, created_at, id)');
  await q.query('CREATE INDEX contracts_partner ON contracts (organization_id, created_at, id)');
  await secureTable(q, 'contracts');
  await q.query(`CREATE POLICY contracts_read ON contracts FOR SELECT TO forkpoint_app
    USING (lab_organization_id = (SELECT app_organization())
           OR organization_id = (SELECT app_organization()) AND first_offered_at IS NOT NULL)`);
  await q.query(`CREATE POLICY contracts_draft ON contracts FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND lab_organization_id = app_organization() AND state = 'negotiating'
                AND first_offered_at IS NULL)`);
  // Either side may lock; the lab offers and abandons, and the partner alone puts in force.
  await q.query(`CREATE POLICY contracts_lab ON contracts FOR UPDATE TO forkpoint_app
    USING (app_scope_kind() = 'lab' AND lab_organization_id = app_organization())
    WITH CHECK (lab_organization_id = app_organization() AND state IN ('negotiating', 'abandoned'))`);
  await q.query(`CREATE POLICY contracts_partner ON contracts FOR UPDATE TO forkpoint_app
    USING (organization_id = app_organization() AND first_offered_at IS NOT NULL)
    WITH CHECK (organization_id = app_organization() AND state = 'in_force')`);
  await q.query(`GRANT SELECT, INSERT, UPDATE (name, starts_at, ends_at, grace_days, purchase_order, state, first_offered_at,
    abandoned_by, abandoned_at, abandonment_reason) ON contracts TO forkpoint_app`);
}

async function createVersions(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE contract_versions (
    id text COLLATE "C" PRIMARY KEY,
    contract_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    number int NOT NULL CHECK (number BETWEEN 1 AND 100),
    -- Null: on acceptance.
    effective_from timestamptz(3),
    terms jsonb NOT NULL,
    summary text NOT NULL CHECK (length(summary) <= 2000),
    -- Canonical JSON, to the byte as it is read and signed.
    document text NOT NULL,
    document_sha256 text COLLATE "C" NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'in_review', 'offered', 'accepted', 'declined', 'withdrawn')),
    -- Everybody who drafted, revised or submitted it, kept by a trigger.
    authors text[] COLLATE "C" NOT NULL,
    drafted_by text COLLATE "C" NOT NULL,
    drafted_at timestamptz(3) NOT NULL,
    submitted_by text COLLATE "C",
    submitted_at timestamptz(3),
    returned_by text COLLATE "C",
    returned_at timestamptz(3),
    return_reason text,
    approved_by text COLLATE "C",
    approved_at timestamptz(3),
    offered_at timestamptz(3),
    decided_by text COLLATE "C",
    decided_at timestamptz(3),
    decision_reason text,
    FOREIGN KEY (contract_id, organization_id, lab_organization_id)
      REFERENCES contracts (id, organization_id, lab_organization_id),
    UNIQUE (contract_id, number),
    UNIQUE (id, document_sha256, organization_id, lab_organization_id),
    CHECK (document_sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')),
    CHECK (document::jsonb -> 'terms' = terms),
    -- Four eyes.
    CHECK (approved_by <> drafted_by),
    CHECK (approved_by <> submitted_by),
    CHECK (approved_by <> ALL (authors)),
    CHECK (num_nonnulls(submitted_by, submitted_at) IN (0, 2)),
    CHECK (num_nonnulls(returned_by, returned_at, return_reason) IN (0, 3)),
    CHECK (num_nonnulls(approved_by, approved_at, offered_at) IN (0, 3)),
    CHECK (num_nonnulls(decided_by, decided_at) = CASE WHEN state IN ('accepted', 'declined', 'withdrawn') THEN 2 ELSE 0 END),
    CHECK (state NOT IN ('declined', 'withdrawn') OR decision_reason <> ''),
    CHECK (state NOT IN ('offered', 'accepted', 'declined') OR num_nonnulls(submitted_by, approved_by) = 2),
    CHECK (state NOT IN ('draft', 'in_review') OR approved_by IS NULL),
    -- Prices never change for a time that is past: what was billed stays as it is.
    CHECK (state <> 'accepted' OR (effective_from IS NOT NULL AND effective_from >= decided_at))
  )`);
  // One version at a time is worked on or waits; no two take effect at once.
  await q.query(`CREATE UNIQUE INDEX contract_versions_open ON contract_versions (contract_id)
    WHERE state IN ('draft', 'in_review', 'offered')`);
  await q.query(`CREATE UNIQUE INDEX contract_versions_effective ON contract_versions (contract_id, effective_from)
    WHERE state = 'accepted'`);
  await secureTable(q, 'contract_versions');
  await q.query(`CREATE POLICY contract_versions_read ON contract_versions FOR SELECT TO forkpoint_app
    USING (lab_organization_id = (SELECT app_organization())
           OR organization_id = (SELECT app_organization()) AND offered_at IS NOT NULL)`);
  await q.query(`CREATE POLICY contract_versions_draft ON contract_versions FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND lab_organization_id = app_organization() AND state = 'draft')`);
  await q.query(`CREATE POLICY contract_versions_lab ON contract_versions FOR UPDATE TO forkpoint_app
    USING (app_scope_kind() = 'lab' AND lab_organization_id = app_organization())
    WITH CHECK (lab_organization_id = app_organization() AND state IN ('draft', 'in_review', 'offered', 'withdrawn'))`);
  await q.query(`CREATE POLICY contract_versions_partner ON contract_versions FOR UPDATE TO forkpoint_app
    USING (organization_id = app_organization() AND state = 'offered')
    WITH CHECK (organization_id = app_organization() AND state IN ('accepted', 'declined'))`);
  await q.query(`GRANT SELECT, INSERT, UPDATE (effective_from, terms, summary, document, document_sha256, state, submitted_by,
    submitted_at, returned_by, returned_at, return_reason, approved_by, approved_at, offered_at, decided_by, decided_at,
    decision_reason) ON contract_versions TO forkpoint_app`);
}

async function createSignatures(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE contract_signatures (
    version_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    side text NOT NULL CHECK (side IN ('lab', 'partner')),
    user_id text COLLATE "C" NOT NULL,
    signatory_name text NOT NULL CHECK (length(signatory_name) BETWEEN 1 AND 200),
    signatory_title text NOT NULL CHECK (length(signatory_title) BETWEEN 1 AND 200),
    document_sha256 text COLLATE "C" NOT NULL,
    signed_at timestamptz(3) NOT NULL,
    PRIMARY KEY (version_id, side),
    -- What is signed is the document, and it can't change afterwards.
    FOREIGN KEY (version_id, document_sha256, organization_id, lab_organization_id)
      REFERENCES contract_versions (id, document_sha256, organization_id, lab_organization_id)
  )`);
  await secureTable(q, 'contract_signatures');
  // Seen with the version, by the version's own policy.
  await q.query(`CREATE POLICY contract_signatures_read ON contract_signatures FOR SELECT TO forkpoint_app
    USING (EXISTS (SELECT 1 FROM contract_versions v WHERE v.id = version_id))`);
  await q.query(`CREATE POLICY contract_signatures_lab ON contract_signatures FOR INSERT TO forkpoint_app
    WITH CHECK (side = 'lab' AND app_scope_kind() = 'lab' AND lab_organization_id = app_organization()
                AND user_id = app_actor())`);
  await q.query(`CREATE POLICY contract_signatures_partner ON contract_signatures FOR INSERT TO forkpoint_app
    WITH CHECK (side = 'partner' AND organization_id = app_organization() AND user_id = app_actor()
                AND EXISTS (SELECT 1 FROM contract_versions v WHERE v.id = version_id AND v.state = 'offered'))`);
  await q.query('GRANT SELECT, INSERT ON contract_signatures TO forkpoint_app');
}

async function guardContracts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE FUNCTION guard_contract() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.state <> 'negotiating' THEN RAISE EXCEPTION 'contract % is %, and never changes', OLD.id, OLD.state; END IF;
      IF OLD.first_offered_at IS NOT NULL AND (
           (NEW.name, NEW.ends_at, NEW.grace_days, NEW.purchase_order, NEW.first_offered_at)
             IS DISTINCT FROM (OLD.name, OLD.ends_at, OLD.grace_days, OLD.purchase_order, OLD.first_offered_at)
           OR NEW.starts_at IS DISTINCT FROM OLD.starts_at AND (OLD.starts_at IS NOT NULL OR NEW.state <> 'in_force'))
      THEN RAISE EXCEPTION 'contract % was offered, and its frame is fixed', OLD.id; END IF;
      IF NEW.state = 'in_force' AND NOT EXISTS (
           SELECT FROM contract_versions v WHERE v.contract_id = NEW.id AND v.state = 'accepted' AND v.effective_from = NEW.starts_at)
      THEN RAISE EXCEPTION 'contract % has no version that was accepted from its start', OLD.id; END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER guarded BEFORE UPDATE ON contracts FOR EACH ROW EXECUTE FUNCTION guard_contract()`);
}

async function guardVersions(q: QueryRunner): Promise<void> {
  await q.query(`CREATE FUNCTION begin_contract_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      NEW.authors := ARRAY[NEW.drafted_by, coalesce(app_actor(), NEW.drafted_by)];
      IF NUM_NONNULLS(NEW.submitted_by, NEW.approved_by, NEW.decided_by) > 0
      THEN RAISE EXCEPTION 'a contract version begins as a draft'; END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER begun BEFORE INSERT ON contract_versions
    FOR EACH ROW EXECUTE FUNCTION begin_contract_version()`);
  await q.query(`CREATE FUNCTION guard_contract_version() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      is_worked_on boolean := OLD.state = 'draft' AND NEW.state IN ('draft', 'in_review');
      is_said_anew boolean := (NEW.terms, NEW.document, NEW.document_sha256, NEW.summary)
        IS DISTINCT FROM (OLD.terms, OLD.document, OLD.document_sha256, OLD.summary);
    BEGIN
      IF OLD.state IN ('accepted', 'declined', 'withdrawn') OR NOT (CASE OLD.state
           WHEN 'draft' THEN NEW.state IN ('draft', 'in_review', 'withdrawn')
           WHEN 'in_review' THEN NEW.state IN ('offered', 'draft', 'withdrawn')
           WHEN 'offered' THEN NEW.state IN ('accepted', 'declined', 'withdrawn') END)
      THEN RAISE EXCEPTION 'contract version % is %, and can not become %', OLD.id, OLD.state, NEW.state; END IF;
      IF is_said_anew AND NEW.state || OLD.state <> 'draftdraft'
      THEN RAISE EXCEPTION 'contract version % changes only while it is a draft', OLD.id; END IF;
      IF NEW.effective_from IS DISTINCT FROM OLD.effective_from AND NEW.state || OLD.state <> 'draftdraft'
         AND NOT (OLD.effective_from IS NULL AND NEW.state = 'accepted')
      THEN RAISE EXCEPTION 'contract version % takes effect when its document says', OLD.id; END IF;
      IF OLD.approved_by IS NOT NULL AND (NEW.submitted_by, NEW.submitted_at, NEW.approved_by, NEW.approved_at, NEW.offered_at)
           IS DISTINCT FROM (OLD.submitted_by, OLD.submitted_at, OLD.approved_by, OLD.approved_at, OLD.offered_at)
      THEN RAISE EXCEPTION 'contract version % was approved, by whom does not change', OLD.id; END IF;
      IF is_worked_on AND app_actor() IS NOT NULL AND app_actor() <> ALL (OLD.authors)
      THEN NEW.authors := OLD.authors || app_actor(); END IF;
      IF NEW.state = 'offered' AND OLD.state = 'in_review' AND NEW.approved_by IS DISTINCT FROM app_actor()
      THEN RAISE EXCEPTION 'contract version % is approved by who acts', OLD.id; END IF;
      IF NEW.state IN ('offered', 'accepted') AND NOT EXISTS (
           SELECT FROM contract_signatures s WHERE s.version_id = NEW.id AND s.user_id = app_actor()
             AND s.side = CASE NEW.state WHEN 'offered' THEN 'lab' ELSE 'partner' END)
      THEN RAISE EXCEPTION 'contract version % is not signed by who decides', OLD.id; END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER guarded BEFORE UPDATE ON contract_versions
    FOR EACH ROW EXECUTE FUNCTION guard_contract_version()`);
}
