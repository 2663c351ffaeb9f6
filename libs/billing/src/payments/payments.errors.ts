import { defineErrors } from '#libs/kernel';

export const PAYMENT_ERRORS = defineErrors('billing', {
  PAYMENT_SIGNATURE_INVALID: {
    status: 400,
    message:
      'This is not signed by the payment provider: check that the signing secret is that of this endpoint, and that nothing on the way changes the body.',
  },
  PAYMENT_PROVIDER_ABSENT: {
    status: 503,
    retryable: true,
    message: 'No payment provider is configured here: set STRIPE_API_KEY and STRIPE_WEBHOOK_SECRET.',
  },
  PAYMENT_LINES_DIFFER: {
    status: 409,
    message: (p: { invoiceId: string; where: string; sumMinor: string; dueMinor: string }) =>
      `The lines of invoice ${p.invoiceId} sum to ${p.sumMinor} minor units ${p.where}, and ${p.dueMinor} are due: it is not issued. Compare its lines with those of the provider's draft.`,
  },
  PAYMENT_AMOUNT_NOT_COLLECTABLE: {
    status: 409,
    message: (p: { invoiceId: string; amountMinor: string; rule: string }) =>
      `The amount of ${p.amountMinor} minor units on invoice ${p.invoiceId} can't be collected through the payment provider: it must be ${p.rule}. Collect it by another way.`,
  },
  PAYMENT_TAXED_TWICE: {
    status: 409,
    message: (p: { invoiceId: string; taxMinor: string }) =>
      `Invoice ${p.invoiceId} has a tax of ${p.taxMinor} minor units, and the payment provider is set to add its own: turn one of them off.`,
  },
  PAYMENT_INVOICE_UNKNOWN: {
    status: 404,
    message: (p: { invoiceId: string }) => `Invoice ${p.invoiceId} was not handed to the payment provider.`,
  },
  PAYMENT_REFUND_REFUSED: {
    status: 409,
    message: (p: { refundId: string; reason: string }) =>
      `The payment provider does not make the refund ${p.refundId}: ${p.reason}`,
  },
  PAYMENT_LINE_UNKNOWN: {
    status: 404,
    message: (p: { lineId: string; providerInvoiceId: string }) =>
      `There is no line ${p.lineId} on ${p.providerInvoiceId}: credit a line that was issued.`,
  },
});
