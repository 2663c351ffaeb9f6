import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, SYSTEM_FOR_PARTNER, tenantTable } from './support/row-security.js';

/** Addresses of partners that are told of events, what they were told, and each attempt at it. */
export class Webhooks1700000000290 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createEndpoints(q);
    await createDeliveries(q);
    await createAttempts(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE webhook_attempts, webhook_deliveries, webhook_endpoints');
  }
}

async function createEndpoints(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE webhook_endpoints (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    url text NOT NULL CHECK (length(url) <= 2000),
    description text NOT NULL CHECK (length(description) <= 200),
    events text[] NOT NULL CHECK (cardinality(events) > 0),
    -- Secrets follow from the platform's key, the id and this number: none is stored.
    secret_version int NOT NULL DEFAULT 1 CHECK (secret_version > 0),
    previous_secret_until timestamptz(3),
    created_by text COLLATE "C" NOT NULL,
    created_at timestamptz(3) NOT NULL,
    failing_since timestamptz(3),
    disabled_at timestamptz(3),
    removed_at timestamptz(3),
    UNIQUE (id, organization_id)
  )`);
  await q.query('CREATE INDEX webhook_endpoints_of ON webhook_endpoints (organization_id) WHERE removed_at IS NULL');
  // Its address never changes: what was sent where stays true.
  await tenantTable(q, 'webhook_endpoints', {
    grant: 'SELECT, INSERT, UPDATE (secret_version, previous_secret_until, failing_since, disabled_at, removed_at)',
  });
}

async function createDeliveries(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE webhook_deliveries (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    endpoint_id text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    -- What it is about, once.
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    type text NOT NULL,
    body text NOT NULL CHECK (length(body) <= 20000),
    created_at timestamptz(3) NOT NULL,
    attempts int NOT NULL DEFAULT 0,
    -- Since it was first sent, or sent again by hand.
    tries int NOT NULL DEFAULT 0,
    -- Also how long whoever sends it now may take. Null: nothing is tried.
    next_attempt_at timestamptz(3),
    delivered_at timestamptz(3),
    UNIQUE (endpoint_id, type, key),
    UNIQUE (id, organization_id),
    FOREIGN KEY (endpoint_id, organization_id) REFERENCES webhook_endpoints (id, organization_id)
  )`);
  await q.query(
    'CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL',
  );
  await q.query('CREATE INDEX webhook_deliveries_of ON webhook_deliveries (organization_id, created_at, id)');
  await tenantTable(q, 'webhook_deliveries', {
    grant: 'SELECT, INSERT, UPDATE (attempts, tries, next_attempt_at, delivered_at)',
  });
  await insertedBySystem(q, 'webhook_deliveries');
  // What there is to send is looked for over all organizations, and sent in transactions of each.
  await roleMayRead(q, 'webhook_deliveries', 'forkpoint_reconciler', ['id', 'organization_id', 'next_attempt_at']);
}

async function createAttempts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE webhook_attempts (
    delivery_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    number int NOT NULL CHECK (number > 0),
    started_at timestamptz(3) NOT NULL,
    latency_milliseconds int NOT NULL CHECK (latency_milliseconds >= 0),
    status int,
    error text CHECK (length(error) <= 500),
    PRIMARY KEY (delivery_id, number),
    FOREIGN KEY (delivery_id, organization_id) REFERENCES webhook_deliveries (id, organization_id),
    CHECK (status IS NOT NULL OR error IS NOT NULL)
  )`);
  await tenantTable(q, 'webhook_attempts', { grant: 'SELECT, INSERT' });
  await insertedBySystem(q, 'webhook_attempts');
}

/** Nobody tells an endpoint what did not happen, in the name of the platform. */
async function insertedBySystem(q: QueryRunner, table: string): Promise<void> {
  await q.query(`CREATE POLICY ${table}_system ON ${table} AS RESTRICTIVE FOR INSERT TO forkpoint_app
    WITH CHECK (${SYSTEM_FOR_PARTNER})`);
}
