import { type Currency, newId } from '#libs/kernel';
import type { PayableInvoice, PayableLine } from './payment-provider.js';

type Change = Partial<Omit<PayableInvoice, 'lines'>> & { amounts?: readonly bigint[] };

/** A finalized invoice of some lines, which sum to what is due. */
export function payable(
  organizationId: string,
  { amounts = [4_000n, -1_000n, 285n], ...change }: Change = {},
): PayableInvoice {
  // No id of its own kind is needed: what is handed over is named by whoever hands it over.
  const id = change.id ?? newId('req').replace('req_', 'inv_');
  const period = { from: new Date('2026-01-01T00:00:00.000Z'), to: new Date('2026-02-01T00:00:00.000Z') };
  const lines: PayableLine[] = amounts.map((amountMinor, index) => {
    return { id: `${id}-line-${index}`, description: `Line ${index}`, amountMinor, period };
  });
  return {
    id,
    organizationId,
    currency: 'USD' satisfies Currency,
    dueMinor: amounts.reduce((sum, amount) => sum + amount, 0n),
    taxMinor: 0n,
    paymentDays: 30,
    purchaseOrderNumber: null,
    ...change,
    lines,
  };
}
