import type { NewWebhookEvent } from '#libs/webhooks';
import type { IssuedInvoice } from './invoice.js';

/** What a webhook tells of an invoice; each is told of once. */
export function invoiceEvent(
  invoice: IssuedInvoice,
  type: 'invoice.finalized' | 'invoice.paid' | 'invoice.overdue',
): NewWebhookEvent {
  const { id, contractId, number, period, currency, dueMinor, openMinor } = invoice;
  const amounts = { dueMinor: String(dueMinor ?? 0n), openMinor: String(openMinor ?? 0n) };
  return { key: id, type, data: { invoiceId: id, contractId, number, period, currency, ...amounts } };
}
