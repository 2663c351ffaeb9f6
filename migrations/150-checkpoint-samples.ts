import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './support/row-security.js';

/** What a checkpoint answered, as its owner shows it: two fork points are compared by the same prompts. */
export class CheckpointSamples1700000000150 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE checkpoint_samples (
      id text COLLATE "C" PRIMARY KEY,
      organization_id text COLLATE "C" NOT NULL,
      checkpoint_id text COLLATE "C" NOT NULL,
      prompt text NOT NULL CHECK (prompt <> ''),
      -- A prompt may be longer than an index takes.
      prompt_sha256 text COLLATE "C" NOT NULL,
      output text NOT NULL,
      source text NOT NULL,
      created_by text COLLATE "C" NOT NULL,
      created_at timestamptz(3) NOT NULL,
      FOREIGN KEY (checkpoint_id, organization_id) REFERENCES checkpoints (id, organization_id),
      UNIQUE (checkpoint_id, prompt_sha256)
    )`);
    await tenantTable(q, 'checkpoint_samples', { grant: 'SELECT, INSERT, DELETE' });
    // Seen with the checkpoint, by the checkpoint's own policy.
    await q.query(`CREATE POLICY checkpoint_samples_visible ON checkpoint_samples FOR SELECT TO forkpoint_app
      USING (EXISTS (SELECT 1 FROM checkpoints c WHERE c.id = checkpoint_id))`);
    await q.query(`CREATE TRIGGER immutable BEFORE DELETE ON checkpoint_samples
      FOR EACH ROW EXECUTE FUNCTION keep_checkpoint_parts()`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE checkpoint_samples');
  }
}
