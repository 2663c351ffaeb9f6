import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineForLab } from './support/functions-for-lab.js';
import { readByBothSides, roleMayRead, secureTable } from './support/row-security.js';

/**
 * Listings: a partner offers a variant to others, the lab reviews it. The publisher sees its own, the lab those of its families, another
 * partner those that were listed for it, also after their end, so that a refusal can name them.
 */
export class Listings1700000000320 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Silence is no leave: what was published before says nothing of it.
    await q.query('ALTER TABLE licenses ADD COLUMN allows_offering boolean NOT NULL DEFAULT false');
    await q.query('GRANT SELECT (allows_offering) ON licenses TO forkpoint_gateway');
    await createListings(q);
    await createAudiences(q);
    await createReviews(q);
    await showToReaders(q);
    await entitle(q);
    await guardListings(q);
    await countUse(q);
    await tellGateway(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP FUNCTION listing_impact(text)');
    for (const table of ['fine_tune_jobs', 'usage_events']) await q.query(`DROP POLICY ${table}_impact ON ${table}`);
    await q.query('REVOKE SELECT (organization_id, parent_checkpoint_id) ON fine_tune_jobs FROM forkpoint_lineage');
    await q.query('REVOKE SELECT (organization_id) ON usage_events FROM forkpoint_lineage');
    await q.query('ALTER TABLE usage_events DROP COLUMN listing_id');
    await q.query('REVOKE SELECT (checkpoint_id) ON deployment_revisions FROM forkpoint_lineage');
    await defineEntitled(q, OF_ENTITLEMENTS);
    await q.query('DROP VIEW offered_listings');
    await q.query('DROP POLICY listings_offered ON listings');
    await q.query('DROP TABLE listing_reviews, listing_audiences, listings');
    await q.query('DROP FUNCTION guard_listing(), guard_listing_audience()');
    await q.query('ALTER TABLE licenses DROP COLUMN allows_offering');
  }
}

async function createListings(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE listings (
    id text COLLATE "C" PRIMARY KEY,
    -- The publisher.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- Whose base the variant was made from.
    lab_organization_id text COLLATE "C" NOT NULL,
    checkpoint_id text COLLATE "C" NOT NULL,
    -- As it was called, for refusals to whom it is no longer offered.
    checkpoint_name text COLLATE "C" NOT NULL,
    family_id text COLLATE "C" NOT NULL,
    base_checkpoint_id text COLLATE "C" NOT NULL REFERENCES checkpoints (id),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    summary text NOT NULL CHECK (length(summary) BETWEEN 1 AND 2000),
    audience text NOT NULL CHECK (audience IN ('all_partners', 'named')),
    currency text NOT NULL CHECK (currency IN ('USD', 'EUR', 'GBP', 'JPY', 'KWD')),
    -- [{meter, priceNanos, perUnits}]
    prices jsonb NOT NULL CHECK (jsonb_typeof(prices) = 'array' AND prices <> '[]'),
    allows_fine_tuning boolean NOT NULL,
    actions text[] NOT NULL GENERATED ALWAYS AS (
      CASE WHEN allows_fine_tuning THEN ARRAY['browse', 'fine_tune', 'deploy'] ELSE ARRAY['browse', 'deploy'] END) STORED,
    terms text NOT NULL CHECK (length(terms) BETWEEN 1 AND 200000),
    terms_sha256 text COLLATE "C" NOT NULL CHECK (terms_sha256 = encode(sha256(convert_to(terms, 'UTF8')), 'hex')),
    -- Counts the texts that the listing has had.
    terms_version int NOT NULL CHECK (terms_version > 0),
    state text NOT NULL CHECK (state IN ('draft', 'in_review', 'listed', 'rejected', 'withdrawn', 'taken_down')),
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    submitted_at timestamptz(3),
    listed_at timestamptz(3),
    ended_by text COLLATE "C",
    ended_at timestamptz(3),
    end_reason text,
    UNIQUE (id, organization_id, lab_organization_id),
    -- Its publisher's own, of a family of the lab.
    FOREIGN KEY (checkpoint_id, organization_id) REFERENCES checkpoints (id, organization_id),
    FOREIGN KEY (family_id, lab_organization_id) REFERENCES model_families (id, organization_id),
    CHECK (organization_id <> lab_organization_id),
    CHECK (state NOT IN ('in_review', 'listed', 'rejected', 'taken_down') OR submitted_at IS NOT NULL),
    CHECK (CASE WHEN state IN ('listed', 'taken_down') THEN listed_at IS NOT NULL
                WHEN state = 'withdrawn' THEN true ELSE listed_at IS NULL END),
    CHECK (num_nonnulls(ended_by, ended_at) = CASE WHEN state IN ('withdrawn', 'taken_down') THEN 2 ELSE 0 END),
    CHECK ((state = 'taken_down') = (end_reason IS NOT NULL) AND end_reason <> '')
  )`);
  // What a use costs is the price of one listing.
  await q.query(`CREATE UNIQUE INDEX listings_of_checkpoint ON listings (checkpoint_id) WHERE state = 'listed'`);
  await q.query('CREATE INDEX listings_publisher ON listings (organization_id, created_at, id)');
  await q.query('CREATE INDEX listings_lab ON listings (lab_organization_id, state, created_at, id)');
  await q.query('CREATE INDEX listings_order ON listings (created_at, id)');
  await readByBothSides(q, 'listings');
  await q.query(`CREATE POLICY listings_draft ON listings FOR INSERT TO forkpoint_app
    WITH CHECK (organization_id = app_organization() AND app_scope_kind() = 'partner' AND state = 'draft')`);
  await q.query(`CREATE POLICY listings_publisher ON listings FOR UPDATE TO forkpoint_app
    USING (organization_id = app_organization())
    WITH CHECK (organization_id = app_organization() AND state IN ('draft', 'in_review', 'withdrawn'))`);
  await q.query(`CREATE POLICY listings_lab ON listings FOR UPDATE TO forkpoint_app
    USING (app_scope_kind() = 'lab' AND lab_organization_id = app_organization() AND state IN ('in_review', 'listed'))
    WITH CHECK (lab_organization_id = app_organization() AND state IN ('listed', 'rejected', 'taken_down'))`);
  await q.query(`GRANT SELECT, INSERT (id, organization_id, lab_organization_id, checkpoint_id, checkpoint_name, family_id, base_checkpoint_id,
      title, summary, audience, currency, prices, allows_fine_tuning, terms, terms_sha256, terms_version, state, created_by, created_at),
    UPDATE (title, summary, audience, currency, prices, allows_fine_tuning, terms, terms_sha256, terms_version, state, submitted_at,
      listed_at, ended_by, ended_at, end_reason) ON listings TO forkpoint_app`);
}

/** Whom a listing names: each of them sees itself, and nobody beside it. */
async function createAudiences(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE listing_audiences (
    listing_id text COLLATE "C" NOT NULL,
    -- Who may use it.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- The publisher.
    grantor_organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (listing_id, organization_id),
    FOREIGN KEY (listing_id, grantor_organization_id, lab_organization_id)
      REFERENCES listings (id, organization_id, lab_organization_id),
    CHECK (organization_id NOT IN (grantor_organization_id, lab_organization_id))
  )`);
  await q.query('CREATE INDEX listing_audiences_reader ON listing_audiences (organization_id)');
  await secureTable(q, 'listing_audiences');
  await q.query(`CREATE POLICY listing_audiences_read ON listing_audiences FOR SELECT TO forkpoint_app
    USING ((SELECT app_organization()) IN (organization_id, grantor_organization_id, lab_organization_id))`);
  await q.query(`CREATE POLICY listing_audiences_name ON listing_audiences FOR INSERT TO forkpoint_app
    WITH CHECK (grantor_organization_id = app_organization())`);
  await q.query(`CREATE POLICY listing_audiences_unname ON listing_audiences FOR DELETE TO forkpoint_app
    USING (grantor_organization_id = app_organization())`);
  await q.query('GRANT SELECT, INSERT, DELETE ON listing_audiences TO forkpoint_app');
}

/** What the lab decided, between it and the publisher. It never changes. */
async function createReviews(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE listing_reviews (
    listing_id text COLLATE "C" NOT NULL,
    -- Of one listing, from 1.
    number int NOT NULL CHECK (number > 0),
    -- The publisher.
    organization_id text COLLATE "C" NOT NULL,
    lab_organization_id text COLLATE "C" NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('approved', 'rejected')),
    -- Of a rejection.
    reason text CHECK (reason <> ''),
    -- What the publisher gets of what its use by others comes to, in hundredths of a percent; of an approval.
    publisher_share_basis_points int CHECK (publisher_share_basis_points BETWEEN 0 AND 10000),
    -- The version that allowed it; of an approval.
    license_id text COLLATE "C" REFERENCES licenses (id),
    -- Of the terms that were read.
    terms_sha256 text COLLATE "C" NOT NULL,
    reviewed_by text COLLATE "C" NOT NULL CHECK (reviewed_by ~ '^user_'),
    reviewed_at timestamptz(3) NOT NULL,
    PRIMARY KEY (listing_id, number),
    FOREIGN KEY (listing_id, organization_id, lab_organization_id)
      REFERENCES listings (id, organization_id, lab_organization_id),
    CHECK (CASE verdict WHEN 'rejected' THEN num_nonnulls(publisher_share_basis_points, license_id) = 0 AND reason IS NOT NULL
                        ELSE num_nonnulls(publisher_share_basis_points, license_id) = 2 AND reason IS NULL END)
  )`);
  await q.query(
    `CREATE UNIQUE INDEX listing_reviews_approval ON listing_reviews (listing_id) WHERE verdict = 'approved'`,
  );
  await readByBothSides(q, 'listing_reviews');
  await q.query(`CREATE POLICY listing_reviews_decide ON listing_reviews FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND lab_organization_id = app_organization() AND reviewed_by = app_actor())`);
  await q.query('GRANT SELECT, INSERT ON listing_reviews TO forkpoint_app');
}

async function showToReaders(q: QueryRunner): Promise<void> {
  await q.query(`CREATE POLICY listings_offered ON listings FOR SELECT TO forkpoint_app
    USING (listed_at IS NOT NULL AND (SELECT app_scope_kind()) = 'partner' AND (
      audience = 'all_partners'
      OR EXISTS (SELECT 1 FROM listing_audiences a
                 WHERE a.listing_id = listings.id AND a.organization_id = (SELECT app_organization()))))`);
}

/** What a listing allows is an entitlement like those that the lab grants: whoever asks for the one is told of the other. */
async function entitle(q: QueryRunner): Promise<void> {
  await q.query(`CREATE VIEW offered_listings WITH (security_invoker = true) AS
    SELECT l.* FROM listings l
    WHERE app_scope_kind() = 'partner' AND l.listed_at IS NOT NULL AND l.organization_id <> app_organization()
      AND (l.audience = 'all_partners' OR EXISTS (
        SELECT 1 FROM listing_audiences a WHERE a.listing_id = l.id AND a.organization_id = app_organization()))`);
  await q.query('GRANT SELECT ON offered_listings TO forkpoint_app');
  const isInForce = `l.listed_at <= app_time() AND ${isNot('l.ended_at')}`;
  await defineEntitled(
    q,
    `${OF_ENTITLEMENTS}
      UNION ALL
      SELECT l.organization_id, l.family_id, l.checkpoint_id FROM offered_listings l WHERE $1 = ANY (l.actions) AND ${isInForce}
      UNION ALL
      -- Whoever may see a variant may see what it stands on, and under which licence.
      SELECT l.lab_organization_id, l.family_id, l.base_checkpoint_id FROM offered_listings l WHERE $1 = 'browse' AND ${isInForce}
      UNION ALL
      -- What the lab reviews and answers for it sees.
      SELECT l.organization_id, l.family_id, l.checkpoint_id FROM listings l
      WHERE $1 = 'browse' AND app_scope_kind() = 'lab' AND l.lab_organization_id = app_organization()
        AND l.state IN ('in_review', 'listed')`,
  );
}

/** What ended holds no longer, by whatever clock; whoever names an earlier time sees what held then. */
const isNot = (ended: string) =>
  `(${ended} IS NULL OR nullif(current_setting('app.time', true), '')::timestamptz < ${ended})`;

const OF_ENTITLEMENTS = `SELECT e.grantor_organization_id, e.subject_family_id, e.checkpoint_id FROM entitlements e
      WHERE e.organization_id = app_organization() AND $1 = ANY (e.actions) AND ${isNot('e.revoked_at')}
        AND e.valid_from <= app_time() AND (e.valid_to IS NULL OR app_time() < e.valid_to)`;

async function defineEntitled(q: QueryRunner, body: string): Promise<void> {
  await q.query(`CREATE OR REPLACE FUNCTION entitled(action text)
    RETURNS TABLE (grantor_organization_id text, family_id text, checkpoint_id text) LANGUAGE sql STABLE PARALLEL SAFE AS $$
      ${body}
    $$`);
}

async function guardListings(q: QueryRunner): Promise<void> {
  await q.query(`CREATE FUNCTION guard_listing() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      is_said_anew boolean := (NEW.title, NEW.summary, NEW.audience, NEW.currency, NEW.prices, NEW.allows_fine_tuning, NEW.terms)
        IS DISTINCT FROM (OLD.title, OLD.summary, OLD.audience, OLD.currency, OLD.prices, OLD.allows_fine_tuning, OLD.terms);
    BEGIN
      IF NOT (CASE OLD.state
           WHEN 'draft' THEN NEW.state IN ('draft', 'in_review', 'withdrawn')
           WHEN 'in_review' THEN NEW.state IN ('listed', 'rejected', 'withdrawn')
           WHEN 'rejected' THEN NEW.state IN ('draft', 'withdrawn')
           WHEN 'listed' THEN NEW.state IN ('withdrawn', 'taken_down')
           ELSE false END)
      THEN RAISE EXCEPTION 'listing % is %, and can not become %', OLD.id, OLD.state, NEW.state; END IF;
      IF is_said_anew AND NEW.state <> 'draft'
      THEN RAISE EXCEPTION 'listing % changes only while it is a draft', OLD.id; END IF;
      IF NEW.terms_version <> OLD.terms_version + (NEW.terms <> OLD.terms)::int
      THEN RAISE EXCEPTION 'the terms of listing % have a version for each text', OLD.id; END IF;
      IF OLD.listed_at IS NOT NULL AND NEW.listed_at IS DISTINCT FROM OLD.listed_at
      THEN RAISE EXCEPTION 'listing % was listed, when does not change', OLD.id; END IF;
      IF NEW.state IN ('listed', 'rejected') AND NOT EXISTS (
           SELECT FROM listing_reviews r WHERE r.listing_id = NEW.id AND r.reviewed_by = app_actor()
             AND r.number = (SELECT max(n.number) FROM listing_reviews n WHERE n.listing_id = NEW.id)
             AND r.reviewed_at >= NEW.submitted_at AND r.terms_sha256 = NEW.terms_sha256
             AND r.verdict = CASE NEW.state WHEN 'listed' THEN 'approved' ELSE 'rejected' END)
      THEN RAISE EXCEPTION 'listing % was not reviewed by who decides', OLD.id; END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER guarded BEFORE UPDATE ON listings FOR EACH ROW EXECUTE FUNCTION guard_listing()`);
  await q.query(`CREATE FUNCTION guard_listing_audience() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      named constant record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    BEGIN
      PERFORM 1 FROM listings WHERE id = named.listing_id AND state = 'draft';
      IF NOT FOUND THEN RAISE EXCEPTION 'listing % changes only while it is a draft', named.listing_id; END IF;
      RETURN named;
    END $$`);
  await q.query(`CREATE TRIGGER guarded BEFORE INSERT OR DELETE ON listing_audiences
    FOR EACH ROW EXECUTE FUNCTION guard_listing_audience()`);
}

/** The gateway answers, and refuses, calls of every organization. */
async function tellGateway(q: QueryRunner): Promise<void> {
  const listing = ['id', 'title', 'checkpoint_id', 'audience', 'listed_at', 'ended_at', 'end_reason'];
  await roleMayRead(q, 'listings', 'forkpoint_gateway', listing);
  await roleMayRead(q, 'listing_audiences', 'forkpoint_gateway', ['listing_id', 'organization_id']);
  await q.query(`CREATE TRIGGER gateway_routes_changed AFTER UPDATE OF state ON listings
    FOR EACH ROW EXECUTE FUNCTION notify_gateway_snapshot('routes')`);
}

/** By which listing something was used, and what of other organizations hangs on one: the lab is told numbers, never names. */
async function countUse(q: QueryRunner): Promise<void> {
  await q.query('ALTER TABLE usage_events ADD COLUMN listing_id text COLLATE "C"');
  // Invoices ask which listings an organization used.
  await q.query(
    'CREATE INDEX usage_events_of_listing ON usage_events (organization_id, listing_id) WHERE listing_id IS NOT NULL',
  );
  await q.query('GRANT INSERT (listing_id) ON usage_events TO forkpoint_gateway, forkpoint_app');
  const read = {
    listings: 'id, organization_id, lab_organization_id, checkpoint_id',
    fine_tune_jobs: 'organization_id, parent_checkpoint_id',
    usage_events: 'organization_id, listing_id',
  };
  for (const [table, columns] of Object.entries(read)) {
    await q.query(`CREATE POLICY ${table}_impact ON ${table} FOR SELECT TO forkpoint_lineage USING (true)`);
    await q.query(`GRANT SELECT (${columns}) ON ${table} TO forkpoint_lineage`);
  }
  await q.query('GRANT SELECT (checkpoint_id) ON deployment_revisions TO forkpoint_lineage');
  await defineForLab(q, {
    owner: 'forkpoint_lineage',
    signature: 'listing_impact(listing_id text) RETURNS TABLE (organization_id text, what text, count int)',
    body: `WITH listed AS (
        SELECT l.id, l.organization_id, l.checkpoint_id FROM public.listings l
        WHERE l.id = listing_impact.listing_id AND public.app_scope_kind() = 'lab'
          AND l.lab_organization_id = public.app_organization()
      ), used AS (
        SELECT d.organization_id, 'deployments' AS what FROM listed
        JOIN public.deployment_revisions r ON r.checkpoint_id = listed.checkpoint_id
        JOIN public.deployments d ON d.active_revision_id = r.id AND d.state <> 'deleted'
        UNION ALL
        SELECT j.organization_id, 'fine_tunes' FROM listed
        JOIN public.fine_tune_jobs j ON j.parent_checkpoint_id = listed.checkpoint_id
        UNION ALL
        SELECT u.organization_id, 'calls' FROM listed JOIN public.usage_events u ON u.listing_id = listed.id
      )
      SELECT used.organization_id, used.what, count(*)::int FROM used, listed
      WHERE used.organization_id <> listed.organization_id GROUP BY 1, 2 ORDER BY 1, 2`,
  });
}
