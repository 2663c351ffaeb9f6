import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What prices by contract need that prices by rate card did not: how something was trained, and in which currency it was priced. */
export class PricesByContract1700000000190 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Null for what is no training, and for training that was recorded before methods had prices of their own.
    await q.query('ALTER TABLE usage_events ADD COLUMN method text');
    // What may be inserted is named column by column: when usage became final is the database's own to say. The gateway trains nothing.
    await q.query('GRANT INSERT (method) ON usage_events TO forkpoint_app');
    // Until now all prices were those of rate cards, in USD.
    for (const table of ['fine_tune_jobs', 'evaluation_runs']) {
      await q.query(`ALTER TABLE ${table} ADD COLUMN currency text NOT NULL DEFAULT 'USD'
        CHECK (currency IN ('USD', 'EUR', 'GBP', 'JPY', 'KWD'))`);
    }
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE evaluation_runs DROP COLUMN currency');
    await q.query('ALTER TABLE fine_tune_jobs DROP COLUMN currency');
    await q.query('ALTER TABLE usage_events DROP COLUMN method');
  }
}
