import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ADMITTED_COLUMNS } from './support/usage-copy.js';

/**
 * Usage intake adds what it admits by COPY, which PostgreSQL refuses to whom row security confines. So it has a role for that alone: it
 * may add admitted rows and can neither see nor change them, nor say that one has ended or what it used. BYPASSRLS is for whoever runs
 * the server to give (`ALTER ROLE forkpoint_intake BYPASSRLS`); without it the gateway's own role inserts, more slowly.
 */
export class UsageCopy1700000000340 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(
      `DO $$ BEGIN CREATE ROLE forkpoint_intake LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
    );
    // What is admitted is not final: nothing has to be called to see that. The function is of migration 180.
    await defineFinality(q, `WHEN (NEW.state <> 'admitted')`);
    await q.query('GRANT USAGE ON SCHEMA public TO forkpoint_intake');
    await q.query(`GRANT INSERT (${ADMITTED_COLUMNS.join(', ')}) ON usage_events TO forkpoint_intake`);
  }

  async down(q: QueryRunner): Promise<void> {
    await defineFinality(q);
    await q.query(`REVOKE INSERT (${ADMITTED_COLUMNS.join(', ')}) ON usage_events FROM forkpoint_intake`);
    await q.query('REVOKE USAGE ON SCHEMA public FROM forkpoint_intake');
  }
}

async function defineFinality(q: QueryRunner, when = ''): Promise<void> {
  await q.query(`CREATE OR REPLACE TRIGGER final BEFORE INSERT OR UPDATE OF state ON usage_events
    FOR EACH ROW ${when} EXECUTE FUNCTION usage_event_becomes_final()`);
}
