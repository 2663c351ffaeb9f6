import type Stripe from 'stripe';
import type { ProviderEvent } from '../payments/payment-provider.js';

/** Only what says which invoice to look at is read: what an old event says of it may not hold any more. */
export function providerEventOf(event: Stripe.Event, body: Buffer | string): ProviderEvent {
  const { id, type, created } = event;
  const providerInvoiceId = invoiceOf(event.data.object as unknown as EventObject);
  return { id, type, createdAt: new Date(created * 1000), providerInvoiceId, payload: body.toString() };
}

interface EventObject {
  object: string;
  id?: string;
  invoice?: string | { id: string } | null;
}

/** Invoice items, payments of invoices and credit notes name theirs. */
function invoiceOf({ object, id, invoice }: EventObject): string | null {
  if (object === 'invoice') return id ?? null;
  return typeof invoice === 'string' ? invoice : (invoice?.id ?? null);
}
