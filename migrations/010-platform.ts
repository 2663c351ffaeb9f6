import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, roleMayWrite, tenantTable } from './support/row-security.js';

/** Roles, the functions row security asks, the outbox, and idempotency keys. */
export class Platform1700000000010 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // Roles belong to the whole server, so another database of it may have made them. They log in with passwords set by whoever runs the server.
    for (const role of ['forkpoint_app', 'forkpoint_relay', 'forkpoint_reconciler', 'forkpoint_gateway']) {
      await q.query(
        `DO $$ BEGIN CREATE ROLE ${role} LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
      );
      await q.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
    }
    await q.query(`CREATE FUNCTION app_organization() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
                   AS $$ SELECT nullif(current_setting('app.organization_id', true), '') $$`);
    await q.query(`CREATE FUNCTION app_scope_kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
                   AS $$ SELECT nullif(current_setting('app.scope_kind', true), '') $$`);

    await q.query(`CREATE TABLE outbox (
      id text COLLATE "C" PRIMARY KEY,
      type text NOT NULL,
      version int NOT NULL,
      organization_id text COLLATE "C" NOT NULL,
      scope jsonb NOT NULL,
      key text,
      payload jsonb NOT NULL,
      created_at timestamptz(3) NOT NULL,
      available_at timestamptz(3) NOT NULL,
      published_at timestamptz(3),
      completed_at timestamptz(3),
      parked_at timestamptz(3),
      attempts int NOT NULL DEFAULT 0,
      last_error text
    )`);
    await q.query(
      `CREATE INDEX outbox_open ON outbox (available_at, id) WHERE completed_at IS NULL AND parked_at IS NULL`,
    );
    await q.query(
      `CREATE INDEX outbox_keyed ON outbox (key, id) WHERE key IS NOT NULL AND completed_at IS NULL AND parked_at IS NULL`,
    );
    await q.query(`CREATE INDEX outbox_completed ON outbox (completed_at) WHERE completed_at IS NOT NULL`);
    // The application only hands messages over: reading them back is the relay's business.
    await tenantTable(q, 'outbox', { grant: 'INSERT' });
    await roleMayRead(q, 'outbox', 'forkpoint_relay');
    await roleMayWrite(
      q,
      'outbox',
      'forkpoint_relay',
      'UPDATE (published_at, completed_at, parked_at, attempts, last_error, available_at), DELETE',
    );

    await q.query(`CREATE TABLE idempotency_keys (
      organization_id text COLLATE "C" NOT NULL,
      principal_id text COLLATE "C" NOT NULL,
      key text NOT NULL,
      operation text NOT NULL,
      request_sha256 text NOT NULL,
      response jsonb,
      created_at timestamptz(3) NOT NULL,
      expires_at timestamptz(3) NOT NULL,
      PRIMARY KEY (principal_id, key)
    )`);
    await q.query(`CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at)`);
    await tenantTable(q, 'idempotency_keys');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE idempotency_keys, outbox');
    await q.query('DROP FUNCTION app_organization(), app_scope_kind()');
  }
}
