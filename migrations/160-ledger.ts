import type { MigrationInterface, QueryRunner } from 'typeorm';
import { systemTable } from './support/row-security.js';

/** The lab's books about each partner: transactions with entries that sum to zero, only ever appended to. */
export class Ledger1700000000160 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createTransactions(q);
    await createEntries(q);
    await createLinks(q);
    await keepBalanced(q);
    for (const table of TABLES) await appendOnly(q, table);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query(`DROP TABLE ${[...TABLES].reverse().join(', ')}`);
    await q.query('DROP FUNCTION ledger_is_append_only(), ledger_transaction_is_whole()');
  }
}

const TABLES = ['ledger_transactions', 'ledger_entries', 'ledger_links'];

const ACCOUNTS = [
  'cash_clearing',
  'accounts_receivable',
  'unbilled_training',
  'unbilled_inference',
  'unbilled_evaluation',
  'unbilled_replicas',
  'unbilled_storage',
  'deferred_revenue',
  'customer_credit_balance',
  'unapplied_payments',
  'tax_payable',
  'publisher_payable',
  'training_revenue',
  'inference_revenue',
  'evaluation_revenue',
  'replicas_revenue',
  'storage_revenue',
  'shortfall_revenue',
  'overage_revenue',
  'breakage_revenue',
  'promotional_credits',
  'refunds',
  'bad_debt_expense',
  'publisher_share_expense',
];

const listed = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

async function createTransactions(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE ledger_transactions (
    id text COLLATE "C" PRIMARY KEY,
    -- The partner whose dealings these are.
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    -- Counts an organization's transactions in the order in which they were recorded: the order of the journal never changes.
    sequence bigint NOT NULL CHECK (sequence > 0),
    currency text NOT NULL CHECK (currency IN ('USD', 'EUR', 'GBP', 'JPY', 'KWD')),
    kind text NOT NULL CHECK (kind <> ''),
    effective_at timestamptz(3) NOT NULL,
    recorded_at timestamptz(3) NOT NULL,
    source_key text COLLATE "C" NOT NULL CHECK (source_key <> ''),
    content_sha256 text NOT NULL,
    description text NOT NULL CHECK (description <> ''),
    reverses_transaction_id text COLLATE "C",
    -- What belongs to it, so that nothing can be added to it later.
    entry_count int NOT NULL CHECK (entry_count >= 0),
    link_count int NOT NULL CHECK (link_count >= 0),
    UNIQUE (organization_id, sequence),
    UNIQUE (organization_id, source_key),
    -- A transaction is reversed once.
    UNIQUE (reverses_transaction_id),
    -- Entries repeat these, for the indexes.
    UNIQUE (id, organization_id, currency, effective_at, sequence),
    UNIQUE (id, organization_id, currency),
    FOREIGN KEY (reverses_transaction_id, organization_id, currency)
      REFERENCES ledger_transactions (id, organization_id, currency)
  )`);
  await systemTable(q, 'ledger_transactions');
}

async function createEntries(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE ledger_entries (
    transaction_id text COLLATE "C" NOT NULL,
    position int NOT NULL CHECK (position >= 0),
    organization_id text COLLATE "C" NOT NULL,
    currency text NOT NULL,
    effective_at timestamptz(3) NOT NULL,
    sequence bigint NOT NULL,
    account text COLLATE "C" NOT NULL CHECK (account IN (${listed(ACCOUNTS)})),
    -- In minor units of the currency. Above zero it is a debit, below a credit.
    amount_minor numeric(38,0) NOT NULL CHECK (amount_minor <> 0),
    PRIMARY KEY (transaction_id, position),
    UNIQUE (transaction_id, account),
    FOREIGN KEY (transaction_id, organization_id, currency, effective_at, sequence)
      REFERENCES ledger_transactions (id, organization_id, currency, effective_at, sequence)
  )`);
  // Balances are summed from the index alone, and statements read in its order.
  await q.query(`CREATE INDEX ledger_entries_by_account ON ledger_entries
    (organization_id, account, currency, effective_at, sequence) INCLUDE (amount_minor)`);
  await systemTable(q, 'ledger_entries');
}

async function createLinks(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE ledger_links (
    transaction_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    currency text NOT NULL,
    reference_type text COLLATE "C" NOT NULL CHECK (reference_type <> ''),
    reference_id text COLLATE "C" NOT NULL CHECK (reference_id <> ''),
    PRIMARY KEY (transaction_id, reference_type, reference_id),
    FOREIGN KEY (transaction_id, organization_id, currency) REFERENCES ledger_transactions (id, organization_id, currency)
  )`);
  await q.query(`CREATE INDEX ledger_links_by_reference ON ledger_links
    (organization_id, reference_type, reference_id, transaction_id)`);
  await systemTable(q, 'ledger_links');
}

/** Asked at the end of the database's transaction, about every transaction of the ledger that anything was added to. */
async function keepBalanced(q: QueryRunner): Promise<void> {
  await q.query(`CREATE FUNCTION ledger_transaction_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      checked_id text := CASE TG_TABLE_NAME WHEN 'ledger_transactions' THEN to_jsonb(NEW)->>'id' ELSE to_jsonb(NEW)->>'transaction_id' END;
      checked ledger_transactions;
      total numeric;
      entries int;
      links int;
    BEGIN
      SELECT * INTO checked FROM ledger_transactions WHERE id = checked_id;
      -- Who left the scope in which it was written could hide it from this check.
      IF NOT FOUND THEN RAISE EXCEPTION 'ledger transaction % can not be checked', checked_id USING ERRCODE = 'check_violation'; END IF;
      SELECT coalesce(sum(amount_minor), 0), count(*) INTO total, entries FROM ledger_entries WHERE transaction_id = checked_id;
      IF total <> 0 THEN
        RAISE EXCEPTION 'ledger transaction % sums to % % and not to zero', checked_id, total, checked.currency USING ERRCODE = 'check_violation';
      END IF;
      SELECT count(*) INTO links FROM ledger_links WHERE transaction_id = checked_id;
      IF entries <> checked.entry_count OR links <> checked.link_count THEN
        RAISE EXCEPTION 'ledger transaction % has entries or links that it was not made with', checked_id USING ERRCODE = 'check_violation';
      END IF;
      IF checked.reverses_transaction_id IS NOT NULL AND (
        EXISTS (SELECT FROM ledger_transactions WHERE id = checked.reverses_transaction_id AND reverses_transaction_id IS NOT NULL)
        OR EXISTS (SELECT FROM ledger_entries WHERE transaction_id IN (checked_id, checked.reverses_transaction_id)
                   GROUP BY account HAVING sum(amount_minor) <> 0)) THEN
        RAISE EXCEPTION 'ledger transaction % does not negate one that stands', checked_id USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$`);
  for (const table of TABLES) {
    await q.query(`CREATE CONSTRAINT TRIGGER whole AFTER INSERT ON ${table} DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION ledger_transaction_is_whole()`);
  }
  await q.query(`CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the ledger is only appended to' USING ERRCODE = 'insufficient_privilege'; END $$`);
}

/** Without the grant the application can't; with the trigger its owner can't by accident either. */
async function appendOnly(q: QueryRunner, table: string): Promise<void> {
  await q.query(`CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ${table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()`);
}
