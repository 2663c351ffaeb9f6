import type { MigrationInterface, QueryRunner } from 'typeorm';
import { tenantTable } from './support/row-security.js';

/** What was done and refused, by whom: one hash chain per organization, only ever appended to. */
export class Audit1700000000025 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE audit_entries (
      id text COLLATE "C" PRIMARY KEY,
      organization_id text COLLATE "C" NOT NULL,
      sequence bigint NOT NULL CHECK (sequence > 0),
      occurred_at timestamptz(3) NOT NULL,
      actor_type text NOT NULL CHECK (actor_type IN ('user', 'service_account', 'api_key', 'system')),
      actor_id text COLLATE "C" NOT NULL,
      action text NOT NULL,
      outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
      code text,
      target_ids text[] NOT NULL,
      project_id text COLLATE "C",
      request_id text NOT NULL,
      input_sha256 text NOT NULL,
      previous_sha256 text NOT NULL,
      entry_sha256 text NOT NULL,
      UNIQUE (organization_id, sequence)
    )`);
    await q.query('CREATE INDEX audit_entries_targets ON audit_entries USING gin (target_ids)');
    await tenantTable(q, 'audit_entries', { grant: 'SELECT, INSERT' });
    // Without the grant the application can't; with the triggers its owner can't by accident either.
    await q.query(`CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'the audit log is only appended to' USING ERRCODE = 'insufficient_privilege'; END $$`);
    await q.query(`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
      FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE audit_entries');
    await q.query('DROP FUNCTION audit_is_append_only()');
  }
}
