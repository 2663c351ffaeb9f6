import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayWrite, tenantTable } from './support/row-security.js';

/** What was used, by whom: one row per inference request, per training job, per evaluation run. Prices are not kept here. */
export class Usage1700000000050 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // No foreign keys: checking them would lock the project's row with every request of every caller.
    await q.query(`CREATE TABLE usage_events (
      id text COLLATE "C" PRIMARY KEY,
      organization_id text COLLATE "C" NOT NULL,
      project_id text COLLATE "C" NOT NULL,
      kind text NOT NULL CHECK (kind IN ('inference', 'training', 'evaluation')),
      -- What was used: the request, the fine-tune job or the evaluation run. It is billed once.
      source_id text COLLATE "C" NOT NULL,
      state text NOT NULL CHECK (state IN ('admitted', 'settled', 'cut')),
      end_reason text,
      -- The name the caller asked for; what it stood for is in the ids.
      model text NOT NULL,
      checkpoint_id text COLLATE "C" NOT NULL,
      base_checkpoint_id text COLLATE "C" NOT NULL,
      family_id text COLLATE "C" NOT NULL,
      deployment_id text COLLATE "C",
      revision_id text COLLATE "C",
      api_key_id text COLLATE "C",
      recorder_id text COLLATE "C",
      input_tokens bigint NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
      output_tokens bigint NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
      training_tokens bigint NOT NULL DEFAULT 0 CHECK (training_tokens >= 0),
      evaluation_tokens bigint NOT NULL DEFAULT 0 CHECK (evaluation_tokens >= 0),
      admitted_at timestamptz(3) NOT NULL,
      counted_at timestamptz(3),
      ended_at timestamptz(3),
      UNIQUE (kind, source_id),
      CHECK ((state = 'admitted') = (ended_at IS NULL)),
      CHECK ((state = 'admitted') = (end_reason IS NULL)),
      CHECK (kind = 'inference' OR (input_tokens = 0 AND output_tokens = 0)),
      CHECK (kind = 'training' OR training_tokens = 0),
      CHECK (kind = 'evaluation' OR evaluation_tokens = 0)
    )`);
    await q.query(`CREATE INDEX usage_events_by_time ON usage_events (organization_id, admitted_at, id)`);
    await q.query(`CREATE INDEX usage_events_by_project ON usage_events (project_id, admitted_at, id)`);
    await q.query(`CREATE INDEX usage_events_open ON usage_events (recorder_id) WHERE state = 'admitted'`);
    // The application records whole amounts (training, evaluation) and never changes them afterwards.
    await tenantTable(q, 'usage_events', { labMayRead: true, grant: 'SELECT, INSERT' });
    // Usage intake: every caller's requests come through one gateway.
    await roleMayWrite(
      q,
      'usage_events',
      'forkpoint_gateway',
      `SELECT, INSERT, UPDATE (state, end_reason, input_tokens, output_tokens, counted_at, ended_at)`,
    );
    // Ends the requests of a gateway that died.
    await roleMayWrite(
      q,
      'usage_events',
      'forkpoint_reconciler',
      `SELECT (id, state, recorder_id), UPDATE (state, end_reason, ended_at)`,
    );

    // The processes that record usage. Rows of one that is gone are ended by the reconciler. Holds no tenant data.
    await q.query(`CREATE TABLE usage_recorders (
      id text COLLATE "C" PRIMARY KEY,
      started_at timestamptz(3) NOT NULL,
      heartbeat_at timestamptz(3) NOT NULL,
      suspected_at timestamptz(3)
    )`);
    await q.query(`ALTER TABLE usage_recorders ENABLE ROW LEVEL SECURITY`);
    await q.query(`ALTER TABLE usage_recorders FORCE ROW LEVEL SECURITY`);
    await roleMayWrite(q, 'usage_recorders', 'forkpoint_gateway', 'SELECT, INSERT, UPDATE, DELETE');
    await roleMayWrite(q, 'usage_recorders', 'forkpoint_reconciler', 'SELECT, UPDATE (suspected_at), DELETE');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE usage_recorders, usage_events');
  }
}
