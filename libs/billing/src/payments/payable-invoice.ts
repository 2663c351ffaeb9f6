import type { Contract } from '#libs/contracts';
import type { BilledMeter } from '#libs/kernel';
import { sideOf } from '#libs/ledger';
import type { FinalInvoice } from '../invoices/invoice.js';
import { type DetailedLine, linesOf } from '../invoices/invoice-postings.js';
import type { PayableInvoice, PayableLine, Payer } from './payment-provider.js';

/** Net 30: contracts have no clause of their own about it yet. */
const PAYABLE_MILLISECONDS = 30 * 86_400_000;

/** A final invoice as it is handed over for collection, line by line: they sum to what is due. */
export function payableInvoiceOf(invoice: FinalInvoice, { purchaseOrder }: Contract): PayableInvoice {
  const { id, organizationId, currency, dueMinor, document, finalizedAt, from, to } = invoice;
  const lines = linesOf(id, JSON.parse(document));
  return {
    id,
    organizationId,
    currency,
    dueMinor,
    taxMinor: lines.reduce((sum, { part, amountMinor }) => (part === 'tax' ? sum + amountMinor : sum), 0n),
    lines: lines.map((line) => payableLineOf(line, { from, to })),
    payableUntil: new Date(finalizedAt!.getTime() + PAYABLE_MILLISECONDS),
    purchaseOrderNumber: purchaseOrder,
  };
}

/** By the name that the partner has in its contract; it finds its invoices in the portal and is written to by us. */
export function payerOf({ organization: { id: organizationId, name } }: Contract): Payer {
  return { organizationId, name, email: null };
}

function payableLineOf(line: DetailedLine, period: PayableLine['period']): PayableLine {
  return { id: line.id, description: describe(line), amountMinor: sideOf(line).addsMinor, period };
}

function describe(line: DetailedLine): string {
  const { projectId, period, commitmentId } = line;
  switch (line.part) {
    case 'usage':
      return `${line.quantity} ${nameOf(line.meter)}, project ${projectId}`;
    case 'minimum':
      return 'Minimum of the period';
    case 'adjustment':
      return `Late usage of period ${period}: ${line.meter ? `${nameOf(line.meter)}, project ${projectId}` : 'minimum'}`;
    case 'credit':
      return 'Paid by credit';
    case 'purchase':
      return `Prepaid commitment ${commitmentId}`;
    case 'drawdown':
      return `Paid by prepaid commitment ${commitmentId}`;
    case 'overage':
      return `Overage of commitment ${commitmentId}`;
    case 'true_up':
      return `True-up of commitment ${commitmentId}`;
    case 'carried_in':
      return 'Carried over from the invoice before';
    case 'tax':
      return 'Tax';
  }
}

const nameOf = (meter: BilledMeter) => meter.replaceAll('_', ' ');
