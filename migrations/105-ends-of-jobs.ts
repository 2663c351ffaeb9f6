import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A job comes to its end whatever has become of its parent, and of the right to see it. */
export class EndsOfJobs1700000000105 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // What the price depends on is kept with the job.
    await q.query(`ALTER TABLE fine_tune_jobs
      ADD COLUMN family_id text COLLATE "C", ADD COLUMN base_checkpoint_id text COLLATE "C"`);
    await fillIn(q);
    await q.query(`ALTER TABLE fine_tune_jobs
      ALTER COLUMN family_id SET NOT NULL, ALTER COLUMN base_checkpoint_id SET NOT NULL`);

    // Revoked is revoked at once, by whatever clock; whoever names an earlier time sees what held then.
    await defineEntitled(
      q,
      `(e.revoked_at IS NULL OR nullif(current_setting('app.time', true), '')::timestamptz < e.revoked_at)`,
    );
  }

  async down(q: QueryRunner): Promise<void> {
    await defineEntitled(q, 'e.revoked_at IS NULL');
    await q.query('ALTER TABLE fine_tune_jobs DROP COLUMN family_id, DROP COLUMN base_checkpoint_id');
  }
}

async function defineEntitled(q: QueryRunner, isNotRevoked: string): Promise<void> {
  await q.query(`CREATE OR REPLACE FUNCTION entitled(action text)
    RETURNS TABLE (grantor_organization_id text, family_id text, checkpoint_id text) LANGUAGE sql STABLE PARALLEL SAFE AS $$
      SELECT e.grantor_organization_id, e.subject_family_id, e.checkpoint_id FROM entitlements e
      WHERE e.organization_id = app_organization() AND $1 = ANY (e.actions) AND ${isNotRevoked}
        AND e.valid_from <= app_time() AND (e.valid_to IS NULL OR app_time() < e.valid_to)
    $$`);
}

/** The owner is held by row security as well, which has no policy for it. */
async function fillIn(q: QueryRunner): Promise<void> {
  const tables = ['fine_tune_jobs', 'checkpoints'];
  for (const table of tables) await q.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  await q.query(`UPDATE fine_tune_jobs j SET family_id = c.family_id, base_checkpoint_id = c.base_checkpoint_id
    FROM checkpoints c WHERE c.id = j.parent_checkpoint_id`);
  for (const table of tables) await q.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
}
