import { type Currency, defineStates } from '#libs/kernel';

export type InvoiceState = 'draft' | 'open' | 'finalized' | 'paid' | 'void' | 'uncollectible';

/**
 * draft: its period runs. open: the period is over, and late usage is still taken. finalized: due, and never changed. A payment that
 * bounces, and one that comes after it was given up, make it due again.
 */
export const invoiceStates = defineStates<InvoiceState>('invoice', {
  initial: 'draft',
  terminal: ['void'],
  transitions: {
    draft: ['open'],
    open: ['finalized'],
    finalized: ['paid', 'void', 'uncollectible'],
    paid: ['finalized'],
    uncollectible: ['finalized'],
    void: [],
  },
});

export interface IssuedInvoice {
  id: string;
  /** The partner. */
  organizationId: string;
  labOrganizationId: string;
  contractId: string;
  /** Which of the contract's periods, from 1. */
  period: number;
  from: Date;
  to: Date;
  /** The last instant whose usage it takes. */
  finalizesAt: Date;
  currency: Currency;
  state: InvoiceState;
  /** Counts the lab's invoices without gaps; null until it is final, as all that follows. */
  number: number | null;
  finalizedAt: Date | null;
  /** Once it is final: within how many days after that it is to be paid, as its contract says. */
  paymentDays: number;
  /** The last instant at which paying it is in time. */
  dueAt: Date | null;
  /** The engine's invoice in canonical JSON, to the byte. */
  document: string | null;
  documentSha256: string | null;
  dueMinor: bigint | null;
  /** What of it is neither paid nor given up. */
  openMinor: bigint | null;
  /** Why it was voided or given up. */
  closeReason: string | null;
  closedAt: Date | null;
}

export type FinalInvoice = IssuedInvoice & {
  [Key in 'number' | 'finalizedAt' | 'dueAt' | 'document' | 'documentSha256' | 'dueMinor' | 'openMinor']: NonNullable<
    IssuedInvoice[Key]
  >;
};

export function isFinal(invoice: IssuedInvoice): invoice is FinalInvoice {
  return invoice.state !== 'draft' && invoice.state !== 'open';
}
