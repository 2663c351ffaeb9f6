import { defineErrors } from '#libs/kernel';

export const LEDGER_ERRORS = defineErrors('ledger', {
  LEDGER_POSTED_OTHERWISE: {
    status: 409,
    message: (p: { sourceKey: string; transactionId: string }) =>
      `${p.sourceKey} is on record as ${p.transactionId} with other content: what is posted never changes. Reverse it and post anew under another key.`,
  },
  LEDGER_UNBALANCED: {
    status: 400,
    message: (p: { sourceKey: string; sumMinor: string; currency: string }) =>
      `The entries of ${p.sourceKey} sum to ${p.sumMinor} minor units of ${p.currency}: they must sum to zero, with one entry per account, none of them zero.`,
  },
  LEDGER_NOT_FOR_CALLERS: {
    status: 403,
    message: 'Only the system posts to the ledger, in the scope of the partner that it is about.',
  },
  LEDGER_OF_OTHER_ORGANIZATION: {
    status: 403,
    message: 'Only the lab may read the ledger of another organization: leave `organizationId` out.',
  },
  LEDGER_TRANSACTION_NOT_FOUND: {
    status: 404,
    message: (p: { transactionId: string }) => `No ledger transaction ${p.transactionId} of this organization.`,
  },
  LEDGER_REVERSED_ALREADY: {
    status: 409,
    message: (p: { transactionId: string; by: string }) =>
      `The ledger transaction ${p.transactionId} was reversed by ${p.by} already; it is reversed once.`,
  },
  LEDGER_REVERSAL_STANDS: {
    status: 409,
    message: (p: { transactionId: string }) =>
      `The ledger transaction ${p.transactionId} is itself a reversal, which is never reversed: post what it reversed anew, under another key.`,
  },
  LEDGER_AMOUNT_INVALID: {
    status: 400,
    message: (p: { what: string; amountMinor: string; rule: string }) =>
      `${p.what} of ${p.amountMinor} minor units can't be posted: it must be ${p.rule}.`,
  },
  LEDGER_EXCEEDS_OPEN: {
    status: 409,
    message: (p: { what: string; amountMinor: string; openMinor: string }) =>
      `${p.what} of ${p.amountMinor} minor units is more than the ${p.openMinor} that are left: read the balance again.`,
  },
  LEDGER_INVOICE_DOES_NOT_ADD_UP: {
    status: 400,
    message: (p: { invoiceId: string; figure: string; statedMinor: string; computedMinor: string }) =>
      `The lines of invoice ${p.invoiceId} come to a ${p.figure} of ${p.computedMinor} minor units, not ${p.statedMinor}.`,
  },
  LEDGER_INVOICE_TOUCHED: {
    status: 409,
    message: (p: { invoiceId: string }) =>
      `The invoice ${p.invoiceId} was paid, credited or written off in part, and can't be voided: issue a credit note for what is left.`,
  },
  LEDGER_RANGE_INVALID: {
    status: 400,
    message: 'Give a range of time that ends after it begins.',
  },
});
