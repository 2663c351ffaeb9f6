import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, tenantTable } from './support/row-security.js';

/** Entitlements (who may use what for what), rate cards (what it costs) and reservations (what a job may spend). */
export class Contracts1700000000030 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // The scope may name its time (tests and recomputations do); else the transaction's own start counts.
    await q.query(`CREATE FUNCTION app_time() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
      AS $$ SELECT coalesce(nullif(current_setting('app.time', true), '')::timestamptz, transaction_timestamp()) $$`);
    await createEntitlements(q);
    await createRateCards(q);
    await createReservations(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE reservations, rate_card_lines, rate_cards');
    await q.query('DROP FUNCTION refuse_line_of_published_rate_card()');
    await q.query('DROP FUNCTION entitled(text)');
    await q.query('DROP TABLE entitlements');
    await q.query('DROP FUNCTION app_time()');
  }
}

async function createEntitlements(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE entitlements (
    id text COLLATE "C" PRIMARY KEY,
    -- The grantee; the grantor is the lab that owns what is granted.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    grantor_organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- The subject is a whole family, checkpoints published later included, or one checkpoint.
    family_id text COLLATE "C",
    checkpoint_id text COLLATE "C",
    -- The family that the subject is or belongs to: whoever may see a checkpoint may see what it belongs to.
    subject_family_id text COLLATE "C" NOT NULL,
    actions text[] NOT NULL,
    clause text NOT NULL CHECK (clause <> ''),
    valid_from timestamptz(3) NOT NULL,
    valid_to timestamptz(3),
    granted_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    revoked_at timestamptz(3),
    revoked_by text COLLATE "C",
    revocation_reason text,
    CHECK (num_nonnulls(family_id, checkpoint_id) = 1),
    CHECK (family_id = subject_family_id),
    CHECK (valid_to > valid_from),
    CHECK (organization_id <> grantor_organization_id),
    CHECK (actions <@ ARRAY['browse', 'fine_tune', 'deploy', 'download_weights', 'download_optimizer_state']),
    -- What may be used may be seen.
    CHECK ('browse' = ANY (actions)),
    CHECK (num_nonnulls(revoked_at, revoked_by, revocation_reason) IN (0, 3))
  )`);
  await q.query('CREATE INDEX entitlements_grantee ON entitlements (organization_id, subject_family_id)');
  await q.query('CREATE INDEX entitlements_grantor ON entitlements (grantor_organization_id, created_at, id)');

  await q.query('ALTER TABLE entitlements ENABLE ROW LEVEL SECURITY');
  await q.query('ALTER TABLE entitlements FORCE ROW LEVEL SECURITY');
  await q.query(`CREATE POLICY entitlements_own ON entitlements FOR SELECT TO forkpoint_app
    USING (app_organization() IN (organization_id, grantor_organization_id))`);
  await q.query(`CREATE POLICY entitlements_grant ON entitlements FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND grantor_organization_id = app_organization())`);
  await q.query(`CREATE POLICY entitlements_revoke ON entitlements FOR UPDATE TO forkpoint_app
    USING (app_scope_kind() = 'lab' AND grantor_organization_id = app_organization() AND revoked_at IS NULL)
    WITH CHECK (grantor_organization_id = app_organization())`);
  // A grant is never changed: it is revoked, and another one made.
  await q.query(
    'GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_by, revocation_reason) ON entitlements TO forkpoint_app',
  );
  // The gateway refuses calls that no entitlement covers; the engine pool serves nothing that nobody may call.
  await roleMayRead(q, 'entitlements', 'forkpoint_gateway');
  await roleMayRead(q, 'entitlements', 'forkpoint_reconciler');

  // What the caller was granted and holds now; no checkpoint: the whole family. A plain SQL function, so that the planner writes it out
  // in the policies that ask it, and reads the grants once for all rows.
  await q.query(`CREATE FUNCTION entitled(action text)
    RETURNS TABLE (grantor_organization_id text, family_id text, checkpoint_id text) LANGUAGE sql STABLE PARALLEL SAFE AS $$
      SELECT e.grantor_organization_id, e.subject_family_id, e.checkpoint_id FROM entitlements e
      WHERE e.organization_id = app_organization() AND $1 = ANY (e.actions)
        AND e.revoked_at IS NULL AND e.valid_from <= app_time() AND (e.valid_to IS NULL OR app_time() < e.valid_to)
    $$`);
}

async function createRateCards(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE rate_cards (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- Whose prices these are; null: everybody's who has none of their own.
    for_organization_id text COLLATE "C" REFERENCES organizations (id),
    name text NOT NULL CHECK (name <> ''),
    currency text NOT NULL CHECK (currency = 'USD'),
    status text NOT NULL CHECK (status IN ('draft', 'published')),
    effective_from timestamptz(3),
    published_at timestamptz(3),
    published_by text COLLATE "C",
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    UNIQUE (id, organization_id),
    CHECK (num_nonnulls(effective_from, published_at, published_by) = CASE status WHEN 'published' THEN 3 ELSE 0 END),
    -- Prices never change for a time that is past: what was rated stays rated.
    CHECK (effective_from >= published_at)
  )`);
  await q.query(`CREATE UNIQUE INDEX rate_cards_effective ON rate_cards (organization_id, for_organization_id, effective_from)
    NULLS NOT DISTINCT WHERE status = 'published'`);
  await q.query('CREATE INDEX rate_cards_customer ON rate_cards (for_organization_id, effective_from)');
  await q.query('ALTER TABLE rate_cards ENABLE ROW LEVEL SECURITY');
  await q.query('ALTER TABLE rate_cards FORCE ROW LEVEL SECURITY');
  await q.query(`CREATE POLICY rate_cards_read ON rate_cards FOR SELECT TO forkpoint_app
    USING (organization_id = app_organization() OR
           status = 'published' AND coalesce(for_organization_id, app_organization()) = app_organization())`);
  await q.query(`CREATE POLICY rate_cards_draft ON rate_cards FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND organization_id = app_organization() AND status = 'draft')`);
  await q.query(`CREATE POLICY rate_cards_publish ON rate_cards FOR UPDATE TO forkpoint_app
    USING (app_scope_kind() = 'lab' AND organization_id = app_organization() AND status = 'draft')
    WITH CHECK (organization_id = app_organization() AND status = 'published')`);
  await q.query(
    'GRANT SELECT, INSERT, UPDATE (status, effective_from, published_at, published_by) ON rate_cards TO forkpoint_app',
  );

  await q.query(`CREATE TABLE rate_card_lines (
    rate_card_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    position int NOT NULL CHECK (position >= 0),
    meter text NOT NULL CHECK (meter IN ('training_tokens', 'input_tokens', 'output_tokens', 'evaluation_tokens')),
    -- At most one of them: a line for a checkpoint beats one for its family, and that one a line for everything.
    family_id text COLLATE "C",
    checkpoint_id text COLLATE "C",
    -- The price is the fraction price_nanos / per_units, exactly.
    price_nanos numeric(38,0) NOT NULL CHECK (price_nanos >= 0),
    per_units bigint NOT NULL CHECK (per_units > 0),
    PRIMARY KEY (rate_card_id, position),
    FOREIGN KEY (rate_card_id, organization_id) REFERENCES rate_cards (id, organization_id),
    CHECK (num_nonnulls(family_id, checkpoint_id) <= 1)
  )`);
  await q.query(`CREATE UNIQUE INDEX rate_card_lines_subject ON rate_card_lines (rate_card_id, meter, family_id, checkpoint_id)
    NULLS NOT DISTINCT`);
  await q.query('ALTER TABLE rate_card_lines ENABLE ROW LEVEL SECURITY');
  await q.query('ALTER TABLE rate_card_lines FORCE ROW LEVEL SECURITY');
  // Seen with the card, by the card's own policy.
  await q.query(`CREATE POLICY rate_card_lines_read ON rate_card_lines FOR SELECT TO forkpoint_app
    USING (EXISTS (SELECT 1 FROM rate_cards c WHERE c.id = rate_card_id))`);
  await q.query(`CREATE POLICY rate_card_lines_draft ON rate_card_lines FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND organization_id = app_organization())`);
  await q.query('GRANT SELECT, INSERT ON rate_card_lines TO forkpoint_app');
  await q.query(`CREATE FUNCTION refuse_line_of_published_rate_card() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM rate_cards WHERE id = NEW.rate_card_id AND status = 'draft';
      IF NOT FOUND THEN RAISE EXCEPTION 'rate card % takes no more lines', NEW.rate_card_id; END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER draft_only BEFORE INSERT ON rate_card_lines
    FOR EACH ROW EXECUTE FUNCTION refuse_line_of_published_rate_card()`);
}

async function createReservations(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE reservations (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    -- What spends it, a job; it reserves once.
    owner_id text COLLATE "C" NOT NULL UNIQUE,
    cap_nanos numeric(38,0) NOT NULL CHECK (cap_nanos >= 0),
    status text NOT NULL CHECK (status IN ('held', 'settled', 'released')),
    actual_nanos numeric(38,0),
    settled_nanos numeric(38,0) CHECK (settled_nanos BETWEEN 0 AND least(cap_nanos, actual_nanos)),
    created_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    CHECK ((status = 'held') = (ended_at IS NULL)),
    CHECK (num_nonnulls(actual_nanos, settled_nanos) = CASE status WHEN 'settled' THEN 2 ELSE 0 END)
  )`);
  await q.query('CREATE INDEX reservations_project ON reservations (project_id, status)');
  await tenantTable(q, 'reservations', {
    grant: 'SELECT, INSERT, UPDATE (status, actual_nanos, settled_nanos, ended_at)',
  });
}
