import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, secureTable, tenantTable } from './support/row-security.js';

const CURRENCY = `text NOT NULL CHECK (currency IN ('USD', 'EUR', 'GBP', 'JPY', 'KWD'))`;

/** Spend caps: what may be spent at most in a month or in all, what is held and spent of it, and which thresholds were reached. */
export class SpendCaps1700000000230 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await extendReservations(q);
    await createCaps(q);
    await createWindows(q);
    await createAlerts(q);
    // Whose inference has to be counted is looked for over all organizations, and counted in transactions of each.
    await roleMayRead(q, 'spend_caps', 'forkpoint_reconciler', ['organization_id', 'ended_at']);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE spend_cap_alerts, reservation_holds, spend_windows, spend_cursors, spend_caps');
    await q.query('ALTER TABLE api_keys DROP CONSTRAINT api_keys_of_organization');
    await q.query('DROP POLICY reservations_lab ON reservations');
    await q.query('ALTER TABLE reservations DROP CONSTRAINT reservations_of_organization');
    await q.query('ALTER TABLE reservations DROP COLUMN currency, DROP COLUMN api_key_id');
  }
}

/** In which currency, and by which key: caps count by both. */
async function extendReservations(q: QueryRunner): Promise<void> {
  await q.query('ALTER TABLE reservations ADD COLUMN api_key_id text COLLATE "C"');
  await q.query(`ALTER TABLE reservations ADD COLUMN currency ${CURRENCY} DEFAULT 'USD'`);
  for (const table of ['reservations', 'fine_tune_jobs'])
    await q.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  await q.query(`UPDATE reservations r SET currency = j.currency,
      api_key_id = CASE WHEN j.created_by LIKE 'key\\_%' THEN j.created_by END
    FROM fine_tune_jobs j WHERE j.id = r.owner_id`);
  for (const table of ['reservations', 'fine_tune_jobs'])
    await q.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
  await q.query('ALTER TABLE reservations ALTER COLUMN currency DROP DEFAULT');
  await q.query('ALTER TABLE reservations ADD CONSTRAINT reservations_of_organization UNIQUE (id, organization_id)');
  // The lab sees what is held and spent of its caps.
  await q.query(`CREATE POLICY reservations_lab ON reservations FOR SELECT TO forkpoint_app
    USING ((SELECT app_scope_kind()) = 'lab')`);
}

async function createCaps(q: QueryRunner): Promise<void> {
  await q.query('ALTER TABLE api_keys ADD CONSTRAINT api_keys_of_organization UNIQUE (id, organization_id)');
  await q.query(`CREATE TABLE spend_caps (
    id text COLLATE "C" PRIMARY KEY,
    -- The partner whose spending it bounds: all of it, or that of one project or key.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    project_id text COLLATE "C",
    api_key_id text COLLATE "C",
    limit_nanos numeric(38,0) NOT NULL CHECK (limit_nanos >= 0),
    currency ${CURRENCY},
    period text NOT NULL CHECK (period IN ('month', 'total')),
    is_hard boolean NOT NULL,
    alert_percents int[] NOT NULL CHECK (cardinality(alert_percents) <= 10 AND 0 < ALL (alert_percents)),
    side text NOT NULL CHECK (side IN ('lab', 'partner')),
    lab_organization_id text COLLATE "C",
    contract_id text COLLATE "C",
    clause text CHECK (length(clause) BETWEEN 1 AND 500),
    replaces_id text COLLATE "C" UNIQUE,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    ended_by text COLLATE "C",
    ended_at timestamptz(3) CHECK (ended_at >= created_at),
    UNIQUE (id, organization_id),
    CONSTRAINT spend_caps_project FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    CONSTRAINT spend_caps_api_key FOREIGN KEY (api_key_id, organization_id) REFERENCES api_keys (id, organization_id),
    FOREIGN KEY (replaces_id, organization_id) REFERENCES spend_caps (id, organization_id),
    FOREIGN KEY (contract_id, organization_id, lab_organization_id) REFERENCES contracts (id, organization_id, lab_organization_id),
    CHECK (num_nonnulls(project_id, api_key_id) <= 1),
    -- The lab's stands on a clause of a contract.
    CHECK (num_nonnulls(lab_organization_id, contract_id, clause) = CASE side WHEN 'lab' THEN 3 ELSE 0 END),
    CHECK (num_nonnulls(ended_by, ended_at) IN (0, 2))
  )`);
  await q.query(`CREATE UNIQUE INDEX spend_caps_in_force ON spend_caps
    (organization_id, project_id, api_key_id, period, currency, side) NULLS NOT DISTINCT WHERE ended_at IS NULL`);
  await q.query('CREATE INDEX spend_caps_by_time ON spend_caps (organization_id, created_at, id)');
  await secureTable(q, 'spend_caps');
  await q.query(`CREATE POLICY spend_caps_read ON spend_caps FOR SELECT TO forkpoint_app
    USING (organization_id = (SELECT app_organization()) OR (SELECT app_scope_kind()) = 'lab')`);
  // Each side sets and ends its own. A cap never changes otherwise: another one replaces it.
  const sides = [
    ['lab', `side = 'lab' AND app_scope_kind() = 'lab' AND lab_organization_id = app_organization()`],
    ['partner', `side = 'partner' AND app_scope_kind() = 'partner' AND organization_id = app_organization()`],
  ] as const;
  for (const [side, own] of sides) {
    await q.query(`CREATE POLICY spend_caps_${side}_sets ON spend_caps FOR INSERT TO forkpoint_app
      WITH CHECK (${own} AND ended_at IS NULL)`);
    await q.query(`CREATE POLICY spend_caps_${side}_ends ON spend_caps FOR UPDATE TO forkpoint_app
      USING (${own} AND ended_at IS NULL) WITH CHECK (${own} AND ended_at IS NOT NULL)`);
  }
  await q.query('GRANT SELECT, INSERT, UPDATE (ended_by, ended_at) ON spend_caps TO forkpoint_app');
}

async function createWindows(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE spend_windows (
    cap_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    starts_at timestamptz(3) NOT NULL,
    held_nanos numeric(38,0) NOT NULL CHECK (held_nanos >= 0),
    spent_nanos numeric(38,0) NOT NULL CHECK (spent_nanos >= 0),
    PRIMARY KEY (cap_id, starts_at),
    UNIQUE (cap_id, starts_at, organization_id),
    FOREIGN KEY (cap_id, organization_id) REFERENCES spend_caps (id, organization_id)
  )`);
  await tenantTable(q, 'spend_windows', {
    labMayRead: true,
    grant: 'SELECT, INSERT, UPDATE (held_nanos, spent_nanos)',
  });

  // What a reservation holds of which window, until it ends: given back exactly there, whatever caps changed meanwhile.
  await q.query(`CREATE TABLE reservation_holds (
    reservation_id text COLLATE "C" NOT NULL,
    cap_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    window_starts_at timestamptz(3) NOT NULL,
    nanos numeric(38,0) NOT NULL CHECK (nanos >= 0),
    PRIMARY KEY (reservation_id, cap_id),
    FOREIGN KEY (reservation_id, organization_id) REFERENCES reservations (id, organization_id),
    FOREIGN KEY (cap_id, window_starts_at, organization_id) REFERENCES spend_windows (cap_id, starts_at, organization_id)
  )`);
  await tenantTable(q, 'reservation_holds', { grant: 'SELECT, INSERT, DELETE' });

  // Up to when inference that became final on record is counted in the windows of an organization.
  await q.query(`CREATE TABLE spend_cursors (
    organization_id text COLLATE "C" PRIMARY KEY REFERENCES organizations (id),
    inference_until timestamptz(3) NOT NULL
  )`);
  await tenantTable(q, 'spend_cursors', { labMayRead: true, grant: 'SELECT, INSERT, UPDATE (inference_until)' });
}

async function createAlerts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE spend_cap_alerts (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    cap_id text COLLATE "C" NOT NULL,
    window_starts_at timestamptz(3) NOT NULL,
    percent int NOT NULL,
    -- As they were when it was reached.
    held_nanos numeric(38,0) NOT NULL,
    spent_nanos numeric(38,0) NOT NULL,
    reached_at timestamptz(3) NOT NULL,
    UNIQUE (cap_id, window_starts_at, percent),
    FOREIGN KEY (cap_id, window_starts_at, organization_id) REFERENCES spend_windows (cap_id, starts_at, organization_id)
  )`);
  await q.query('CREATE INDEX spend_cap_alerts_by_time ON spend_cap_alerts (organization_id, reached_at, id)');
  await tenantTable(q, 'spend_cap_alerts', { labMayRead: true, grant: 'SELECT, INSERT' });
}
