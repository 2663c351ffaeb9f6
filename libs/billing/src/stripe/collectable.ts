import { MINOR_UNIT_DECIMALS } from '#libs/kernel';
import type { PayableInvoice, PayableLine } from '../payments/payment-provider.js';
import { PAYMENT_ERRORS } from '../payments/payments.errors.js';

/** Refuses what Stripe would collect in part, rounded or twice taxed. */
export function assertCollectable(invoice: PayableInvoice, { stripeTax }: { stripeTax: boolean }): void {
  const { id: invoiceId, currency, dueMinor, taxMinor, lines } = invoice;
  if (stripeTax && taxMinor !== 0n)
    throw PAYMENT_ERRORS.PAYMENT_TAXED_TWICE({ invoiceId, taxMinor: taxMinor.toString() });
  assertSum(
    invoice,
    'with us',
    lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
  );
  const refuse = (amountMinor: bigint, rule: string) =>
    PAYMENT_ERRORS.PAYMENT_AMOUNT_NOT_COLLECTABLE({ invoiceId, amountMinor: amountMinor.toString(), rule });
  if (dueMinor <= 0n) throw refuse(dueMinor, 'above zero');
  // Stripe takes three-decimal currencies in steps of ten.
  if (MINOR_UNIT_DECIMALS[currency] === 3 && dueMinor % 10n !== 0n)
    throw refuse(dueMinor, `a multiple of ten in ${currency}`);
  for (const amountMinor of [dueMinor, ...lines.map((line) => line.amountMinor)]) {
    if (stripeTax && amountMinor < 0n) throw refuse(amountMinor, 'zero or above where Stripe Tax is on');
    if (!Number.isSafeInteger(Number(amountMinor))) throw refuse(amountMinor, 'below 2^53');
  }
}

export function assertSum({ id: invoiceId, dueMinor }: PayableInvoice, where: string, sumMinor: bigint): void {
  if (sumMinor === dueMinor) return;
  const [sum, due] = [sumMinor.toString(), dueMinor.toString()];
  throw PAYMENT_ERRORS.PAYMENT_LINES_DIFFER({ invoiceId, where, sumMinor: sum, dueMinor: due });
}

/** What comes to nothing is on our invoice alone: there is nothing of it to collect. */
export function linesWithoutZeros({ lines }: PayableInvoice): PayableLine[] {
  return lines.filter(({ amountMinor }) => amountMinor !== 0n);
}
