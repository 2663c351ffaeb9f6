import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How soon a deployment's answers begin, and its calls of a span of time without reading those of others. */
export class FirstTokens1700000000130 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE usage_events ADD COLUMN first_token_at timestamptz(3)');
    // Written with the settlement. The application and the gateway may read whole rows already.
    await q.query('GRANT UPDATE (first_token_at) ON usage_events TO forkpoint_gateway');
    await q.query(`CREATE INDEX usage_events_by_deployment ON usage_events (deployment_id, admitted_at)
      WHERE deployment_id IS NOT NULL`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP INDEX usage_events_by_deployment');
    await q.query('ALTER TABLE usage_events DROP COLUMN first_token_at');
  }
}
