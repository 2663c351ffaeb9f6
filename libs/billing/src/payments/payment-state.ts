import { larger } from '#libs/kernel';
import type { ProviderInvoice, ProviderInvoiceStatus } from './payment-provider.js';

/** What is known of an invoice at the provider. */
export interface PaymentState {
  status: ProviderInvoiceStatus;
  paidMinor: bigint;
  attempts: number;
}

/** How far an invoice has come: it never goes back. What was given up may still be paid or voided. */
const RANK: Record<ProviderInvoiceStatus, number> = { draft: 0, open: 1, uncollectible: 2, void: 3, paid: 4 };

/**
 * What two sightings say together. Every part only ever grows at the provider, so the order in which it was seen, and how often, makes no
 * difference: the larger is the later.
 */
export function merged(a: PaymentState, b: PaymentState): PaymentState {
  return {
    status: RANK[a.status] >= RANK[b.status] ? a.status : b.status,
    paidMinor: larger(a.paidMinor, b.paidMinor),
    attempts: Math.max(a.attempts, b.attempts),
  };
}

export const stateOf = ({ status, paidMinor, attempts }: ProviderInvoice): PaymentState => ({
  status,
  paidMinor,
  attempts,
});
