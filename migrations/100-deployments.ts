import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, roleMayWrite, tenantTable } from './support/row-security.js';

/**
 * Deployments (what partners name), engines (what serves), and the views that the gateway takes its snapshot from.
 *
 * What the gateway reads, as role forkpoint_gateway:
 *
 *   gateway_routes   one row per thing that `model` may name. A caller may give `id` or `name`.
 *     id                     ckpt_... or dep_...
 *     name                   checkpoint: its unique name. Deployment: `<project slug>/<slug>`, unique within organization_id
 *     kind                   'checkpoint' | 'deployment'
 *     organization_id        the owner. Deployments: visible to the owner alone. Checkpoints: to the owner, and by gateway_grants
 *     project_id             of a deployment or a partner's variant; null for what the lab publishes. A key that is confined to
 *                            projects reaches nothing of other projects
 *     state                  'active' | 'paused' (a deployment that answers nothing: refuse with deployment_paused)
 *     revision_id            rev_... that is active, of a deployment, else null; revision_number likewise
 *     checkpoint_id          what answers; also the `model` name to send to the engine
 *     family_id              for gateway_grants and prices
 *     family_organization_id the lab that publishes the family
 *     base_checkpoint_id     whose engine answers
 *     adapter_checkpoint_id  equals checkpoint_id when it is an adapter, else null
 *     context_length         tokens, prompt and answer together
 *     tokenizer_sha256       hash of tokenizer.json
 *     special_tokens         text[]: refuse them inside message contents and prompts. Null for the seconds until they are read
 *     created_at
 *   gateway_grants   `deploy` entitlements: (entitlement_id, organization_id = grantee, grantor_organization_id, family_id,
 *                    checkpoint_id or null for the whole family, clause, valid_from, valid_to). In force from valid_from until
 *                    before valid_to (null: open end); revoked ones are gone. An organization O may call a route R if
 *                      O = R.organization_id = R.family_organization_id (the lab its own), or
 *                      O = R.organization_id and O has a grant of R.family_id by R.family_organization_id, whole or of
 *                        R.checkpoint_id or R.base_checkpoint_id, or
 *                      R.kind = 'checkpoint', R.organization_id = R.family_organization_id and O has a grant of R.family_id
 *                        by it, whole or of R.checkpoint_id.
 *                    A route that O may not call does not exist for O (404 model_not_found), but for one of its own whose
 *                    grant ended (403 not_entitled).
 *   gateway_targets  who answers now: (checkpoint_id, engine_id, url, base_checkpoint_id). No row: cold.
 *
 * What it writes: `INSERT INTO model_demand (checkpoint_id, base_checkpoint_id, wanted_at) VALUES (...) ON CONFLICT (checkpoint_id)
 * DO UPDATE SET wanted_at = GREATEST(model_demand.wanted_at, excluded.wanted_at)`: at once for a cold model, and at most every
 * 10 seconds for one in use, since a model that nobody wants is stopped. A trigger wakes the pool (NOTIFY engine_demand).
 *
 * NOTIFY gateway_snapshot tells what to read again: payload 'routes' (gateway_routes, gateway_grants) or 'engines' (gateway_targets).
 */
export class Deployments1700000000100 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createDeployments(q);
    await createEngines(q);
    await createGatewayViews(q);
    await createNotifications(q);
    await createRetirementImpact(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP FUNCTION deployment_retirement_impact(text)');
    await q.query('DROP VIEW gateway_targets, gateway_grants, gateway_routes');
    for (const table of ['checkpoints', 'entitlements', 'projects']) {
      await q.query(`DROP TRIGGER gateway_routes_changed ON ${table}`);
    }
    await q.query('DROP TABLE model_demand, engine_adapters, engines, tokenizer_tokens');
    await q.query('ALTER TABLE deployments DROP CONSTRAINT deployments_active_revision');
    await q.query('DROP TABLE deployment_activations, deployment_revisions, deployments');
    await q.query(
      'DROP FUNCTION notify_gateway_snapshot(), notify_engine_demand(), notify_deployment_changed(), keep_deployment_history()',
    );
  }
}

async function createDeployments(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE deployments (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$'),
    state text NOT NULL CHECK (state IN ('active', 'paused', 'deleted')),
    active_revision_id text COLLATE "C" NOT NULL,
    activated_at timestamptz(3) NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    deleted_at timestamptz(3),
    UNIQUE (id, organization_id),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    CHECK ((state = 'deleted') = (deleted_at IS NOT NULL))
  )`);
  await q.query(`CREATE UNIQUE INDEX deployments_slug ON deployments (project_id, slug) WHERE state <> 'deleted'`);
  await q.query(`CREATE INDEX deployments_project ON deployments (project_id, created_at, id)`);

  await q.query(`CREATE TABLE deployment_revisions (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    deployment_id text COLLATE "C" NOT NULL,
    number int NOT NULL CHECK (number > 0),
    checkpoint_id text COLLATE "C" NOT NULL,
    checkpoint_name text NOT NULL,
    family_id text COLLATE "C" NOT NULL,
    base_checkpoint_id text COLLATE "C" NOT NULL,
    adapter_checkpoint_id text COLLATE "C",
    tokenizer_sha256 text NOT NULL,
    template_sha256 text,
    context_length int NOT NULL,
    entitlement_id text COLLATE "C",
    entitlement_clause text,
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    UNIQUE (deployment_id, number),
    UNIQUE (deployment_id, id),
    FOREIGN KEY (deployment_id, organization_id) REFERENCES deployments (id, organization_id) DEFERRABLE INITIALLY DEFERRED
  )`);
  await q.query(`CREATE INDEX deployment_revisions_checkpoint ON deployment_revisions (checkpoint_id)`);
  // A deployment's active revision is one of its own.
  await q.query(`ALTER TABLE deployments ADD CONSTRAINT deployments_active_revision
    FOREIGN KEY (id, active_revision_id) REFERENCES deployment_revisions (deployment_id, id) DEFERRABLE INITIALLY DEFERRED`);

  // Every switch, in order: rolling back reads which revision answered before.
  await q.query(`CREATE TABLE deployment_activations (
    deployment_id text COLLATE "C" NOT NULL,
    position int NOT NULL CHECK (position > 0),
    organization_id text COLLATE "C" NOT NULL,
    revision_id text COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (reason IN ('created', 'deployed', 'activated', 'rolled_back')),
    activated_by text NOT NULL,
    activated_at timestamptz(3) NOT NULL,
    PRIMARY KEY (deployment_id, position),
    FOREIGN KEY (deployment_id, organization_id) REFERENCES deployments (id, organization_id),
    FOREIGN KEY (deployment_id, revision_id) REFERENCES deployment_revisions (deployment_id, id)
  )`);

  await q.query(`CREATE FUNCTION keep_deployment_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$`);
  for (const table of ['deployment_revisions', 'deployment_activations']) {
    await q.query(
      `CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION keep_deployment_history()`,
    );
    await tenantTable(q, table, { grant: 'SELECT, INSERT' });
  }
  await tenantTable(q, 'deployments', { grant: 'SELECT, INSERT, UPDATE' });
}

/** The lab's machinery, kept by the pool under role forkpoint_reconciler. */
async function createEngines(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE engines (
    id text COLLATE "C" PRIMARY KEY,
    base_checkpoint_id text COLLATE "C" NOT NULL,
    managed_by text NOT NULL CHECK (managed_by IN ('pool', 'operator')),
    -- The machine whose worker keeps it. Another one ends the row when it has not been observed for a minute.
    host text NOT NULL,
    observed_at timestamptz(3) NOT NULL,
    state text NOT NULL CHECK (state IN ('desired', 'starting', 'ready', 'draining', 'stopped', 'failed')),
    url text,
    memory_bytes bigint NOT NULL CHECK (memory_bytes >= 0),
    max_adapters int NOT NULL CHECK (max_adapters >= 0),
    -- How often in a row engines of this base failed, this one included.
    failures int NOT NULL DEFAULT 0,
    retry_at timestamptz(3),
    last_error text,
    created_at timestamptz(3) NOT NULL,
    starting_at timestamptz(3),
    ready_at timestamptz(3),
    draining_at timestamptz(3),
    ended_at timestamptz(3)
  )`);
  await q.query(
    `CREATE UNIQUE INDEX engines_of_base ON engines (base_checkpoint_id) WHERE state NOT IN ('stopped', 'failed')`,
  );
  await q.query(`CREATE INDEX engines_history ON engines (base_checkpoint_id, created_at)`);

  await q.query(`CREATE TABLE engine_adapters (
    engine_id text COLLATE "C" NOT NULL REFERENCES engines (id) ON DELETE CASCADE,
    checkpoint_id text COLLATE "C" NOT NULL,
    state text NOT NULL CHECK (state IN ('loading', 'ready', 'draining', 'failed')),
    last_error text,
    retry_at timestamptz(3),
    loaded_at timestamptz(3),
    draining_at timestamptz(3),
    PRIMARY KEY (engine_id, checkpoint_id)
  )`);
  await q.query(`CREATE INDEX engine_adapters_checkpoint ON engine_adapters (checkpoint_id)`);

  await q.query(`CREATE TABLE model_demand (
    checkpoint_id text COLLATE "C" PRIMARY KEY,
    base_checkpoint_id text COLLATE "C" NOT NULL,
    wanted_at timestamptz(3) NOT NULL
  )`);

  // By content, not by tenant: the special tokens of a tokenizer.json, read once when a checkpoint with it is published.
  await q.query(`CREATE TABLE tokenizer_tokens (
    tokenizer_sha256 text PRIMARY KEY,
    special_tokens text[] NOT NULL,
    read_at timestamptz(3) NOT NULL
  )`);

  for (const table of ['engines', 'engine_adapters', 'model_demand', 'tokenizer_tokens']) {
    await q.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
    await q.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    await roleMayWrite(q, table, 'forkpoint_reconciler', 'SELECT, INSERT, UPDATE, DELETE');
    await roleMayRead(q, table, 'forkpoint_gateway');
  }
  await roleMayWrite(q, 'model_demand', 'forkpoint_gateway', 'INSERT, UPDATE');

  // A tenant sees how warm a checkpoint is if it sees the checkpoint: row security of checkpoints decides.
  await q.query(`CREATE POLICY engines_visible ON engines FOR SELECT TO forkpoint_app
    USING (EXISTS (SELECT 1 FROM checkpoints c WHERE c.id = engines.base_checkpoint_id))`);
  await q.query(`CREATE POLICY engine_adapters_visible ON engine_adapters FOR SELECT TO forkpoint_app
    USING (EXISTS (SELECT 1 FROM checkpoints c WHERE c.id = checkpoint_id))`);
  const columns = 'id, base_checkpoint_id, state, failures, retry_at, created_at, starting_at, ready_at, ended_at';
  await q.query(`GRANT SELECT (${columns}) ON engines TO forkpoint_app`);
  await q.query(`GRANT SELECT (engine_id, checkpoint_id, state, loaded_at) ON engine_adapters TO forkpoint_app`);
}

async function createGatewayViews(q: QueryRunner): Promise<void> {
  // security_invoker: the views show what the policies of the role that asks let it see, and nothing by ownership.
  await q.query(`CREATE VIEW gateway_routes WITH (security_invoker = true) AS
    SELECT c.id, c.name, 'checkpoint' AS kind, c.organization_id, c.project_id, 'active' AS state,
           NULL::text AS revision_id, NULL::int AS revision_number, c.id AS checkpoint_id, c.family_id,
           f.organization_id AS family_organization_id, c.base_checkpoint_id, CASE WHEN c.kind = 'adapter' THEN c.id END AS adapter_checkpoint_id,
           c.context_length, c.tokenizer_sha256, t.special_tokens, c.created_at
    FROM checkpoints c
    JOIN model_families f ON f.id = c.family_id
    LEFT JOIN tokenizer_tokens t USING (tokenizer_sha256)
    WHERE c.status = 'published'
    UNION ALL
    SELECT d.id, p.slug || '/' || d.slug, 'deployment', d.organization_id, d.project_id, d.state,
           r.id, r.number, r.checkpoint_id, r.family_id, f.organization_id, r.base_checkpoint_id, r.adapter_checkpoint_id,
           r.context_length, r.tokenizer_sha256, t.special_tokens, d.created_at
    FROM deployments d
    JOIN projects p ON p.id = d.project_id
    JOIN deployment_revisions r ON r.id = d.active_revision_id
    JOIN model_families f ON f.id = r.family_id
    LEFT JOIN tokenizer_tokens t USING (tokenizer_sha256)
    WHERE d.state <> 'deleted'`);
  await q.query(`CREATE VIEW gateway_grants WITH (security_invoker = true) AS
    SELECT id AS entitlement_id, organization_id, grantor_organization_id, subject_family_id AS family_id, checkpoint_id,
           clause, valid_from, valid_to
    FROM entitlements WHERE 'deploy' = ANY (actions) AND revoked_at IS NULL`);
  await q.query(`CREATE VIEW gateway_targets WITH (security_invoker = true) AS
    SELECT e.base_checkpoint_id AS checkpoint_id, e.id AS engine_id, e.url, e.base_checkpoint_id
    FROM engines e WHERE e.state = 'ready'
    UNION ALL
    SELECT a.checkpoint_id, e.id, e.url, e.base_checkpoint_id
    FROM engines e JOIN engine_adapters a ON a.engine_id = e.id
    WHERE e.state = 'ready' AND a.state = 'ready'`);
  await q.query('GRANT SELECT ON gateway_routes, gateway_grants, gateway_targets TO forkpoint_gateway');

  // The gateway routes calls of every organization; the pool keeps warm what is deployed.
  for (const role of ['forkpoint_gateway', 'forkpoint_reconciler'] as const) {
    await roleMayRead(q, 'deployments', role);
    await roleMayRead(q, 'deployment_revisions', role);
  }
}

async function createNotifications(q: QueryRunner): Promise<void> {
  // PostgreSQL sends equal notices of one transaction once.
  await q.query(`CREATE FUNCTION notify_gateway_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('gateway_snapshot', TG_ARGV[0]); RETURN NULL; END $$`);
  await q.query(`CREATE FUNCTION notify_engine_demand() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('engine_demand', NEW.base_checkpoint_id); RETURN NULL; END $$`);
  const watched = {
    deployments: ['state, active_revision_id', 'routes'],
    checkpoints: ['status', 'routes'],
    entitlements: ['revoked_at', 'routes'],
    projects: ['slug', 'routes'],
    tokenizer_tokens: ['special_tokens', 'routes'],
    engines: ['state, url', 'engines'],
    engine_adapters: ['state', 'engines'],
  };
  for (const [table, [columns, section]] of Object.entries(watched)) {
    await q.query(`CREATE TRIGGER gateway_${section}_changed AFTER INSERT OR DELETE OR UPDATE OF ${columns} ON ${table}
      FOR EACH ROW EXECUTE FUNCTION notify_gateway_snapshot('${section}')`);
  }
  await q.query(`CREATE TRIGGER engine_demand_changed AFTER INSERT OR UPDATE ON model_demand
    FOR EACH ROW EXECUTE FUNCTION notify_engine_demand()`);
  // A revision is made warm when it is created and when it is switched to, before anybody calls it.
  await q.query(`CREATE TRIGGER engine_demand_changed AFTER INSERT ON deployment_revisions
    FOR EACH ROW EXECUTE FUNCTION notify_engine_demand()`);
  // For those who watch a deployment: ids and nothing else, since every session may listen.
  await q.query(`CREATE FUNCTION notify_deployment_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('deployment_changed', coalesce(to_jsonb(NEW)->>'deployment_id', NEW.id));
      RETURN NULL;
    END $$`);
  for (const table of ['deployments', 'deployment_revisions']) {
    await q.query(`CREATE TRIGGER deployment_changed AFTER INSERT OR UPDATE ON ${table}
      FOR EACH ROW EXECUTE FUNCTION notify_deployment_changed()`);
  }
}

/** How many deployments of each organization answer with a checkpoint, or an adapter on it: the lab is told numbers, never names. */
async function createRetirementImpact(q: QueryRunner): Promise<void> {
  const readable = {
    deployments: 'id, organization_id, state, active_revision_id',
    deployment_revisions: 'id, base_checkpoint_id',
  };
  for (const [table, columns] of Object.entries(readable)) {
    await q.query(`CREATE POLICY ${table}_impact ON ${table} FOR SELECT TO forkpoint_lineage USING (true)`);
    await q.query(`GRANT SELECT (${columns}) ON ${table} TO forkpoint_lineage`);
  }
  await q.query(`CREATE FUNCTION deployment_retirement_impact(retired_id text) RETURNS TABLE (organization_id text, deployments int)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT d.organization_id, count(*)::int
      FROM public.checkpoints retired
      JOIN public.deployment_revisions r ON r.base_checkpoint_id = retired.id
      JOIN public.deployments d ON d.active_revision_id = r.id AND d.state <> 'deleted'
      WHERE retired.id = retired_id AND retired.organization_id = public.app_organization()
        AND public.app_scope_kind() = 'lab' AND d.organization_id <> retired.organization_id
      GROUP BY d.organization_id $$`);
  await q.query('GRANT CREATE ON SCHEMA public TO forkpoint_lineage');
  await q.query('GRANT forkpoint_lineage TO CURRENT_USER');
  await q.query('REVOKE ALL ON FUNCTION deployment_retirement_impact(text) FROM PUBLIC');
  await q.query('GRANT EXECUTE ON FUNCTION deployment_retirement_impact(text) TO forkpoint_app');
  await q.query('ALTER FUNCTION deployment_retirement_impact(text) OWNER TO forkpoint_lineage');
  await q.query('REVOKE forkpoint_lineage FROM CURRENT_USER');
  await q.query('REVOKE CREATE ON SCHEMA public FROM forkpoint_lineage');
}
