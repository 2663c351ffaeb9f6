import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#platform/database';
import {
  PAYMENT_PROVIDER,
  type PaymentProvider,
  type ProviderInvoice,
  type ProviderInvoiceStatus,
} from './payment-provider.js';
import { findRefundDrifts, type RefundDrift } from './refund-drift.js';

/** A difference between what we hold of an invoice and what the provider does. Amounts are in minor units. */
export type PaymentDrift =
  /** We handed it over, and the provider does not list it. */
  | { kind: 'missing_there'; invoiceId: string; providerInvoiceId: string; organizationId: string }
  /** The provider has it, and we don't: `invoiceId` is what it says of itself. */
  | { kind: 'missing_here'; invoiceId: string | null; providerInvoiceId: string }
  | (Both & {
      kind: 'amount_differs';
      oursMinor: bigint;
      theirsMinor: bigint;
      ourCurrency: string;
      theirCurrency: string;
    })
  | (Both & { kind: 'paid_differs'; oursMinor: bigint; theirsMinor: bigint })
  | RefundDrift
  | (Both & { kind: 'status_differs'; ours: ProviderInvoiceStatus; theirs: ProviderInvoiceStatus });

interface Both {
  invoiceId: string;
  providerInvoiceId: string;
  organizationId: string;
}

interface Ours extends Both {
  currency: string;
  dueMinor: string;
  paidMinor: string;
  status: ProviderInvoiceStatus;
  issuedAt: Date;
}

/** A row is saved after the provider made its invoice, so its time there is a little earlier. */
const MARGIN_MILLISECONDS = 24 * 60 * 60_000;

/** Compares both sides, invoice by invoice and refund by refund. It changes neither. */
@Injectable()
export class PaymentDrifts {
  constructor(
    private readonly database: Database,
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
  ) {}

  /** Of what was issued since then. */
  async find(since: Date): Promise<PaymentDrift[]> {
    const from = new Date(since.getTime() - MARGIN_MILLISECONDS);
    const theirs = new Map<string, ProviderInvoice>();
    for await (const invoice of this.provider.invoicesSince(from)) theirs.set(invoice.id, invoice);
    // Ours are read last: what the provider made meanwhile is on neither list, or on ours alone and reported once too often at most.
    const ours = new Map((await this.ours(from)).map((each) => [each.providerInvoiceId, each]));
    const drifts: PaymentDrift[] = [];
    for (const invoice of theirs.values()) {
      const own = ours.get(invoice.id);
      if (own) drifts.push(...differences(own, invoice));
      else if (invoice.createdAt >= since)
        drifts.push({ kind: 'missing_here', invoiceId: invoice.invoiceId, providerInvoiceId: invoice.id });
    }
    for (const { invoiceId, providerInvoiceId, organizationId, issuedAt } of ours.values()) {
      if (theirs.has(providerInvoiceId) || issuedAt < since) continue;
      drifts.push({ kind: 'missing_there', invoiceId, providerInvoiceId, organizationId });
    }
    return [...drifts, ...(await findRefundDrifts(this.database, this.provider, { from, since }))];
  }

  private ours(from: Date): Promise<Ours[]> {
    return this.database.as('reconciler', (tx) =>
      tx.query<Ours>(
        `SELECT invoice_id AS "invoiceId", provider_invoice_id AS "providerInvoiceId", organization_id AS "organizationId", currency,
                due_minor AS "dueMinor", paid_minor AS "paidMinor", status, issued_at AS "issuedAt"
         FROM payment_invoices WHERE issued_at >= $1 ORDER BY invoice_id`,
        [from],
      ),
    );
  }
}

function differences(own: Ours, theirs: ProviderInvoice): PaymentDrift[] {
  const { invoiceId, providerInvoiceId, organizationId } = own;
  const both = { invoiceId, providerInvoiceId, organizationId };
  const [due, paid] = [BigInt(own.dueMinor), BigInt(own.paidMinor)];
  const drifts: PaymentDrift[] = [];
  if (due !== theirs.totalMinor || own.currency !== theirs.currency) {
    const [ourCurrency, theirCurrency] = [own.currency, theirs.currency];
    drifts.push({
      kind: 'amount_differs',
      ...both,
      oursMinor: due,
      theirsMinor: theirs.totalMinor,
      ourCurrency,
      theirCurrency,
    });
  }
  if (paid !== theirs.paidMinor)
    drifts.push({ kind: 'paid_differs', ...both, oursMinor: paid, theirsMinor: theirs.paidMinor });
  if (own.status !== theirs.status)
    drifts.push({ kind: 'status_differs', ...both, ours: own.status, theirs: theirs.status });
  return drifts;
}
