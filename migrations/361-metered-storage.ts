import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, systemTable } from './support/row-security.js';

/** The two kinds of usage that prices could be agreed for and nothing counted: what is stored, and what of prompts came from a cache. */
export class MeteredStorage1700000000361 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`ALTER TABLE usage_events
      ADD COLUMN cached_input_tokens bigint NOT NULL DEFAULT 0
        CHECK (cached_input_tokens >= 0 AND cached_input_tokens <= input_tokens),
      ADD COLUMN stored_byte_hours bigint NOT NULL DEFAULT 0 CHECK (stored_byte_hours >= 0),
      DROP CONSTRAINT usage_events_kind_check,
      ADD CONSTRAINT usage_events_kind_check CHECK (kind IN ('inference', 'training', 'evaluation', 'storage')),
      ADD CHECK (kind = 'storage' OR stored_byte_hours = 0),
      -- Files are of no model.
      ALTER COLUMN model DROP NOT NULL,
      ALTER COLUMN checkpoint_id DROP NOT NULL,
      ALTER COLUMN base_checkpoint_id DROP NOT NULL,
      ALTER COLUMN family_id DROP NOT NULL,
      ADD CONSTRAINT usage_events_model CHECK (num_nulls(model, checkpoint_id, base_checkpoint_id, family_id) = 0
        OR (kind = 'storage' AND num_nonnulls(model, checkpoint_id, base_checkpoint_id, family_id) = 0))`);
    await q.query('GRANT INSERT (stored_byte_hours) ON usage_events TO forkpoint_app');
    await q.query('GRANT UPDATE (cached_input_tokens) ON usage_events TO forkpoint_gateway');
    await createMeterings(q);
    await q.query(`ALTER TABLE rate_card_lines DROP CONSTRAINT rate_card_lines_meter_check,
      ADD CONSTRAINT rate_card_lines_meter_check CHECK (meter IN ('training_tokens', 'input_tokens', 'cached_input_tokens', 'output_tokens',
        'evaluation_tokens', 'gpu_seconds', 'stored_byte_hours'))`);
  }

  /** Refused where there is such usage, or a price of it: what was counted is not to be forgotten. */
  async down(q: QueryRunner): Promise<void> {
    await q.query(`ALTER TABLE rate_card_lines DROP CONSTRAINT rate_card_lines_meter_check,
      ADD CONSTRAINT rate_card_lines_meter_check
        CHECK (meter IN ('training_tokens', 'input_tokens', 'output_tokens', 'evaluation_tokens'))`);
    await q.query('REVOKE SELECT (created_at) ON organizations FROM forkpoint_reconciler');
    await q.query('DROP TABLE storage_meterings');
    await q.query(`ALTER TABLE usage_events
      DROP COLUMN cached_input_tokens, DROP COLUMN stored_byte_hours, DROP CONSTRAINT usage_events_model,
      DROP CONSTRAINT usage_events_kind_check,
      ADD CONSTRAINT usage_events_kind_check CHECK (kind IN ('inference', 'training', 'evaluation')),
      ALTER COLUMN model SET NOT NULL, ALTER COLUMN checkpoint_id SET NOT NULL,
      ALTER COLUMN base_checkpoint_id SET NOT NULL, ALTER COLUMN family_id SET NOT NULL`);
  }
}

/** Until when what a partner keeps has been counted: whole days of UTC, each once. */
async function createMeterings(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE storage_meterings (
    organization_id text COLLATE "C" PRIMARY KEY REFERENCES organizations (id),
    metered_until timestamptz(3) NOT NULL CHECK (date_trunc('day', metered_until, 'UTC') = metered_until)
  )`);
  // What was kept before anything counted it is not charged for.
  await q.query('ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY');
  await q.query(`INSERT INTO storage_meterings
    SELECT id, date_trunc('day', statement_timestamp(), 'UTC') FROM organizations WHERE kind = 'partner'`);
  await q.query('ALTER TABLE organizations FORCE ROW LEVEL SECURITY');
  await systemTable(q, 'storage_meterings', 'SELECT, INSERT, UPDATE (metered_until)');
  await roleMayRead(q, 'storage_meterings', 'forkpoint_reconciler', ['organization_id', 'metered_until']);
  await q.query('GRANT SELECT (created_at) ON organizations TO forkpoint_reconciler');
}
