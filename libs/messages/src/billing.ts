import { z } from 'zod';
import { defineMessage } from './define.js';

const invoice = { invoiceId: z.string() };

export const BILLING_MESSAGES = {
  /** An invoice has its number and never changes: it can be sent and paid. What is due on it may be nothing. */
  'billing.invoice_finalized': defineMessage(1, z.strictObject(invoice)),
  /** The lab took an invoice back, or gave up what is open on it: the books follow. */
  'billing.invoice_closed': defineMessage(1, z.strictObject({ ...invoice, organizationId: z.string() })),
  /** A payment came or bounced: what is open on an invoice is more or less than before. */
  'billing.invoice_balance_changed': defineMessage(1, z.strictObject({ ...invoice, organizationId: z.string() })),
  /** The lab took back part of an invoice by a credit note: the books and the payment provider follow. */
  'billing.credit_note_issued': defineMessage(1, z.strictObject({ ...invoice, organizationId: z.string() })),
  /** What a credit note left owed to this partner goes back to a payment: the books and the payment provider follow. */
  'billing.refund_requested': defineMessage(1, z.strictObject({ refundId: z.string(), organizationId: z.string() })),
  /** A refund did not come through, and its credit is back: the lab is told. */
  'billing.refund_failed': defineMessage(1, z.strictObject({ refundId: z.string(), organizationId: z.string() })),
  /** Somebody wants the file that a final invoice of this organization can be rebuilt from. */
  'billing.invoice_export_requested': defineMessage(1, z.strictObject({ ...invoice, organizationId: z.string() })),
  /** The organization of the message wants a file of usage or of the journal. */
  'billing.export_requested': defineMessage(1, z.strictObject({ exportId: z.string() })),
  /** Somebody of the lab entered money that came from this organization: the books follow. */
  'billing.bank_transfer_recorded': defineMessage(
    1,
    z.strictObject({ bankTransferId: z.string(), organizationId: z.string() }),
  ),
  /** Somebody of the lab has an invoice of this organization paid with what it paid beyond what was due: the books follow. */
  'billing.payment_application_requested': defineMessage(
    1,
    z.strictObject({ paymentApplicationId: z.string(), organizationId: z.string() }),
  ),
  /** Somebody of the lab entered money that was sent to this organization for its listings: the books follow. */
  'billing.publisher_payout_recorded': defineMessage(
    1,
    z.strictObject({ publisherPayoutId: z.string(), organizationId: z.string() }),
  ),
} as const;
