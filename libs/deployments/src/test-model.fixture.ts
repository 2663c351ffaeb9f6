import { createHash } from 'node:crypto';
import pg from 'pg';
import type { Architecture } from '#libs/catalog';
import { newId } from '#libs/kernel';
import type { ObjectStore } from '#platform/storage';
import type { TestDatabase, TestOrganization } from '#test/harness';

export interface TestModel {
  familyId: string;
  baseId: string;
  baseName: string;
  /** Adapters on the base, of the partner. */
  adapterId: string;
  adapterName: string;
  other: string;
  /** Makes a deployment of a project that answers with a checkpoint, as the service does. */
  deploy(owner: { organization: string; project: string }, checkpointId: string, at: Date): Promise<string>;
}

export interface TestModelOptions {
  lab: TestOrganization;
  partner: TestOrganization;
  /** Whether the partner may deploy. */
  entitled?: boolean;
  /** What the base consists of; else files that look like a model's and are none. */
  files?: Record<string, Buffer>;
  /** What each of the two adapters consists of. */
  adapterFiles?: readonly [Record<string, Buffer>, Record<string, Buffer>];
  adapter?: { tokenizerSha256?: string; templateSha256?: string };
}

const CREATED_AT = '2026-01-01T00:00:00.000Z';
const CONFIG = {
  model_type: 'qwen3',
  hidden_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  head_dim: 32,
  intermediate_size: 384,
  vocab_size: 262,
  max_position_embeddings: 512,
  dtype: 'float32',
};
const SPECIAL = ['<|pad|>', '<|end|>'];
const BASE_FILES: Record<string, Buffer> = {
  'config.json': Buffer.from(JSON.stringify(CONFIG)),
  'tokenizer.json': Buffer.from(
    JSON.stringify({
      added_tokens: [...SPECIAL.map((content) => ({ content, special: true })), { content: 'a', special: false }],
    }),
  ),
  'chat_template.jinja': Buffer.from('{{ messages }}'),
  'model.safetensors': Buffer.from('weights'),
};
const ADAPTER_FILES = { 'adapter_config.json': Buffer.from('{}'), 'adapter_model.safetensors': Buffer.from('adapter') };
const ARCHITECTURE = {
  modelType: 'qwen3',
  hiddenSize: 128,
  layers: 3,
  attentionHeads: 4,
  keyValueHeads: 4,
  headSize: 32,
  feedForwardSize: 384,
  vocabularySize: 262,
  contextLength: 512,
  tiedEmbeddings: true,
} satisfies Architecture;
const MODEL_CARD = { summary: 'A model.', trainingData: 'None.', intendedUse: 'Specs.', limitations: 'Many.' };
const SHAPE = { rank: 8, alpha: 16, targetModules: ['q_proj', 'v_proj'], rslora: false };
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

/** A family with a published base of the lab and two published adapters of a partner, in the database and in the store. */
export async function publishTestModel(
  testing: TestDatabase,
  store: ObjectStore,
  options: TestModelOptions,
): Promise<TestModel> {
  const { lab, partner, files = BASE_FILES, adapterFiles = [ADAPTER_FILES, ADAPTER_FILES], entitled = true } = options;
  const client = new pg.Client({ connectionString: testing.urls.app });
  await client.connect();
  try {
    const family = await insertFamily(client, lab);
    const frozen = {
      tokenizerSha256: sha256(files['tokenizer.json']!),
      templateSha256: sha256(files['chat_template.jinja']!),
    };
    const base = { id: newId('ckpt'), name: `base-${family.slice(-12)}`, owner: lab, family, files, ...frozen };
    await insertCheckpoint(client, store, base);
    await grant(client, lab, partner, family, entitled ? ['browse', 'fine_tune', 'deploy'] : ['browse', 'fine_tune']);
    const [first, second] = await Promise.all(
      adapterFiles.map(async (files, position) => {
        const name = `ft:${base.name}:partner:${position}:abcdef`;
        return {
          id: newId('ckpt'),
          name,
          owner: partner,
          family,
          files,
          ...frozen,
          ...options.adapter,
          baseId: base.id,
        };
      }),
    );
    for (const adapter of [first!, second!]) await insertCheckpoint(client, store, adapter);
    return {
      familyId: family,
      baseId: base.id,
      baseName: base.name,
      adapterId: first!.id,
      adapterName: first!.name,
      other: second!.id,
      deploy: (owner, checkpointId, at) => deploy(testing, owner, { checkpointId, base: base.id, family }, at),
    };
  } finally {
    await client.end();
  }
}

async function enter(client: pg.Client, organizationId: string, kind: 'lab' | 'partner'): Promise<void> {
  await client.query(`SELECT set_config('app.organization_id', $1, false), set_config('app.scope_kind', $2, false)`, [
    organizationId,
    kind,
  ]);
}

async function insertFamily(client: pg.Client, lab: TestOrganization): Promise<string> {
  const id = newId('fam');
  await enter(client, lab.organizationId, 'lab');
  await client.query(
    `INSERT INTO model_families (id, organization_id, name, display_name, description, license, max_lora_rank, created_by, created_at)
     VALUES ($1, $2, $3, $3, '', 'Apache-2.0', 16, 'test', $4)`,
    [id, lab.organizationId, `family-${id.slice(-12)}`, CREATED_AT],
  );
  return id;
}

interface NewCheckpoint {
  id: string;
  name: string;
  owner: TestOrganization;
  family: string;
  files: Record<string, Buffer>;
  tokenizerSha256: string;
  templateSha256: string;
  /** Of an adapter. */
  baseId?: string;
}

async function insertCheckpoint(client: pg.Client, store: ObjectStore, checkpoint: NewCheckpoint): Promise<void> {
  const { id, name, owner, family, baseId } = checkpoint;
  await enter(client, owner.organizationId, owner.scope.kind);
  await client.query(
    `INSERT INTO checkpoints (id, organization_id, project_id, family_id, name, kind, parent_checkpoint_id, recipe, base_checkpoint_id,
       step, tokens_seen, license, model_card, status, adapter, created_by, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $12, $8, 100, 1000, 'Apache-2.0', $11, 'draft', $9, 'test', $10)`,
    [
      id,
      owner.organizationId,
      baseId ? owner.projectId : null,
      family,
      name,
      baseId ? 'adapter' : 'base',
      baseId ?? null,
      baseId ?? id,
      baseId ? JSON.stringify(SHAPE) : null,
      CREATED_AT,
      JSON.stringify(MODEL_CARD),
      JSON.stringify({ method: baseId ? 'supervised' : 'pretraining' }),
    ],
  );
  for (const [path, content] of Object.entries(checkpoint.files)) {
    const key = `org/${owner.organizationId}/checkpoints/${id}/files/${path}`;
    await store.put(key, content);
    await client.query(
      `INSERT INTO checkpoint_files (checkpoint_id, path, organization_id, part, bytes, sha256, object_key, verified_at)
       VALUES ($1, $2, $3, 'weights', $4, $5, $6, $7)`,
      [id, path, owner.organizationId, content.byteLength, sha256(content), key, CREATED_AT],
    );
  }
  await client.query(
    `UPDATE checkpoints SET status = 'published', published_at = $2, manifest_sha256 = $3, tokenizer_sha256 = $4, template_sha256 = $5,
       architecture_sha256 = $3, architecture = $6, context_length = 512 WHERE id = $1`,
    [id, CREATED_AT, sha256(id), checkpoint.tokenizerSha256, checkpoint.templateSha256, JSON.stringify(ARCHITECTURE)],
  );
}

async function grant(
  client: pg.Client,
  lab: TestOrganization,
  partner: TestOrganization,
  family: string,
  actions: string[],
): Promise<void> {
  await enter(client, lab.organizationId, 'lab');
  await client.query(
    `INSERT INTO entitlements (id, organization_id, grantor_organization_id, family_id, subject_family_id, actions, clause, valid_from,
       granted_by, created_at) VALUES ($1, $2, $3, $4, $4, $6, 'MSA 4.2', $5, 'test', $5)`,
    [newId('ent'), partner.organizationId, lab.organizationId, family, CREATED_AT, actions],
  );
}

async function deploy(
  testing: TestDatabase,
  owner: { organization: string; project: string },
  target: { checkpointId: string; base: string; family: string },
  at: Date,
): Promise<string> {
  const [deployment, revision] = [newId('dep'), newId('rev')];
  const client = new pg.Client({ connectionString: testing.urls.app });
  await client.connect();
  try {
    await client.query('BEGIN');
    await enter(client, owner.organization, 'partner');
    await client.query(
      `INSERT INTO deployments (id, organization_id, project_id, slug, state, active_revision_id, activated_at, created_by, created_at, updated_at)
       VALUES ($1, $2, $3, $4, 'active', $5, $6, 'test', $6, $6)`,
      [deployment, owner.organization, owner.project, deployment.slice(-20), revision, at],
    );
    await client.query(
      `INSERT INTO deployment_revisions (id, organization_id, project_id, deployment_id, number, checkpoint_id, checkpoint_name, family_id,
         base_checkpoint_id, adapter_checkpoint_id, tokenizer_sha256, context_length, created_by, created_at)
       VALUES ($1, $2, $3, $4, 1, $5, 'name', $6, $7, $5, 'none', 512, 'test', $8)`,
      [revision, owner.organization, owner.project, deployment, target.checkpointId, target.family, target.base, at],
    );
    await client.query('COMMIT');
    return deployment;
  } finally {
    await client.end();
  }
}
