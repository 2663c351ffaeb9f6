import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, roleMayWrite, SYSTEM_FOR_PARTNER, systemTable } from './support/row-security.js';

/** What gateways hold of hard caps for the calls that they are about to let in, and whom they have to hold it for. */
export class SpendLeases1700000000300 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createLeases(q);
    await tellGateway(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TRIGGER gateway_hard_caps_changed ON spend_caps');
    await q.query('DROP VIEW gateway_hard_caps');
    await q.query('DROP POLICY spend_caps_forkpoint_gateway_read ON spend_caps');
    await q.query('REVOKE ALL ON spend_caps FROM forkpoint_gateway');
    await q.query('DROP TABLE spend_leases');
    await q.query('DROP POLICY reservations_discarded ON reservations');
    await q.query('REVOKE DELETE ON reservations FROM forkpoint_app');
  }
}

async function createLeases(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE spend_leases (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    -- What it holds of the caps.
    reservation_id text COLLATE "C" NOT NULL UNIQUE,
    -- The gateway's, as in usage_recorders: by it are found the calls that were admitted under the lease.
    recorder_id text COLLATE "C" NOT NULL,
    -- No call is admitted under it from then on.
    expires_at timestamptz(3) NOT NULL,
    -- By the database's own clock, as final_at of usage events: everything admitted under it was final on record before.
    closed_at timestamptz(3),
    FOREIGN KEY (reservation_id, organization_id) REFERENCES reservations (id, organization_id)
  )`);
  await q.query('CREATE INDEX spend_leases_open ON spend_leases (expires_at) WHERE closed_at IS NULL');
  await q.query('CREATE INDEX spend_leases_by_organization ON spend_leases (organization_id)');
  await systemTable(q, 'spend_leases', 'SELECT, INSERT, UPDATE (closed_at), DELETE');
  // Gateways die and lose answers: what they left open is closed over all organizations.
  await roleMayWrite(q, 'spend_leases', 'forkpoint_reconciler', 'SELECT, UPDATE (closed_at)');
  // There are many leases, and what one held is of no interest once it is given back: usage tells what was spent.
  await q.query('GRANT DELETE ON reservations TO forkpoint_app');
  await q.query(`CREATE POLICY reservations_discarded ON reservations AS RESTRICTIVE FOR DELETE TO forkpoint_app
    USING (status = 'released' AND owner_id ~ '^lease_' AND ${SYSTEM_FOR_PARTNER})`);
}

/** The gateway takes leases for those alone who are under a hard cap. */
async function tellGateway(q: QueryRunner): Promise<void> {
  const columns = ['organization_id', 'project_id', 'api_key_id', 'is_hard', 'ended_at'];
  await roleMayRead(q, 'spend_caps', 'forkpoint_gateway', columns);
  await q.query(`CREATE VIEW gateway_hard_caps WITH (security_invoker = true) AS
    SELECT DISTINCT coalesce(project_id, api_key_id, organization_id) AS subject_id
    FROM spend_caps WHERE is_hard AND ended_at IS NULL`);
  await q.query('GRANT SELECT ON gateway_hard_caps TO forkpoint_gateway');
  await q.query(`CREATE TRIGGER gateway_hard_caps_changed AFTER INSERT OR UPDATE OF ended_at ON spend_caps
    FOR EACH ROW EXECUTE FUNCTION notify_gateway_snapshot('caps')`);
}
