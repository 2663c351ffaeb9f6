import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, roleMayWrite, secureTable, systemTable } from './support/row-security.js';

/** What is ours at the payment provider, what was received through it, and what it told us. */
export class Payments1700000000200 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createCustomers(q);
    await createInvoices(q);
    await createReceipts(q);
    await createEvents(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE payment_events, payment_receipts, payment_invoices, payment_customers');
  }
}

async function createCustomers(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE payment_customers (
    organization_id text COLLATE "C" PRIMARY KEY REFERENCES organizations (id),
    provider_customer_id text COLLATE "C" NOT NULL UNIQUE,
    created_at timestamptz(3) NOT NULL
  )`);
  await systemTable(q, 'payment_customers');
}

async function createInvoices(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE payment_invoices (
    invoice_id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    provider_invoice_id text COLLATE "C" NOT NULL UNIQUE,
    currency text NOT NULL,
    -- As it was issued, in minor units.
    due_minor numeric(38,0) NOT NULL CHECK (due_minor > 0),
    -- What is known of the provider's side. Each of these only ever grows, the status by its rank.
    status text NOT NULL CHECK (status IN ('draft', 'open', 'uncollectible', 'void', 'paid')),
    paid_minor numeric(38,0) NOT NULL CHECK (paid_minor >= 0),
    attempts int NOT NULL CHECK (attempts >= 0),
    hosted_url text,
    issued_at timestamptz(3) NOT NULL,
    UNIQUE (invoice_id, organization_id)
  )`);
  await q.query('CREATE INDEX payment_invoices_by_organization ON payment_invoices (organization_id, issued_at)');
  await systemTable(q, 'payment_invoices', 'SELECT, INSERT, UPDATE (status, paid_minor, attempts, hosted_url)');
  // An event names an invoice and no organization; the reconciler compares all invoices with the provider's.
  await roleMayRead(q, 'payment_invoices', 'forkpoint_reconciler');
}

async function createReceipts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE payment_receipts (
    provider_payment_id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    invoice_id text COLLATE "C" NOT NULL,
    amount_minor numeric(38,0) NOT NULL CHECK (amount_minor > 0),
    paid_at timestamptz(3) NOT NULL,
    recorded_at timestamptz(3) NOT NULL,
    FOREIGN KEY (invoice_id, organization_id) REFERENCES payment_invoices (invoice_id, organization_id)
  )`);
  await q.query('CREATE INDEX payment_receipts_by_invoice ON payment_receipts (invoice_id)');
  await systemTable(q, 'payment_receipts');
}

async function createEvents(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE payment_events (
    id text COLLATE "C" PRIMARY KEY,
    type text NOT NULL,
    provider_created_at timestamptz(3) NOT NULL,
    -- The provider's id of the invoice that it is about, if it is about one.
    provider_invoice_id text COLLATE "C",
    -- Word for word as it was signed.
    payload json NOT NULL,
    received_at timestamptz(3) NOT NULL,
    processed_at timestamptz(3),
    -- What it led to; 'ignored' is about nothing of ours.
    outcome text CHECK (outcome IN ('applied', 'ignored')),
    CHECK ((processed_at IS NULL) = (outcome IS NULL))
  )`);
  await q.query(`CREATE INDEX payment_events_open ON payment_events (provider_invoice_id) WHERE processed_at IS NULL`);
  await secureTable(q, 'payment_events');
  // It is stored before anything is known of it, and read by what reconciles our side with the provider's.
  await roleMayRead(q, 'payment_events', 'forkpoint_reconciler');
  await roleMayWrite(q, 'payment_events', 'forkpoint_reconciler', 'INSERT, UPDATE (processed_at, outcome)');
}
