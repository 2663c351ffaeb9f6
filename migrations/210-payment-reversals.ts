import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead } from './support/row-security.js';

/** A dispute names the payment and no invoice: the receipt says which it paid. */
export class PaymentReversals1700000000210 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE payment_receipts ADD provider_refundable_id text COLLATE "C"');
    await q.query('CREATE INDEX payment_receipts_by_refundable ON payment_receipts (provider_refundable_id)');
    // Events come in without an organization.
    await roleMayRead(q, 'payment_receipts', 'forkpoint_reconciler');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP POLICY payment_receipts_forkpoint_reconciler_read ON payment_receipts');
    await q.query('REVOKE SELECT ON payment_receipts FROM forkpoint_reconciler');
    await q.query('ALTER TABLE payment_receipts DROP provider_refundable_id');
  }
}
