import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, tenantTable } from './support/row-security.js';

const MODEL_TABLES = [
  'model_families',
  'training_runs',
  'recipes',
  'checkpoints',
  'checkpoint_files',
  'checkpoint_evals',
];

/** Model families, training runs, checkpoints with their files and evaluations, recommended recipes. */
export class Catalog1700000000040 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createFamilies(q);
    await createCheckpoints(q);
    await createCheckpointParts(q);
    await createRules(q);
    await createRetirementImpact(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP FUNCTION checkpoint_retirement_impact(text)');
    await q.query(`DROP TABLE ${[...MODEL_TABLES].reverse().join(', ')}`);
    await q.query('DROP FUNCTION keep_checkpoint(), keep_lineage_acyclic(), keep_checkpoint_parts()');
  }
}

async function createFamilies(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE model_families (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    name text COLLATE "C" NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9.-]*$'),
    display_name text NOT NULL,
    description text NOT NULL,
    license text NOT NULL,
    -- The highest adapter rank that engines of this family are started with.
    max_lora_rank int NOT NULL CHECK (max_lora_rank > 0),
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    UNIQUE (id, organization_id)
  )`);
  await q.query(`CREATE TABLE training_runs (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    family_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9.-]*$'),
    stage text NOT NULL CHECK (stage IN ('pretraining', 'midtraining', 'sft', 'rl')),
    description text NOT NULL,
    hyperparameters jsonb NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    FOREIGN KEY (family_id, organization_id) REFERENCES model_families (id, organization_id),
    UNIQUE (id, organization_id),
    UNIQUE (family_id, name)
  )`);
  await q.query(`CREATE TABLE recipes (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    family_id text COLLATE "C" NOT NULL,
    method text NOT NULL,
    -- The newest version is the one recommended; older ones stay, since jobs were resolved from them.
    version int NOT NULL CHECK (version > 0),
    hyperparameters jsonb NOT NULL,
    notes text NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    FOREIGN KEY (family_id, organization_id) REFERENCES model_families (id, organization_id),
    UNIQUE (family_id, method, version)
  )`);
  await q.query(`CREATE INDEX model_families_order ON model_families (created_at, id)`);
  await q.query(`CREATE INDEX training_runs_order ON training_runs (family_id, created_at, id)`);
  for (const table of ['model_families', 'training_runs', 'recipes']) {
    await tenantTable(q, table, { grant: 'SELECT, INSERT' });
    const family = table === 'model_families' ? 'id' : 'family_id';
    await q.query(`CREATE POLICY ${table}_entitled ON ${table} FOR SELECT TO forkpoint_app
      USING ((organization_id, ${family}) IN (SELECT e.grantor_organization_id, e.family_id FROM entitled('browse') e))`);
  }
}

async function createCheckpoints(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE checkpoints (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- Of a partner's variant; null for what the lab publishes.
    project_id text COLLATE "C",
    -- Of a variant, the family of its base: another organization's. The parent may be another's as well.
    family_id text COLLATE "C" NOT NULL REFERENCES model_families (id),
    training_run_id text COLLATE "C",
    name text COLLATE "C" NOT NULL UNIQUE CHECK (name ~ '^(ft:)?[A-Za-z0-9][A-Za-z0-9._:-]*$' AND name !~ '^[a-z]+_[0-9a-z]{26}$'),
    kind text NOT NULL CHECK (kind IN ('base', 'adapter', 'merged')),
    parent_checkpoint_id text COLLATE "C" REFERENCES checkpoints (id),
    -- How it was made from its parent, or from nothing.
    recipe jsonb NOT NULL,
    -- What an engine has to load to serve it: itself, or for an adapter the base below it.
    base_checkpoint_id text COLLATE "C" NOT NULL REFERENCES checkpoints (id),
    step int NOT NULL CHECK (step >= 0),
    tokens_seen bigint NOT NULL CHECK (tokens_seen >= 0),
    loss double precision,
    license text NOT NULL,
    model_card jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'verifying', 'published', 'retired')),
    -- Why the last attempt to publish it failed, file by file.
    publication_problems jsonb NOT NULL DEFAULT '[]',
    manifest_sha256 text CHECK (manifest_sha256 ~ '^[0-9a-f]{64}$'),
    optimizer_manifest_sha256 text CHECK (optimizer_manifest_sha256 ~ '^[0-9a-f]{64}$'),
    tokenizer_sha256 text CHECK (tokenizer_sha256 ~ '^[0-9a-f]{64}$'),
    template_sha256 text CHECK (template_sha256 ~ '^[0-9a-f]{64}$'),
    architecture_sha256 text CHECK (architecture_sha256 ~ '^[0-9a-f]{64}$'),
    architecture jsonb,
    -- The shape of an adapter's matrices: what trains it on must keep it.
    adapter jsonb,
    context_length int CHECK (context_length > 0),
    parameter_count bigint CHECK (parameter_count > 0),
    fine_tune_job_id text COLLATE "C",
    dataset_version_id text COLLATE "C",
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    published_at timestamptz(3),
    retired_at timestamptz(3),
    retirement_reason text,
    UNIQUE (id, organization_id),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    FOREIGN KEY (training_run_id, organization_id) REFERENCES training_runs (id, organization_id),
    CHECK (parent_checkpoint_id <> id),
    CHECK ((base_checkpoint_id = id) = (kind <> 'adapter')),
    CHECK (kind <> 'adapter' OR parent_checkpoint_id IS NOT NULL),
    CHECK ((status IN ('published', 'retired')) = (published_at IS NOT NULL)),
    CHECK (status NOT IN ('published', 'retired') OR
           num_nulls(manifest_sha256, tokenizer_sha256, architecture_sha256, architecture, context_length) = 0),
    CHECK ((kind = 'adapter') = (adapter IS NOT NULL)),
    CHECK (num_nonnulls(retired_at, retirement_reason) = CASE status WHEN 'retired' THEN 2 ELSE 0 END)
  )`);
  await q.query('CREATE INDEX checkpoints_order ON checkpoints (created_at, id)');
  await q.query('CREATE INDEX checkpoints_owner ON checkpoints (organization_id, created_at, id)');
  await q.query('CREATE INDEX checkpoints_family ON checkpoints (family_id, step, id)');
  await q.query('CREATE INDEX checkpoints_run ON checkpoints (training_run_id, step, id)');
  await q.query('CREATE INDEX checkpoints_parent ON checkpoints (parent_checkpoint_id)');
  await q.query('CREATE INDEX checkpoints_base ON checkpoints (base_checkpoint_id)');
  await q.query('CREATE INDEX checkpoints_project ON checkpoints (project_id, created_at, id)');
  await q.query('CREATE INDEX checkpoints_job ON checkpoints (fine_tune_job_id, step)');
  // Its identity, place in the lineage and origin are written once.
  const changing = [
    'status, publication_problems, manifest_sha256, optimizer_manifest_sha256, tokenizer_sha256, template_sha256',
    'architecture_sha256, architecture, context_length, parameter_count, published_at, retired_at, retirement_reason',
  ].join(', ');
  await tenantTable(q, 'checkpoints', { grant: `SELECT, INSERT, UPDATE (${changing}), DELETE` });
  await q.query(`CREATE POLICY checkpoints_entitled ON checkpoints FOR SELECT TO forkpoint_app
    USING (status IN ('published', 'retired') AND (
      (organization_id, family_id) IN (
        SELECT e.grantor_organization_id, e.family_id FROM entitled('browse') e WHERE e.checkpoint_id IS NULL)
      OR (organization_id, id) IN (
        SELECT e.grantor_organization_id, e.checkpoint_id FROM entitled('browse') e WHERE e.checkpoint_id IS NOT NULL)))`);
}

async function createCheckpointParts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE checkpoint_files (
    checkpoint_id text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    part text NOT NULL CHECK (part IN ('weights', 'optimizer')),
    bytes bigint NOT NULL CHECK (bytes >= 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    object_key text NOT NULL UNIQUE,
    verified_at timestamptz(3),
    PRIMARY KEY (checkpoint_id, path),
    FOREIGN KEY (checkpoint_id, organization_id) REFERENCES checkpoints (id, organization_id)
  )`);
  await q.query(`CREATE TABLE checkpoint_evals (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    checkpoint_id text COLLATE "C" NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    metric text NOT NULL CHECK (metric <> ''),
    value double precision NOT NULL,
    standard_error double precision CHECK (standard_error >= 0),
    examples int CHECK (examples > 0),
    higher_is_better boolean NOT NULL,
    source text NOT NULL,
    measured_at timestamptz(3) NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    FOREIGN KEY (checkpoint_id, organization_id) REFERENCES checkpoints (id, organization_id),
    UNIQUE (checkpoint_id, name, metric)
  )`);
  await tenantTable(q, 'checkpoint_files', { grant: 'SELECT, INSERT, UPDATE (verified_at), DELETE' });
  await tenantTable(q, 'checkpoint_evals', { grant: 'SELECT, INSERT, DELETE' });
  // Seen with the checkpoint, by the checkpoint's own policy. Names and hashes are no secret; bytes need an entitlement of their own.
  for (const table of ['checkpoint_files', 'checkpoint_evals']) {
    await q.query(`CREATE POLICY ${table}_visible ON ${table} FOR SELECT TO forkpoint_app
      USING (EXISTS (SELECT 1 FROM checkpoints c WHERE c.id = checkpoint_id))`);
  }
  // The gateway routes calls to every checkpoint; the pool fetches the files of every base and adapter that it serves.
  for (const role of ['forkpoint_gateway', 'forkpoint_reconciler'] as const) {
    await roleMayRead(q, 'model_families', role);
    await roleMayRead(q, 'checkpoints', role);
  }
  await roleMayRead(q, 'checkpoint_files', 'forkpoint_reconciler');
}

async function createRules(q: QueryRunner): Promise<void> {
  // An edge is written once, to a parent that is there already: no cycle can arise.
  await q.query(`CREATE FUNCTION keep_lineage_acyclic() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM checkpoints WHERE id = NEW.parent_checkpoint_id AND family_id = NEW.family_id;
      IF NOT FOUND THEN
        RAISE EXCEPTION 'checkpoint % has no parent % in its family', NEW.id, NEW.parent_checkpoint_id
          USING ERRCODE = 'foreign_key_violation';
      END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER lineage BEFORE INSERT ON checkpoints FOR EACH ROW
    WHEN (NEW.parent_checkpoint_id IS NOT NULL) EXECUTE FUNCTION keep_lineage_acyclic()`);

  await q.query(`CREATE FUNCTION keep_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'draft' THEN RAISE EXCEPTION 'checkpoint % is published and does not change', OLD.id; END IF;
        RETURN OLD;
      END IF;
      IF (NEW.id, NEW.organization_id, NEW.parent_checkpoint_id, NEW.base_checkpoint_id)
         IS DISTINCT FROM (OLD.id, OLD.organization_id, OLD.parent_checkpoint_id, OLD.base_checkpoint_id) THEN
        RAISE EXCEPTION 'the place of checkpoint % in the lineage is fixed', OLD.id;
      END IF;
      IF OLD.status IN ('published', 'retired') AND
         to_jsonb(NEW) - ARRAY['status', 'retired_at', 'retirement_reason'] IS DISTINCT FROM
         to_jsonb(OLD) - ARRAY['status', 'retired_at', 'retirement_reason'] THEN
        RAISE EXCEPTION 'checkpoint % is published and does not change', OLD.id;
      END IF;
      RETURN NEW;
    END $$`);
  await q.query(
    'CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON checkpoints FOR EACH ROW EXECUTE FUNCTION keep_checkpoint()',
  );

  // Files come and go with a draft; figures may be added to what is published, and go with a draft alone.
  await q.query(`CREATE FUNCTION keep_checkpoint_parts() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      part constant record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    BEGIN
      IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'verified_at' IS DISTINCT FROM to_jsonb(OLD) - 'verified_at' THEN
        RAISE EXCEPTION 'file % of checkpoint % does not change', OLD.path, OLD.checkpoint_id;
      END IF;
      PERFORM 1 FROM checkpoints WHERE id = part.checkpoint_id AND status IN ('draft', 'verifying');
      IF NOT FOUND THEN RAISE EXCEPTION 'checkpoint % is published and does not change', part.checkpoint_id; END IF;
      RETURN part;
    END $$`);
  await q.query(`CREATE TRIGGER immutable BEFORE INSERT OR UPDATE OR DELETE ON checkpoint_files
    FOR EACH ROW EXECUTE FUNCTION keep_checkpoint_parts()`);
  await q.query(`CREATE TRIGGER immutable BEFORE DELETE ON checkpoint_evals
    FOR EACH ROW EXECUTE FUNCTION keep_checkpoint_parts()`);
}

/**
 * How many variants of each organization would be left without their base: the lab is told numbers, never names. A role of its own
 * owns the function and reads just what it counts; it can't log in.
 */
async function createRetirementImpact(q: QueryRunner): Promise<void> {
  await q.query(
    `DO $$ BEGIN CREATE ROLE forkpoint_lineage NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
  );
  await q.query('GRANT USAGE, CREATE ON SCHEMA public TO forkpoint_lineage');
  await q.query('CREATE POLICY checkpoints_impact ON checkpoints FOR SELECT TO forkpoint_lineage USING (true)');
  await q.query('GRANT SELECT (id, organization_id, base_checkpoint_id) ON checkpoints TO forkpoint_lineage');
  await q.query(`CREATE FUNCTION checkpoint_retirement_impact(retired_id text) RETURNS TABLE (organization_id text, variants int)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT variant.organization_id, count(*)::int
      FROM public.checkpoints retired
      JOIN public.checkpoints variant ON variant.base_checkpoint_id = retired.id AND variant.id <> retired.id
      WHERE retired.id = retired_id AND retired.organization_id = public.app_organization()
        AND public.app_scope_kind() = 'lab' AND variant.organization_id <> retired.organization_id
      GROUP BY variant.organization_id $$`);
  // To hand a function to a role one has to be a member of it; for these lines only, since members share its sight.
  await q.query('GRANT forkpoint_lineage TO CURRENT_USER');
  await q.query('REVOKE ALL ON FUNCTION checkpoint_retirement_impact(text) FROM PUBLIC');
  await q.query('GRANT EXECUTE ON FUNCTION checkpoint_retirement_impact(text) TO forkpoint_app');
  await q.query('ALTER FUNCTION checkpoint_retirement_impact(text) OWNER TO forkpoint_lineage');
  await q.query('REVOKE forkpoint_lineage FROM CURRENT_USER');
  await q.query('REVOKE CREATE ON SCHEMA public FROM forkpoint_lineage');
}
