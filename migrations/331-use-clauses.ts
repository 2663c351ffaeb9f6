import type { MigrationInterface, QueryRunner } from 'typeorm';
import { keepCheckpoints } from './support/published-checkpoints.js';
import { roleMayRead } from './support/row-security.js';

/** Export control and residency: how the lab marks checkpoints, and what contracts say of it, told to the gateway. */
export class UseClauses1700000000331 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await tagCheckpoints(q);
    // The gateway refuses calls of every organization, by these clauses alone: prices and documents are not its to read.
    await q.query(`ALTER TABLE contract_versions
      ADD COLUMN export_clearances jsonb GENERATED ALWAYS AS (terms -> 'exportClearances') STORED,
      ADD COLUMN regions jsonb GENERATED ALWAYS AS (terms -> 'regions') STORED`);
    const needed = {
      contracts: ['id', 'organization_id', 'name', 'state', 'starts_at', 'ends_at'],
      contract_versions: ['contract_id', 'number', 'state', 'effective_from', 'export_clearances', 'regions'],
    };
    for (const [table, columns] of Object.entries(needed)) {
      await roleMayRead(q, table, 'forkpoint_gateway', columns);
      await q.query(`CREATE TRIGGER gateway_agreements_changed AFTER INSERT OR UPDATE OF state ON ${table}
        FOR EACH ROW EXECUTE FUNCTION notify_gateway_snapshot('agreements')`);
    }
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['contracts', 'contract_versions']) {
      await q.query(`DROP TRIGGER gateway_agreements_changed ON ${table}`);
      await q.query(`DROP POLICY ${table}_forkpoint_gateway_read ON ${table}`);
      await q.query(`REVOKE ALL ON ${table} FROM forkpoint_gateway`);
    }
    await q.query('ALTER TABLE contract_versions DROP COLUMN export_clearances, DROP COLUMN regions');
    await q.query('DROP TRIGGER gateway_tags_changed ON checkpoints');
    await keepCheckpoints(q, ['status', 'retired_at', 'retirement_reason']);
    await q.query('ALTER TABLE checkpoints DROP COLUMN export_classification, DROP COLUMN compute_regions');
  }
}

/** Those of what an engine loads: an adapter stands under its base's. */
async function tagCheckpoints(q: QueryRunner): Promise<void> {
  await q.query(`ALTER TABLE checkpoints
    ADD COLUMN export_classification text COLLATE "C" CHECK (length(export_classification) BETWEEN 1 AND 40),
    ADD COLUMN compute_regions text[] COLLATE "C" NOT NULL DEFAULT '{}' CHECK (cardinality(compute_regions) <= 50),
    ADD CHECK (kind <> 'adapter' OR export_classification IS NULL AND compute_regions = '{}')`);
  await keepCheckpoints(q, ['status', 'retired_at', 'retirement_reason', 'export_classification', 'compute_regions']);
  await q.query('GRANT UPDATE (export_classification, compute_regions) ON checkpoints TO forkpoint_app');
  await q.query(`CREATE TRIGGER gateway_tags_changed AFTER UPDATE OF export_classification, compute_regions ON checkpoints
    FOR EACH ROW EXECUTE FUNCTION notify_gateway_snapshot('routes')`);
}
