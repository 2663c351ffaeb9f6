import fc from 'fast-check';
import { CURRENCIES, METERS, type Meter, newId } from '#libs/kernel';
import { METER_KINDS } from '../meters.js';
import type { LedgerTransaction, Posting, PostingKind } from '../posting.js';
import {
  accruePublisherShare,
  accrueUsage,
  applyPayment,
  type CreditedLine,
  creditNote,
  expirePrepaid,
  finalizeInvoice,
  type InvoiceLine,
  type InvoicePart,
  payPublisher,
  receivePayment,
  refund,
  reverse,
  sideOf,
  voidInvoice,
  writeOff,
} from './index.js';

type Told = readonly [part: InvoicePart, amountMinor: bigint, meter?: Meter | null];

/** Lines told shortly, with ids of their own. */
export function linesOf(told: readonly Told[]): InvoiceLine[] {
  return told.map(([part, amountMinor, meter = null], index) => {
    const line = { id: `line-${index}`, part, amountMinor };
    return (part === 'usage' || part === 'adjustment' ? { ...line, meter } : line) as InvoiceLine;
  });
}

/** As if it were on record. */
export function recordedOf(posting: Posting): LedgerTransaction {
  const own = { id: newId('txn'), organizationId: 'org_1', sequence: 1n, recordedAt: posting.effectiveAt };
  return { ...posting, ...own, reversedByTransactionId: null };
}

/** What the lines of an invoice come to, as its engine states it. */
export function statedOf(lines: readonly InvoiceLine[]): { dueMinor: bigint; carriedOutMinor: bigint } {
  const total = lines.reduce((sum, line) => sum + sideOf(line).addsMinor, 0n);
  return total < 0n ? { dueMinor: 0n, carriedOutMinor: total } : { dueMinor: total, carriedOutMinor: 0n };
}

const above = fc.bigInt({ min: 1n, max: 10n ** 15n });
const notBelow = fc.bigInt({ min: 0n, max: 10n ** 15n });
const any = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const ids = fc.uuid();
const texts = fc.constantFrom('asked for', 'an outage');
const currencies = fc.constantFrom(...CURRENCIES);
const meters = fc.constantFrom(...METERS);
const times = fc.date({ noInvalidDate: true, min: new Date('2020-01-01'), max: new Date('2040-01-01') });
const windows = fc.record({ id: ids, contractPeriod: ids, from: times, to: times });
const accrued = fc.record(
  Object.fromEntries(METER_KINDS.map((kind) => [kind, any])) as Record<(typeof METER_KINDS)[number], typeof any>,
  { requiredKeys: [] },
);

const parts = ['minimum', 'credit', 'purchase', 'drawdown', 'overage', 'true_up', 'tax'] as const;
const lines: fc.Arbitrary<InvoiceLine> = fc.oneof(
  fc.record({ id: ids, part: fc.constant('usage' as const), meter: meters, amountMinor: notBelow }),
  fc.record({ id: ids, part: fc.constant('adjustment' as const), meter: fc.option(meters), amountMinor: any }),
  fc.record({ id: ids, part: fc.constantFrom(...parts), amountMinor: notBelow }),
  fc.record({ id: ids, part: fc.constant('carried_in' as const), amountMinor: notBelow.map((amount) => -amount) }),
);
const credited = lines
  .filter(
    ({ part, amountMinor }) => amountMinor > 0n && !['adjustment', 'credit', 'drawdown', 'carried_in'].includes(part),
  )
  .map((line) => line as CreditedLine);

const invoices = fc
  .record({
    invoiceId: ids,
    currency: currencies,
    finalizedAt: times,
    lines: fc.array(lines, { maxLength: 30 }),
    accruedMinor: accrued,
  })
  .map((invoice) => finalizeInvoice({ ...invoice, ...statedOf(invoice.lines) }));

const ofInvoice = { invoiceId: ids, currency: currencies, openMinor: notBelow };
/** An amount, and what is left to take it from. */
const withinOpen = fc
  .tuple(above, notBelow)
  .map(([amountMinor, rest]) => ({ amountMinor, openMinor: amountMinor + rest }));

/** Of every kind, all that its rule can be given. */
export const postings: Record<PostingKind, fc.Arbitrary<Posting>> = {
  accrue_usage: fc
    .record({
      window: windows,
      currency: currencies,
      amounts: fc.array(fc.record({ kind: fc.constantFrom(...METER_KINDS), amountMinor: any })),
    })
    .map(accrueUsage),
  finalize_invoice: invoices,
  void_invoice: fc.tuple(invoices, times, texts).map(([posting, voidedAt, reason]) => {
    const openMinor = posting.entries.find(({ account }) => account === 'accounts_receivable')?.amountMinor ?? 0n;
    return voidInvoice({ invoiceId: 'inv_1', voidedAt, reason, finalization: recordedOf(posting), openMinor });
  }),
  receive_payment: fc
    .record({ ...ofInvoice, paymentId: ids, receivedAt: times, amountMinor: above })
    .map(receivePayment),
  apply_payment: fc
    .tuple(fc.record({ ...ofInvoice, applicationId: ids, appliedAt: times }), withinOpen)
    .map(([given, within]) => applyPayment({ ...given, ...within, unappliedMinor: within.openMinor })),
  refund: fc
    .record({
      refundId: ids,
      currency: currencies,
      refundedAt: times,
      amountMinor: above,
      unappliedMinor: notBelow,
      invoiceId: fc.option(ids),
      reason: texts,
    })
    .map(refund),
  credit_note: fc
    .record({ ...ofInvoice, creditNoteId: ids, issuedAt: times, lines: fc.array(credited), reason: texts })
    .map(creditNote),
  write_off: fc
    .tuple(fc.record({ ...ofInvoice, writeOffId: ids, writtenOffAt: times, reason: texts }), withinOpen)
    .map(([given, within]) => writeOff({ ...given, ...within })),
  expire_prepaid: fc
    .record({ commitmentId: ids, currency: currencies, expiredAt: times, forfeitedMinor: above })
    .map(expirePrepaid),
  accrue_publisher_share: fc
    .record({
      ...{ listingId: ids, invoiceId: ids, revision: fc.nat(), currency: currencies },
      ...{ from: times, to: times, accruedAt: times, shareMinor: above },
    })
    .map(accruePublisherShare),
  pay_publisher: fc
    .tuple(fc.record({ payoutId: ids, currency: currencies, paidAt: times }), withinOpen)
    .map(([given, { amountMinor, openMinor }]) => payPublisher({ ...given, amountMinor, payableMinor: openMinor })),
  reversal: fc
    .tuple(invoices, times, texts)
    .map(([posting, reversedAt, reason]) => reverse({ transaction: recordedOf(posting), reversedAt, reason })),
};
