import type Stripe from 'stripe';
import type { ProviderEvent } from '../payments/payment-provider.js';

/** Only what says which invoice to look at is read: what an old event says of it may not hold any more. */
export function providerEventOf(event: Stripe.Event, body: Buffer | string): ProviderEvent {
  const { id, type, created } = event;
  const object = event.data.object as unknown as EventObject;
  const refundableId = NAME_THEIR_PAYMENT.includes(object.object) ? idOf(object.payment_intent) : null;
  const about = { providerInvoiceId: invoiceOf(object), refundableId };
  return { id, type, createdAt: new Date(created * 1000), ...about, payload: body.toString() };
}

const NAME_THEIR_PAYMENT = ['dispute', 'refund'];

type Reference = string | { id: string } | null;

interface EventObject {
  object: string;
  id?: string;
  invoice?: Reference;
  payment_intent?: Reference;
}

/** Invoice items, payments of invoices and credit notes name theirs. */
function invoiceOf({ object, id, invoice }: EventObject): string | null {
  if (object === 'invoice') return id ?? null;
  return idOf(invoice);
}

export const idOf = (reference: Reference | undefined): string | null =>
  typeof reference === 'string' ? reference : (reference?.id ?? null);
