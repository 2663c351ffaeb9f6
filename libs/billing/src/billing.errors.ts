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
      `The invoice ${p.id} was paid in part and can't be voided: give up what is open with markInvoiceUncollectible.`,
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
  HISTORY_FILE_INVALID: {
    status: 400,
    message: (p: { line: number; problem: string }) =>
      `Line ${p.line} of the file is not as exportInvoice writes it: ${p.problem}. Fetch the file again.`,
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
