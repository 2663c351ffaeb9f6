import { DAY_MILLISECONDS } from '#libs/kernel';

/** The clause that says until when an invoice is to be paid, as refusals name it. */
export function paymentClause(paymentDays: number): string {
  return paymentDays === 0 ? 'payment on receipt of the invoice' : `payment within ${paymentDays} days of the invoice`;
}

/** The last instant at which paying an invoice is in time. */
export function dueAtOf(finalizedAt: Date, paymentDays: number): Date {
  return daysAfter(finalizedAt, paymentDays);
}

/** The same of rows of `invoices i`: in days of 86,400 seconds, whatever the time zone of the session. */
export const DUE_AT = `(i.finalized_at + i.payment_days * interval '24 hours')`;

/** Days of 86,400 seconds. */
export function daysAfter(time: Date, days: number): Date {
  return new Date(time.getTime() + days * DAY_MILLISECONDS);
}
