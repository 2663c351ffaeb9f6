import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, tenantTable } from './support/row-security.js';

/** Datasets and their immutable versions, uploads on the way to a version, holds that keep a version, and preparations. */
export class Datasets1700000000070 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createVersions(q);
    await createUploads(q);
    await createPreparations(q);
    // The sweeper finds what has expired in every organization; it acts on each in a transaction of that organization.
    await roleMayRead(q, 'uploads', 'forkpoint_reconciler', ['id', 'organization_id', 'status', 'expires_at']);
    await roleMayRead(q, 'dataset_versions', 'forkpoint_reconciler', ['id', 'organization_id', 'status', 'expires_at']);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query(
      'DROP TABLE preparations, upload_stream_parts, upload_parts, uploads, dataset_version_holds, dataset_versions, datasets',
    );
  }
}

async function createVersions(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE datasets (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    UNIQUE (project_id, name),
    UNIQUE (id, project_id, organization_id)
  )`);
  await q.query('CREATE INDEX datasets_page ON datasets (organization_id, created_at DESC, id DESC)');
  await tenantTable(q, 'datasets');

  // A version is born whole: its bytes are stored and their hash is verified. A deleted one stays as a tombstone.
  // Files that belong to no dataset are results that the platform wrote.
  await q.query(`CREATE TABLE dataset_versions (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    dataset_id text COLLATE "C",
    number int,
    filename text NOT NULL,
    purpose text NOT NULL,
    bytes bigint NOT NULL CHECK (bytes >= 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content_encoding text NOT NULL CHECK (content_encoding IN ('identity', 'gzip')),
    object_key text NOT NULL,
    status text NOT NULL CHECK (status IN ('ready', 'deleted')),
    created_at timestamptz(3) NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    expires_at timestamptz(3),
    deleted_at timestamptz(3),
    deleted_by text COLLATE "C",
    purged_at timestamptz(3),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    FOREIGN KEY (dataset_id, project_id, organization_id) REFERENCES datasets (id, project_id, organization_id),
    UNIQUE (dataset_id, number),
    UNIQUE (id, project_id, organization_id),
    CHECK ((dataset_id IS NULL) = (number IS NULL)),
    CHECK ((dataset_id IS NULL) = (purpose = 'fine-tune-results')),
    CHECK ((status = 'deleted') = (deleted_at IS NOT NULL))
  )`);
  await q.query('CREATE INDEX dataset_versions_page ON dataset_versions (project_id, created_at DESC, id DESC)');
  await q.query(`CREATE INDEX dataset_versions_expiry ON dataset_versions (expires_at) WHERE status = 'ready'`);
  await tenantTable(q, 'dataset_versions');

  await q.query(`CREATE TABLE dataset_version_holds (
    version_id text COLLATE "C" NOT NULL REFERENCES dataset_versions (id),
    holder_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    PRIMARY KEY (version_id, holder_id)
  )`);
  await q.query('CREATE INDEX dataset_version_holds_holder ON dataset_version_holds (holder_id)');
  await tenantTable(q, 'dataset_version_holds');
}

async function createUploads(q: QueryRunner): Promise<void> {
  // bytes, sha256 and dataset_id are declared before the bytes come, or (streams) known when they have come.
  await q.query(`CREATE TABLE uploads (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    dataset_id text COLLATE "C",
    version_id text COLLATE "C" NOT NULL UNIQUE,
    method text NOT NULL CHECK (method IN ('single_put', 'multipart', 'stream', 'stream_parts')),
    filename text NOT NULL,
    bytes bigint CHECK (bytes > 0),
    sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    part_bytes bigint CHECK (part_bytes > 0),
    -- What the version is to be, where that is said before the bytes come: purpose and expiry.
    meaning jsonb,
    object_key text NOT NULL,
    multipart_id text,
    status text NOT NULL CHECK (status IN ('open', 'verifying', 'completed', 'rejected', 'aborted', 'expired')),
    failure jsonb,
    created_at timestamptz(3) NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    FOREIGN KEY (dataset_id, project_id, organization_id) REFERENCES datasets (id, project_id, organization_id),
    CHECK (method IN ('stream', 'stream_parts') OR (dataset_id IS NOT NULL AND bytes IS NOT NULL AND sha256 IS NOT NULL)),
    CHECK ((method = 'multipart') = (part_bytes IS NOT NULL)),
    CHECK ((method = 'stream_parts') = (meaning IS NOT NULL))
  )`);
  await q.query(`CREATE INDEX uploads_open ON uploads (expires_at) WHERE status = 'open'`);
  await q.query('CREATE INDEX uploads_dataset ON uploads (dataset_id)');
  await tenantTable(q, 'uploads');

  await q.query(`CREATE TABLE upload_parts (
    upload_id text COLLATE "C" NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    part_number int NOT NULL CHECK (part_number BETWEEN 1 AND 10000),
    organization_id text COLLATE "C" NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (upload_id, part_number)
  )`);
  await tenantTable(q, 'upload_parts');

  // Parts of a stream, each an object of its own until the upload is completed: their order is told then.
  await q.query(`CREATE TABLE upload_stream_parts (
    id text COLLATE "C" PRIMARY KEY,
    upload_id text COLLATE "C" NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    organization_id text COLLATE "C" NOT NULL,
    bytes bigint NOT NULL CHECK (bytes > 0),
    object_key text NOT NULL,
    created_at timestamptz(3) NOT NULL
  )`);
  await q.query('CREATE INDEX upload_stream_parts_upload ON upload_stream_parts (upload_id)');
  await tenantTable(q, 'upload_stream_parts', { grant: 'SELECT, INSERT' });
}

async function createPreparations(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE preparations (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    version_id text COLLATE "C" NOT NULL,
    validation_version_id text COLLATE "C",
    checkpoint_id text COLLATE "C" NOT NULL,
    tokenizer_sha256 text NOT NULL,
    template_sha256 text,
    policy jsonb NOT NULL,
    policy_sha256 text NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'ready', 'invalid', 'failed')),
    compute_job_id text COLLATE "C",
    -- How often it was handed to compute: each writes to a folder of its own.
    submissions int NOT NULL DEFAULT 0,
    output jsonb,
    report jsonb,
    error jsonb,
    created_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    FOREIGN KEY (version_id, project_id, organization_id) REFERENCES dataset_versions (id, project_id, organization_id),
    FOREIGN KEY (validation_version_id, project_id, organization_id)
      REFERENCES dataset_versions (id, project_id, organization_id),
    UNIQUE NULLS NOT DISTINCT (version_id, validation_version_id, tokenizer_sha256, template_sha256, policy_sha256),
    CHECK ((status = 'pending') = (ended_at IS NULL)),
    CHECK (status NOT IN ('ready', 'invalid') OR (output IS NOT NULL AND report IS NOT NULL))
  )`);
  await q.query('CREATE INDEX preparations_version ON preparations (version_id, created_at DESC, id DESC)');
  await q.query('CREATE INDEX preparations_validation_version ON preparations (validation_version_id)');
  await tenantTable(q, 'preparations');
}
