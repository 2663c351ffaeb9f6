import type { MigrationInterface, QueryRunner } from 'typeorm';
import { defineForLab } from './support/functions-for-lab.js';
import { roleMayRead, SYSTEM_FOR_PARTNER, secureTable } from './support/row-security.js';

/** What an organization, a project or a key may no longer do, by whose word; and how much is under way that a stop leaves alone. */
export class ServiceStops1700000000240 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createStops(q);
    await secureStops(q);
    await tellGateway(q);
    await countRunningWork(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP FUNCTION running_jobs_of(text), answering_deployments_of(text)');
    await q.query('DROP VIEW gateway_stops');
    await q.query('DROP TABLE service_stops');
    await q.query('DROP FUNCTION guard_service_stop()');
  }
}

async function createStops(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE service_stops (
    id text COLLATE "C" PRIMARY KEY,
    -- The partner.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- The lab that suspended it; null: the platform stopped it by itself.
    lab_organization_id text COLLATE "C" REFERENCES organizations (id),
    -- All of the organization, one of its projects, or one of its keys.
    subject_id text COLLATE "C" NOT NULL CHECK (subject_id ~ '^(org|proj|key)_'),
    stops text NOT NULL CHECK (stops IN ('new_work', 'inference')),
    source_kind text NOT NULL CHECK (source_kind IN ('suspension', 'dunning', 'spend_cap')),
    source_id text COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    clause text NOT NULL CHECK (length(clause) BETWEEN 1 AND 500),
    since timestamptz(3) NOT NULL,
    lifted_at timestamptz(3) CHECK (lifted_at >= since),
    CHECK ((source_kind = 'suspension') = (lab_organization_id IS NOT NULL)),
    CHECK (subject_id !~ '^org_' OR subject_id = organization_id)
  )`);
  await q.query(`CREATE UNIQUE INDEX service_stops_live ON service_stops (organization_id, source_kind, source_id, stops)
    WHERE lifted_at IS NULL`);
  await q.query('CREATE INDEX service_stops_by_source ON service_stops (source_id, since)');
  await q.query(`CREATE FUNCTION guard_service_stop() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.lifted_at IS NOT NULL OR (to_jsonb(NEW) - 'lifted_at') IS DISTINCT FROM (to_jsonb(OLD) - 'lifted_at')
      THEN RAISE EXCEPTION 'service stop % is only ever lifted, once', OLD.id; END IF;
      RETURN NEW;
    END $$`);
  await q.query(`CREATE TRIGGER guarded BEFORE UPDATE ON service_stops
    FOR EACH ROW EXECUTE FUNCTION guard_service_stop()`);
}

/** Seen by the partner and the lab. A suspension is the lab's act, every other stop the system's: nobody stops or starts themselves. */
async function secureStops(q: QueryRunner): Promise<void> {
  await secureTable(q, 'service_stops');
  await q.query(`CREATE POLICY service_stops_read ON service_stops FOR SELECT TO forkpoint_app
    USING (organization_id = (SELECT app_organization()) OR (SELECT app_scope_kind()) = 'lab')`);
  const writers = {
    lab: `source_kind = 'suspension' AND app_scope_kind() = 'lab' AND lab_organization_id = app_organization()`,
    system: `source_kind <> 'suspension' AND ${SYSTEM_FOR_PARTNER}`,
  };
  for (const [writer, mayWrite] of Object.entries(writers)) {
    await q.query(`CREATE POLICY service_stops_${writer} ON service_stops FOR INSERT TO forkpoint_app
      WITH CHECK (lifted_at IS NULL AND ${mayWrite})`);
    await q.query(`CREATE POLICY service_stops_${writer}_lifts ON service_stops FOR UPDATE TO forkpoint_app
      USING (${mayWrite}) WITH CHECK (${mayWrite})`);
  }
  await q.query('GRANT SELECT, INSERT, UPDATE (lifted_at) ON service_stops TO forkpoint_app');
}

/** The gateway refuses calls of every organization. */
async function tellGateway(q: QueryRunner): Promise<void> {
  const columns = ['organization_id', 'subject_id', 'stops', 'source_kind', 'reason', 'clause', 'since', 'lifted_at'];
  await roleMayRead(q, 'service_stops', 'forkpoint_gateway', columns);
  await q.query(`CREATE VIEW gateway_stops WITH (security_invoker = true) AS
    SELECT organization_id, subject_id, source_kind, reason, clause, since
    FROM service_stops WHERE stops = 'inference' AND lifted_at IS NULL`);
  await q.query('GRANT SELECT ON gateway_stops TO forkpoint_gateway');
  await q.query(`CREATE TRIGGER gateway_stops_changed AFTER INSERT OR UPDATE OF lifted_at ON service_stops
    FOR EACH ROW EXECUTE FUNCTION notify_gateway_snapshot('stops')`);
}

/** How much of a partner goes on when the lab stops what is new: numbers, never names. Owned by roles that see these tables already. */
async function countRunningWork(q: QueryRunner): Promise<void> {
  await defineForLab(q, {
    owner: 'forkpoint_cluster',
    signature: 'running_jobs_of(partner_id text) RETURNS TABLE (kind text, jobs int)',
    body: `SELECT j.kind, count(*)::int FROM public.compute_jobs j
      WHERE public.app_scope_kind() = 'lab' AND j.organization_id = partner_id AND j.ended_at IS NULL GROUP BY j.kind`,
  });
  await defineForLab(q, {
    owner: 'forkpoint_lineage',
    signature: 'answering_deployments_of(partner_id text) RETURNS int',
    body: `SELECT count(*)::int FROM public.deployments d
      WHERE public.app_scope_kind() = 'lab' AND d.organization_id = partner_id AND d.state = 'active'`,
  });
}
