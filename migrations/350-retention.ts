import type { MigrationInterface, QueryRunner } from 'typeorm';
import { keepCheckpoints } from './support/published-checkpoints.js';
import { roleMayRead, systemTable } from './support/row-security.js';

/** What carries content that a clause of a contract may remove, and says so afterwards: {at, clause, contractId, contractName, versionId, versionNumber}. */
const WITH_CONTENT = [
  'dataset_versions',
  'checkpoints',
  'fine_tune_jobs',
  'compute_jobs',
  'evaluation_suites',
  'evaluation_runs',
] as const;

/** For how long contracts let content be kept: how it is announced that it goes, and what is left of it. */
export class Retention1700000000350 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(
      `ALTER TABLE contract_versions ADD COLUMN retention jsonb GENERATED ALWAYS AS (terms -> 'retention') STORED`,
    );
    // Whose content is due is looked for over all organizations, and removed in transactions of each.
    await roleMayRead(q, 'contract_versions', 'forkpoint_reconciler', ['contract_id', 'state', 'retention']);
    await createRemovals(q);
    for (const table of WITH_CONTENT) await q.query(`ALTER TABLE ${table} ADD COLUMN removal jsonb`);
    await q.query(
      `CREATE INDEX dataset_versions_kept ON dataset_versions (organization_id, created_at, id) WHERE status = 'ready'`,
    );
    await keepCheckpoints(q, [...CHANGING, 'removal']);
    await q.query('GRANT UPDATE (removal) ON checkpoints TO forkpoint_app');
    await q.query(`ALTER TABLE checkpoints ADD CHECK (removal IS NULL OR status = 'retired')`);
    await q.query(`ALTER TABLE dataset_versions ADD CHECK (removal IS NULL OR status = 'deleted')`);
    await q.query('GRANT UPDATE (removal, source) ON evaluation_suites TO forkpoint_app');
    await q.query('GRANT DELETE ON evaluation_results TO forkpoint_app');
    // The bytes of a variant wait for jobs of whomever it was listed for that read them.
    await q.query('GRANT SELECT (inputs, removal) ON compute_jobs TO forkpoint_reconciler');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP INDEX dataset_versions_kept');
    await q.query('REVOKE SELECT (inputs, removal) ON compute_jobs FROM forkpoint_reconciler');
    await q.query('REVOKE DELETE ON evaluation_results FROM forkpoint_app');
    await q.query('REVOKE UPDATE (source) ON evaluation_suites FROM forkpoint_app');
    await keepCheckpoints(q, CHANGING);
    for (const table of WITH_CONTENT) await q.query(`ALTER TABLE ${table} DROP COLUMN removal`);
    await q.query('DROP TABLE content_removals');
    await q.query('DROP POLICY contract_versions_forkpoint_reconciler_read ON contract_versions');
    await q.query('REVOKE ALL ON contract_versions FROM forkpoint_reconciler');
    await q.query('ALTER TABLE contract_versions DROP COLUMN retention');
  }
}

/** All content of a partner goes after its last contract: announced once for that contract, begun when it is due. */
async function createRemovals(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE content_removals (
    contract_id text COLLATE "C" PRIMARY KEY REFERENCES contracts (id),
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- By which clause of which version, and how many days after the end.
    clause jsonb NOT NULL,
    contract_ended_at timestamptz(3) NOT NULL,
    noticed_at timestamptz(3) NOT NULL CHECK (noticed_at >= contract_ended_at),
    due_at timestamptz(3) NOT NULL CHECK (due_at >= noticed_at),
    begun_at timestamptz(3) CHECK (begun_at >= due_at),
    completed_at timestamptz(3) CHECK (completed_at >= begun_at)
  )`);
  await q.query('CREATE INDEX content_removals_organization ON content_removals (organization_id)');
  await systemTable(q, 'content_removals', 'SELECT, INSERT, UPDATE (begun_at, completed_at)');
  await roleMayRead(q, 'content_removals', 'forkpoint_reconciler', ['contract_id', 'completed_at']);
}

const CHANGING = ['status', 'retired_at', 'retirement_reason', 'export_classification', 'compute_regions'] as const;
