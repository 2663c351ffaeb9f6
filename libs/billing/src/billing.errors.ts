import { defineErrors } from '#libs/kernel';

export const BILLING_ERRORS = defineErrors('billing', {
  CREDIT_GRANT_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No credit grant ${p.id}: list those of a contract with its query creditGrants.`,
  },
  CREDIT_GRANT_VOIDED: {
    status: 409,
    message: (p: { id: string }) => `The credit grant ${p.id} was voided already, which is done once.`,
  },
  CREDIT_GRANT_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `The credit can't be granted: ${p.problem}.`,
  },
  INVOICE_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No invoice ${p.id}: list those of your organization with the query invoices.`,
  },
  INVOICE_TOUCHED: {
    status: 409,
    message: (p: { id: string }) =>
      `The invoice ${p.id} was paid or credited in part and can't be voided: give up what is open with markInvoiceUncollectible.`,
  },
  INVOICE_CARRIES_BALANCE: {
    status: 409,
    message: (p: { id: string }) =>
      `The invoice ${p.id} carries a balance from or to another one, so it can't be voided without changing that one.`,
  },
  INVOICE_DRIFTED: {
    status: 500,
    message: (p: { id: string; period: number }) =>
      `The invoice ${p.id} of period ${p.period} does not come out of its history any more: nothing of this contract is invoiced before somebody found out why.`,
  },
  INVOICE_NOT_FINALIZED: {
    status: 409,
    message: (p: { id: string; state: string }) =>
      `The invoice ${p.id} is ${p.state}: only one that is final is paid or exported.`,
  },
  INVOICE_COLLECTED_ELSEWHERE: {
    status: 409,
    message: (p: { id: string }) =>
      `The payment provider collects the invoice ${p.id}: what pays it is entered there, from where it is booked by itself.`,
  },
  BANK_TRANSFER_DIFFERS: {
    status: 409,
    message: (p: { reference: string; invoiceId: string }) =>
      `A transfer ${p.reference} of another amount is on record for the invoice ${p.invoiceId}: look at its bankTransfers; two transfers have two references.`,
  },
  BANK_TRANSFER_EMPTY: {
    status: 400,
    message: () => 'A transfer brings money: `amountMinor` is above zero. One that bounced is a reversal.',
  },
  BANK_TRANSFER_IN_FUTURE: {
    status: 400,
    message: () => 'A transfer is entered once it has come: `receivedAt` lies in the future.',
  },
  APPLICATION_EMPTY: {
    status: 400,
    message: () => 'Applying pays something: `amountMinor` is above zero, or left out for as much as there is.',
  },
  APPLICATION_NOTHING_OPEN: {
    status: 409,
    message: (p: { id: string; state: string }) =>
      `Nothing is open on the invoice ${p.id}, which is ${p.state}: only one that is due is paid.`,
  },
  APPLICATION_NOTHING_UNAPPLIED: {
    status: 409,
    message: (p: { organizationId: string; currency: string }) =>
      `Nothing that ${p.organizationId} paid in ${p.currency} is left to apply: see unapplied_payments in its ledger, less what was asked for already.`,
  },
  APPLICATION_EXCEEDS: {
    status: 409,
    message: (p: { amountMinor: string; applicableMinor: string }) =>
      `${p.amountMinor} is more than ${p.applicableMinor} minor units, which is what is open on the invoice or left of what the partner paid: apply at most that.`,
  },
  PAYOUT_EMPTY: {
    status: 400,
    message: () => 'A payout brings money: `amountMinor` is above zero.',
  },
  PAYOUT_IN_FUTURE: {
    status: 400,
    message: () => 'A payout is entered once it was sent: `paidAt` lies in the future.',
  },
  PAYOUT_EXCEEDS: {
    status: 409,
    message: (p: { organizationId: string; currency: string; amountMinor: string; payableMinor: string }) =>
      `${p.amountMinor} is more than ${p.payableMinor} minor units of ${p.currency}, which is what is payable to ${p.organizationId}: see the query publisherBalances.`,
  },
  PAYOUT_DIFFERS: {
    status: 409,
    message: (p: { reference: string; organizationId: string }) =>
      `A payout ${p.reference} of another amount to ${p.organizationId} is on record: look at publisherPayouts; two payouts have two references.`,
  },
  INVOICE_NOT_CREDITABLE: {
    status: 409,
    message: (p: { id: string; state: string }) =>
      `The invoice ${p.id} is ${p.state}: only one that is due or paid takes a credit note.`,
  },
  INVOICE_LINE_NOT_FOUND: {
    status: 404,
    message: (p: { id: string; lineId: string }) =>
      `The invoice ${p.id} has no line ${p.lineId}: take the id from its field lines.`,
  },
  INVOICE_LINE_NOT_CREDITABLE: {
    status: 400,
    message: (p: { lineId: string; problem: string }) => `The line ${p.lineId} can't be taken back: ${p.problem}.`,
  },
  CREDIT_NOTE_EXCEEDS: {
    status: 409,
    message: (p: { what: string; amountMinor: string; leftMinor: string }) =>
      `${p.amountMinor} is more than ${p.leftMinor} minor units, which is what earlier credit notes leave of ${p.what}.`,
  },
  CREDIT_NOTE_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `The credit note can't be issued: ${p.problem}.`,
  },
  CREDIT_NOTE_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No credit note ${p.id}: list those of an invoice with the query creditNotes.`,
  },
  REFUND_TOO_EARLY: {
    status: 409,
    retryable: true,
    message: (p: { creditNoteId: string }) =>
      `What of the credit note ${p.creditNoteId} was paid before is not known yet: ask again once its \`postedAt\` is set, in a moment.`,
  },
  REFUND_EMPTY: {
    status: 400,
    message: () => 'A refund gives something back: `amountMinor` is above zero, or left out for all that is owed.',
  },
  REFUND_NOTHING_OWED: {
    status: 409,
    message: (p: { what: string }) =>
      `Nothing of ${p.what} is owed to the partner: it takes back what was not paid, or was refunded.`,
  },
  REFUND_EXCEEDS: {
    status: 409,
    message: (p: { amountMinor: string; leftMinor: string }) =>
      `${p.amountMinor} is more than ${p.leftMinor} minor units, which is what of it is still owed to the partner: refund at most that.`,
  },
  REFUND_PAST_PROVIDER: {
    status: 409,
    message: (p: { amountMinor: string; refundableMinor: string }) =>
      `Of ${p.amountMinor} minor units ${p.refundableMinor} can go back through the payment provider. The rest was paid past it, such as by bank transfer, or that payment went back already: refund at most ${p.refundableMinor} here, and transfer the rest from the lab's bank account; without a refund it stays owed.`,
  },
  DISPUTE_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No dispute ${p.id}: list those of an invoice with the query invoiceDisputes.`,
  },
  DISPUTE_CLOSED: {
    status: 409,
    message: (p: { id: string; state: string }) => `The dispute ${p.id} is ${p.state} already.`,
  },
  DISPUTE_OPEN: {
    status: 409,
    message: (p: { lineId: string }) =>
      `The line ${p.lineId} is disputed already: wait until the lab has credited or rejected that.`,
  },
  HISTORY_FILE_INVALID: {
    status: 400,
    message: (p: { line: number; problem: string }) =>
      `Line ${p.line} of the file is not as exportInvoice writes it: ${p.problem}. Fetch the file again.`,
  },
  EXPORT_RANGE_INVALID: {
    status: 400,
    message: (p: { days: number }) =>
      `Give a range of time that ends after it begins, of at most ${p.days} days: longer ones are several exports.`,
  },
  EXPORT_PARTNER_MISSING: {
    status: 400,
    message: 'Name the partner whose usage is exported: `organizationId`.',
  },
  EXPORT_PARTNER_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `No partner ${p.id}: leave \`organizationId\` out for your own organization.`,
  },
  EXPORTS_UNFINISHED: {
    status: 429,
    message: (p: { most: number }) =>
      `${p.most} exports of your organization are being made: ask again once one of them is ready.`,
  },
  PAYMENT_RECORDED_OTHERWISE: {
    status: 409,
    message: (p: { paymentKey: string }) =>
      `The payment ${p.paymentKey} is on record with another amount or of another invoice: give each payment a key of its own.`,
  },
  PAYMENT_NOT_FOUND: {
    status: 404,
    message: (p: { paymentKey: string }) => `No payment ${p.paymentKey} of this invoice is on record.`,
  },
});
