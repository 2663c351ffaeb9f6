import { z } from 'zod';
import { defineMessage } from './define.js';

const invoice = { invoiceId: z.string() };

export const BILLING_MESSAGES = {
  /** An invoice has its number and never changes: it can be sent and paid. What is due on it may be nothing. */
  'billing.invoice_finalized': defineMessage(1, z.strictObject(invoice)),
  /** The lab took an invoice back, or gave up what is open on it: the books follow. */
  'billing.invoice_closed': defineMessage(1, z.strictObject({ ...invoice, organizationId: z.string() })),
  /** Somebody wants the file that a final invoice of this organization can be rebuilt from. */
  'billing.invoice_export_requested': defineMessage(1, z.strictObject({ ...invoice, organizationId: z.string() })),
} as const;
