import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, tenantTable } from './support/row-security.js';

/** Files of usage and of the journal that somebody asked for, each kept for a while. */
export class BillingExports1700000000270 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE billing_exports (
      id text COLLATE "C" PRIMARY KEY,
      -- Who asked, below whose prefix the object is stored. To everybody else there is no such export, the lab included.
      organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
      kind text NOT NULL CHECK (kind IN ('usage', 'journal')),
      -- The partner that it is about; null for all of them.
      partner_id text COLLATE "C" CHECK (partner_id IS NOT NULL OR kind = 'journal'),
      from_at timestamptz(3) NOT NULL,
      to_at timestamptz(3) NOT NULL CHECK (to_at > from_at),
      requested_by text COLLATE "C" NOT NULL,
      requested_at timestamptz(3) NOT NULL,
      state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'ready', 'failed', 'expired')),
      -- Without the heading: so far while it runs, of the whole file afterwards.
      row_count bigint NOT NULL DEFAULT 0 CHECK (row_count >= 0),
      ended_at timestamptz(3) CHECK (ended_at >= requested_at),
      bytes bigint CHECK (bytes > 0),
      sha256 text COLLATE "C" CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      expires_at timestamptz(3) CHECK (expires_at > ended_at),
      failure text,
      CHECK ((state IN ('queued', 'running')) = (ended_at IS NULL)),
      CHECK ((state = 'failed') = (failure IS NOT NULL)),
      CHECK (num_nonnulls(bytes, sha256, expires_at) = CASE WHEN state IN ('ready', 'expired') THEN 3 ELSE 0 END)
    )`);
    await q.query('CREATE INDEX billing_exports_by_time ON billing_exports (organization_id, requested_at, id)');
    await q.query(`CREATE INDEX billing_exports_ready ON billing_exports (expires_at) WHERE state = 'ready'`);
    await secure(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE billing_exports');
  }
}

/** Asked for by people and keys; what becomes of it is written by the system alone. */
async function secure(q: QueryRunner): Promise<void> {
  await tenantTable(q, 'billing_exports', {
    grant: `SELECT, INSERT (id, organization_id, kind, partner_id, from_at, to_at, requested_by, requested_at),
      UPDATE (state, row_count, ended_at, bytes, sha256, expires_at, failure)`,
  });
  const bySystem = `organization_id = app_organization()
    AND coalesce(current_setting('app.actor_id', true), '') !~ '^(user|sa|key)_'`;
  await q.query(`CREATE POLICY billing_exports_system ON billing_exports AS RESTRICTIVE FOR UPDATE TO forkpoint_app
    USING (${bySystem}) WITH CHECK (${bySystem})`);
  // Finds what is kept no longer, whoever asked for it.
  await roleMayRead(q, 'billing_exports', 'forkpoint_reconciler', ['id', 'organization_id', 'state', 'expires_at']);
}
