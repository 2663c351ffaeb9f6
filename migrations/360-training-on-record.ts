import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What jobs of a family took before, kept with a job: what is foretold of it while it trains is weighed against that. */
export class TrainingOnRecord1700000000360 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Null where no job was on record when it started.
    await q.query('ALTER TABLE fine_tune_jobs ADD COLUMN recorded_training_seconds int');
    await q.query(
      `CREATE INDEX fine_tune_jobs_measured ON fine_tune_jobs (organization_id, family_id, finished_at DESC) WHERE status = 'succeeded'`,
    );
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP INDEX fine_tune_jobs_measured');
    await q.query('ALTER TABLE fine_tune_jobs DROP COLUMN recorded_training_seconds');
  }
}
