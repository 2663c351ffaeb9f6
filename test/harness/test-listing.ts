import pg from 'pg';
import { newId, sha256Hex } from '#libs/kernel';
import type { TestCheckpoint } from './test-checkpoint.js';
import type { TestDatabase } from './test-environment.js';
import type { TestOrganization } from './test-organization.js';

export interface TestListingOptions {
  lab: TestOrganization;
  publisher: TestOrganization;
  base: TestCheckpoint;
  /** A variant of the base that the publisher has; one of its own if left out. */
  variantId?: string;
  /** All partners if left out. */
  named?: readonly TestOrganization[];
  /** Of a token of any kind, in billionths of a US dollar. */
  priceNanos?: bigint;
  publisherShareBasisPoints?: number;
  /** The lab has not decided yet. */
  inReview?: boolean;
}

const AT = '2023-01-01T00:00:00.000Z';
const TERMS = 'Use it kindly.';
const RECIPE = { method: 'supervised' };
const MODEL_CARD = { summary: 'For tests.', trainingData: 'None.', intendedUse: 'Tests.', limitations: 'Many.' };
const ADAPTER = { rank: 16, alpha: 32, targetModules: ['q_proj', 'v_proj'], rslora: false };

/** A variant that the lab has listed for its publisher: what specs of other domains than contracts stand on. */
export async function testListing(database: TestDatabase, options: TestListingOptions) {
  const { lab, publisher, base, named, priceNanos = 1n, publisherShareBasisPoints = 7_000 } = options;
  const [id, licenseId] = [newId('lst'), newId('lic')];
  const client = new pg.Client({ connectionString: database.urls.app });
  await client.connect();
  try {
    await actAs(client, publisher);
    const checkpointId = options.variantId ?? (await insertVariant(client, options));
    const prices = ['input_tokens', 'output_tokens'].map((meter) => {
      return { meter, priceNanos: priceNanos.toString(), perUnits: '1' };
    });
    await client.query(
      `INSERT INTO listings (id, organization_id, lab_organization_id, checkpoint_id, checkpoint_name, family_id, base_checkpoint_id,
         title, summary, audience, currency, prices, allows_fine_tuning, terms, terms_sha256, terms_version, state, created_by, created_at)
       SELECT $1, $2, $3, id, name, family_id, base_checkpoint_id, 'Rust helper', 'Writes Rust.', $4, 'USD', $5, false, $6, $7, 1,
         'draft', 'test', $8 FROM checkpoints WHERE id = $9`,
      [
        ...[id, publisher.organizationId, lab.organizationId, named ? 'named' : 'all_partners', JSON.stringify(prices)],
        ...[TERMS, sha256Hex(TERMS), AT, checkpointId],
      ],
    );
    await client.query('INSERT INTO listing_audiences SELECT $1, named, $2, $3 FROM unnest($4::text[]) named', [
      ...[id, publisher.organizationId, lab.organizationId],
      (named ?? []).map(({ organizationId }) => organizationId),
    ]);
    await client.query(`UPDATE listings SET state = 'in_review', submitted_at = $2 WHERE id = $1`, [id, AT]);
    const listing = { id, checkpointId, familyId: base.familyId, baseCheckpointId: base.id };
    if (options.inReview) return listing;
    await actAs(client, lab);
    await client.query(
      `INSERT INTO licenses (id, organization_id, name, version, text, sha256, requires_acceptance, allows_offering, required_from,
         created_by, created_at) VALUES ($1, $2, $1, 1, 'Offer it.', $3, false, true, $4, 'test', $4)`,
      [licenseId, lab.organizationId, sha256Hex('Offer it.'), AT],
    );
    await client.query(
      `INSERT INTO listing_reviews (listing_id, number, organization_id, lab_organization_id, verdict, publisher_share_basis_points,
         license_id, terms_sha256, reviewed_by, reviewed_at) VALUES ($1, 1, $2, $3, 'approved', $4, $5, $6, $7, $8)`,
      [
        ...[id, publisher.organizationId, lab.organizationId, publisherShareBasisPoints, licenseId, sha256Hex(TERMS)],
        ...[lab.scope.actor.id, AT],
      ],
    );
    await client.query(`UPDATE listings SET state = 'listed', listed_at = $2 WHERE id = $1`, [id, AT]);
    return listing;
  } finally {
    await client.end();
  }
}

async function actAs(client: pg.Client, { organizationId, scope }: TestOrganization): Promise<void> {
  await client.query(
    `SELECT set_config('app.organization_id', $1, false), set_config('app.scope_kind', $2, false),
            set_config('app.actor_id', $3, false)`,
    [organizationId, scope.kind, scope.actor.id],
  );
}

/** As a fine-tune of the publisher leaves it. */
async function insertVariant(client: pg.Client, { publisher, lab, base }: TestListingOptions): Promise<string> {
  const id = newId('ckpt');
  await actAs(client, lab);
  const { rows } = await client.query('SELECT * FROM checkpoints WHERE id = $1', [base.id]);
  await actAs(client, publisher);
  const { tokenizer_sha256, template_sha256, architecture_sha256, architecture, context_length, license } = rows[0];
  await client.query(
    `INSERT INTO checkpoints (id, organization_id, project_id, family_id, name, kind, parent_checkpoint_id, recipe, base_checkpoint_id,
       step, tokens_seen, license, model_card, status, manifest_sha256, tokenizer_sha256, template_sha256, architecture_sha256,
       architecture, adapter, context_length, created_by, created_at, published_at)
     VALUES ($1, $2, $3, $4, $5, 'adapter', $6, $15, $6, 1, 1, $7, $16, 'published', $8, $9, $10, $11, $12, $17, $13, 'test', $14, $14)`,
    [
      ...[
        id,
        publisher.organizationId,
        publisher.projectId,
        base.familyId,
        `ft:${base.name}:test:rust:${id.slice(-6)}`,
      ],
      ...[base.id, license, sha256Hex(id), tokenizer_sha256, template_sha256, architecture_sha256, architecture],
      ...[context_length, AT],
      ...[RECIPE, MODEL_CARD, ADAPTER].map((part) => JSON.stringify(part)),
    ],
  );
  return id;
}
