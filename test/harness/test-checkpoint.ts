import { createHash } from 'node:crypto';
import pg from 'pg';
import { newId } from '#libs/kernel';
import type { TestDatabase } from './test-environment.js';
import type { TestOrganization } from './test-organization.js';

export interface TestCheckpointOptions {
  /** May do everything with the checkpoint's family. */
  grantee?: TestOrganization;
  /** What lies in the store, by path; only its hashes and lengths are recorded here. */
  files?: Record<string, Buffer>;
  contextLength?: number;
  /** As the catalog reads it from a config.json; what can't be served can't be fine-tuned. */
  architecture?: object;
}

export interface TestCheckpoint {
  id: string;
  name: string;
  familyId: string;
  /** Where the file with a path is to lie. */
  keyOf: (path: string) => string;
}

const CREATED_AT = '2026-01-01T00:00:00.000Z';
const RECIPE = { method: 'pretraining', learning_rate: 0.02 };
const MODEL_CARD = { summary: 'A model.', trainingData: 'None.', intendedUse: 'Specs.', limitations: 'Many.' };
const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');

/** A published base checkpoint of a lab in a family of its own: what specs of other domains than the catalog stand on. */
export async function testCheckpoint(
  database: TestDatabase,
  lab: TestOrganization,
  { grantee, files = {}, contextLength = 256, architecture = {} }: TestCheckpointOptions = {},
): Promise<TestCheckpoint> {
  const [id, familyId] = [newId('ckpt'), newId('fam')];
  const name = `base-${id.slice(-12)}`;
  const keyOf = (path: string) => `org/${lab.organizationId}/checkpoints/${id}/files/${path}`;
  await asLab(database, lab, async (client) => {
    await client.query(
      `INSERT INTO model_families (id, organization_id, name, display_name, description, license, max_lora_rank, created_by, created_at)
       VALUES ($1, $2, $3, $3, '', 'Apache-2.0', 64, 'test', $4)`,
      [familyId, lab.organizationId, `family-${familyId.slice(-12)}`, CREATED_AT],
    );
    await client.query(
      `INSERT INTO checkpoints (id, organization_id, family_id, name, kind, recipe, base_checkpoint_id, step, tokens_seen, license,
         model_card, status, created_by, created_at)
       VALUES ($1, $2, $3, $4, 'base', $6, $1, 100, 1000, 'Apache-2.0', $7, 'draft', 'test', $5)`,
      [id, lab.organizationId, familyId, name, CREATED_AT, RECIPE, MODEL_CARD],
    );
    for (const [path, content] of Object.entries(files)) {
      await client.query(
        `INSERT INTO checkpoint_files (checkpoint_id, path, organization_id, part, bytes, sha256, object_key, verified_at)
         VALUES ($1, $2, $3, 'weights', $4, $5, $6, $7)`,
        [id, path, lab.organizationId, content.byteLength, sha256(content), keyOf(path), CREATED_AT],
      );
    }
    await client.query(
      `UPDATE checkpoints SET status = 'published', published_at = $2, manifest_sha256 = $3, tokenizer_sha256 = $4,
         template_sha256 = $5, architecture_sha256 = $3, architecture = $7, context_length = $6 WHERE id = $1`,
      [id, CREATED_AT, sha256(id), sha256(`tokenizer ${id}`), sha256(`template ${id}`), contextLength, architecture],
    );
  });
  if (grantee) await testGrant(database, { lab, grantee, familyId });
  return { id, name, familyId, keyOf };
}

/** From now on a partner may do everything with a lab's family. */
export function testGrant(
  database: TestDatabase,
  { lab, grantee, familyId }: { lab: TestOrganization; grantee: TestOrganization; familyId: string },
): Promise<void> {
  return asLab(database, lab, async (client) => {
    await client.query(
      `INSERT INTO entitlements (id, organization_id, grantor_organization_id, family_id, subject_family_id, actions, clause,
         valid_from, granted_by, created_at)
       VALUES ($1, $2, $3, $4, $4, '{browse,fine_tune,deploy,download_weights,download_optimizer_state}', 'test', $5, 'test', $5)`,
      [newId('ent'), grantee.organizationId, lab.organizationId, familyId, CREATED_AT],
    );
  });
}

async function asLab(
  database: TestDatabase,
  lab: TestOrganization,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: database.urls.app });
  await client.connect();
  try {
    await client.query(
      `SELECT set_config('app.organization_id', $1, false), set_config('app.scope_kind', 'lab', false)`,
      [lab.organizationId],
    );
    await work(client);
  } finally {
    await client.end();
  }
}
