import type { MigrationInterface, QueryRunner } from 'typeorm';
import { readByBothSides, SYSTEM_FOR_PARTNER } from './support/row-security.js';

/** Money that the lab sent to publishers for what their listings earned. */
export class PublisherPayouts1700000000342 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`CREATE TABLE publisher_payouts (
      id text COLLATE "C" PRIMARY KEY,
      -- The publisher.
      organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
      lab_organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
      currency text NOT NULL,
      amount_minor numeric(38,0) NOT NULL CHECK (amount_minor > 0),
      -- When it was entered, other payouts that were not in the books yet taken off.
      payable_minor numeric(38,0) NOT NULL CHECK (payable_minor >= amount_minor),
      -- As the lab's bank statement names it; entered again it is the same payout.
      reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 140),
      paid_at timestamptz(3) NOT NULL,
      recorded_by text COLLATE "C" NOT NULL,
      recorded_at timestamptz(3) NOT NULL CHECK (recorded_at >= paid_at),
      -- Null until it is in the publisher's books.
      posted_at timestamptz(3),
      UNIQUE (organization_id, reference)
    )`);
    await q.query('CREATE INDEX publisher_payouts_lab ON publisher_payouts (lab_organization_id, recorded_at, id)');
    await q.query('CREATE INDEX publisher_payouts_publisher ON publisher_payouts (organization_id, recorded_at, id)');
    await boundPayouts(q);
    await readByBothSides(q, 'publisher_payouts');
    await q.query(`CREATE POLICY publisher_payouts_lab ON publisher_payouts FOR INSERT TO forkpoint_app
      WITH CHECK (app_scope_kind() = 'lab' AND lab_organization_id = app_organization()
        AND organization_id <> lab_organization_id AND posted_at IS NULL)`);
    await q.query(`CREATE POLICY publisher_payouts_system ON publisher_payouts FOR UPDATE TO forkpoint_app
      USING (organization_id = (SELECT app_organization())) WITH CHECK (${SYSTEM_FOR_PARTNER})`);
    await q.query('GRANT SELECT, INSERT, UPDATE (posted_at) ON publisher_payouts TO forkpoint_app');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE publisher_payouts');
    await q.query('DROP FUNCTION bound_publisher_payout()');
  }
}

/** Never more than the books say is payable and was not paid yet; two at once wait for each other. */
async function boundPayouts(q: QueryRunner): Promise<void> {
  await q.query(`CREATE FUNCTION bound_publisher_payout() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE payable numeric;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('publisher_payouts:' || NEW.organization_id, 0));
      SELECT coalesce((SELECT -sum(e.amount_minor) FROM ledger_entries e WHERE e.organization_id = NEW.organization_id
          AND e.account = 'publisher_payable' AND e.currency = NEW.currency), 0)
        - coalesce((SELECT sum(p.amount_minor) FROM publisher_payouts p WHERE p.organization_id = NEW.organization_id
          AND p.currency = NEW.currency AND p.posted_at IS NULL), 0) INTO payable;
      IF NEW.amount_minor > payable
      THEN RAISE EXCEPTION 'payout % is of %, and % is payable', NEW.id, NEW.amount_minor, payable USING ERRCODE = 'check_violation'; END IF;
      RETURN NEW;
    END $$`);
  await q.query(
    'CREATE TRIGGER bounded BEFORE INSERT ON publisher_payouts FOR EACH ROW EXECUTE FUNCTION bound_publisher_payout()',
  );
}
