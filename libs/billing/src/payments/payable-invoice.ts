import type { Contract } from '#libs/contracts';
import { sideOf } from '#libs/ledger';
import type { FinalInvoice } from '../invoices/invoice.js';
import { type DetailedLine, describeLine, linesOf } from '../invoices/invoice-postings.js';
import type { PayableInvoice, PayableLine, Payer } from './payment-provider.js';

/** A final invoice as it is handed over for collection, line by line: they sum to what is due. */
export function payableInvoiceOf(invoice: FinalInvoice, { purchaseOrder }: Contract): PayableInvoice {
  const { id, organizationId, currency, dueMinor, document, paymentDays, from, to } = invoice;
  const lines = linesOf(id, JSON.parse(document));
  return {
    id,
    organizationId,
    currency,
    dueMinor,
    taxMinor: lines.reduce((sum, { part, amountMinor }) => (part === 'tax' ? sum + amountMinor : sum), 0n),
    lines: lines.map((line) => payableLineOf(line, { from, to })),
    paymentDays,
    purchaseOrderNumber: purchaseOrder,
  };
}

/** By the name that the partner has in its contract; it finds its invoices in the portal and is written to by us. */
export function payerOf({ organization: { id: organizationId, name } }: Contract): Payer {
  return { organizationId, name, email: null };
}

function payableLineOf(line: DetailedLine, period: PayableLine['period']): PayableLine {
  return { id: line.id, description: describeLine(line), amountMinor: sideOf(line).addsMinor, period };
}
