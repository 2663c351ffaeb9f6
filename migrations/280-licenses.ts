import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readByBothSides, roleMayRead, tenantTable } from './support/row-security.js';

/** Licence documents of the lab, version by version, and that partners have accepted them. Neither ever changes. */
export class Licenses1700000000280 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createLicenses(q);
    await createAcceptances(q);
    await showToPartners(q);
    await tellGateway(q);
  }

  async down(q: QueryRunner): Promise<void> {
    // The policy of the one asks the other.
    await q.query('DROP POLICY licenses_carried ON licenses');
    await q.query('DROP TABLE license_acceptances, licenses');
    await q.query('DROP INDEX checkpoints_license');
  }
}

async function createLicenses(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE licenses (
    id text COLLATE "C" PRIMARY KEY,
    -- The lab.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- What checkpoints and families name as their license.
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    version int NOT NULL CHECK (version > 0),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 200000),
    sha256 text COLLATE "C" NOT NULL CHECK (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex')),
    requires_acceptance boolean NOT NULL,
    required_from timestamptz(3) NOT NULL,
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    UNIQUE (organization_id, name, version),
    CONSTRAINT licenses_read UNIQUE (id, organization_id, sha256),
    -- Nobody is bound for a time that is past.
    CHECK (required_from >= created_at)
  )`);
  await q.query('CREATE INDEX licenses_order ON licenses (created_at, id)');
  await tenantTable(q, 'licenses', { grant: 'SELECT, INSERT' });
  await q.query(`CREATE POLICY licenses_publish ON licenses AS RESTRICTIVE FOR INSERT TO forkpoint_app
    WITH CHECK (app_scope_kind() = 'lab' AND organization_id = app_organization())`);
}

async function createAcceptances(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE license_acceptances (
    id text COLLATE "C" PRIMARY KEY,
    -- The partner.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    lab_organization_id text COLLATE "C" NOT NULL,
    license_id text COLLATE "C" NOT NULL,
    -- Of the text that was read.
    sha256 text COLLATE "C" NOT NULL,
    accepted_by text COLLATE "C" NOT NULL CHECK (accepted_by ~ '^user_'),
    accepted_at timestamptz(3) NOT NULL,
    UNIQUE (organization_id, license_id),
    CONSTRAINT license_acceptances_of_text FOREIGN KEY (license_id, lab_organization_id, sha256)
      REFERENCES licenses (id, organization_id, sha256)
  )`);
  await q.query('CREATE INDEX license_acceptances_partner ON license_acceptances (organization_id, accepted_at, id)');
  await q.query('CREATE INDEX license_acceptances_lab ON license_acceptances (lab_organization_id, accepted_at, id)');
  await readByBothSides(q, 'license_acceptances');
  // By the person who does it, for the own organization: never by a key, never by the lab for a partner.
  await q.query(`CREATE POLICY license_acceptances_accept ON license_acceptances FOR INSERT TO forkpoint_app
    WITH CHECK (organization_id = app_organization() AND app_scope_kind() = 'partner'
                AND accepted_by = current_setting('app.actor_id', true))`);
  await q.query('GRANT SELECT, INSERT ON license_acceptances TO forkpoint_app');
}

/** With the checkpoints that carry it; what was accepted also afterwards. */
async function showToPartners(q: QueryRunner): Promise<void> {
  await q.query('CREATE INDEX checkpoints_license ON checkpoints (license)');
  await q.query(`CREATE POLICY licenses_carried ON licenses FOR SELECT TO forkpoint_app USING (
    EXISTS (SELECT 1 FROM license_acceptances a
            WHERE a.license_id = licenses.id AND a.organization_id = (SELECT app_organization()))
    OR EXISTS (SELECT 1 FROM checkpoints c JOIN model_families f ON f.id = c.family_id
               WHERE c.license = licenses.name AND f.organization_id = licenses.organization_id))`);
}

/** The gateway refuses calls of every organization. */
async function tellGateway(q: QueryRunner): Promise<void> {
  const needed = {
    licenses: ['id', 'organization_id', 'name', 'version', 'sha256', 'requires_acceptance', 'required_from'],
    license_acceptances: ['organization_id', 'license_id'],
  };
  for (const [table, columns] of Object.entries(needed)) {
    await roleMayRead(q, table, 'forkpoint_gateway', columns);
    await q.query(`CREATE TRIGGER gateway_licenses_changed AFTER INSERT ON ${table}
      FOR EACH ROW EXECUTE FUNCTION notify_gateway_snapshot('licenses')`);
  }
}
