import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ACCOUNT_NAMES } from '../chart.js';
import { amountOn, contentHash, POSTING_KINDS, type Posting, sumOf } from '../posting.js';
import {
  accruePublisherShare,
  accrueUsage,
  creditNote,
  expirePrepaid,
  finalizeInvoice,
  receivePayment,
  refund,
  reverse,
  voidInvoice,
  writeOff,
} from './index.js';
import { linesOf, postings, recordedOf } from './postings.fixture.js';

const AT = new Date('2026-02-03T00:00:00.000Z');
const WINDOW = {
  ...{ id: 'hour-1', contractPeriod: 'ctr_1/1' },
  ...{ from: new Date('2026-01-31T23:00:00Z'), to: new Date('2026-02-01T00:00:00Z') },
};
const USD = { currency: 'USD' } as const;

/** Debits above zero, credits below, by account. */
const moved = ({ entries }: Posting) =>
  Object.fromEntries(entries.map(({ account, amountMinor }) => [account, Number(amountMinor)]));

describe('every posting', () => {
  test.each(Object.entries(postings))(
    'of %s sums to zero, with one entry per account, none of them zero',
    (kind, arbitrary) => {
      fc.assert(
        fc.property(arbitrary, (posting) => {
          expect(posting.kind).toBe(kind);
          expect(sumOf(posting.entries)).toBe(0n);
          const accounts = posting.entries.map(({ account }) => account);
          expect(accounts).toEqual(ACCOUNT_NAMES.filter((account) => accounts.includes(account)));
          expect(posting.entries.filter(({ amountMinor }) => amountMinor === 0n)).toEqual([]);
          expect(posting.links.length).toBeGreaterThan(0);
          expect(posting.sourceKey).toMatch(/^[a-z_]+:\S+$/);
        }),
      );
    },
  );

  test('that there is has its property', () => {
    expect(Object.keys(postings).sort()).toEqual([...POSTING_KINDS].sort());
  });

  test('is negated by its reversal', () => {
    fc.assert(
      fc.property(fc.oneof(...Object.values(postings)), (posting) => {
        const reversal = reverse({ transaction: recordedOf(posting), reversedAt: AT, reason: 'r' });
        for (const account of ACCOUNT_NAMES) {
          expect(amountOn(reversal.entries, account)).toBe(-amountOn(posting.entries, account));
        }
      }),
    );
  });

  test('has one hash for what it says, whatever the order of its links', () => {
    fc.assert(
      fc.property(fc.oneof(...Object.values(postings)), (posting) => {
        const same = { ...posting, links: [...posting.links].reverse() };
        expect(contentHash(same)).toBe(contentHash(posting));
        expect(contentHash({ ...posting, description: `${posting.description}.` })).not.toBe(contentHash(posting));
      }),
    );
  });
});

describe('usage', () => {
  test('is earned when it happens, in the last instant of its window at the latest', () => {
    const amounts = [
      { kind: 'inference', amountMinor: 30n },
      { kind: 'inference', amountMinor: 70n },
      { kind: 'replicas', amountMinor: -5n },
    ] as const;
    const posting = accrueUsage({ window: WINDOW, ...USD, amounts });
    expect(moved(posting)).toEqual({
      unbilled_inference: 100,
      inference_revenue: -100,
      unbilled_replicas: -5,
      replicas_revenue: 5,
    });
    expect(posting.effectiveAt).toEqual(new Date('2026-01-31T23:59:59.999Z'));
  });

  test('of a listing earns its publisher a share', () => {
    const share = accruePublisherShare({
      ...{ listingId: 'lst_1', invoiceId: 'inv_1', revision: 1, ...USD },
      ...{ from: WINDOW.from, to: WINDOW.to, accruedAt: AT, shareMinor: 20n },
    });
    expect(moved(share)).toEqual({ publisher_payable: -20, publisher_share_expense: 20 });
  });
});

describe('an invoice', () => {
  const invoice = {
    invoiceId: 'inv_1',
    ...USD,
    finalizedAt: AT,
    accruedMinor: {},
    carriedOutMinor: 0n,
  };

  test('posts each of its parts where it belongs', () => {
    const lines = linesOf([
      ['usage', 1_000n, 'output_tokens'],
      ['usage', 400n, 'training_tokens'],
      ['minimum', 100n],
      ['adjustment', -50n, 'output_tokens'],
      ['adjustment', -10n, null],
      ['credit', 40n],
      ['drawdown', 600n],
      ['purchase', 5_000n],
      ['overage', 30n],
      ['true_up', 7n],
      ['carried_in', -37n],
      ['tax', 1_160n],
    ]);
    const accruedMinor = { inference: 900n, training: 450n };
    const posting = finalizeInvoice({ ...invoice, lines, accruedMinor, dueMinor: 6_960n });
    expect(moved(posting)).toEqual({
      accounts_receivable: 6_960,
      unbilled_inference: -900,
      unbilled_training: -450,
      inference_revenue: -1_000 + 50 + 900,
      training_revenue: -400 + 450,
      shortfall_revenue: -100 + 10 - 7,
      promotional_credits: 40,
      deferred_revenue: 600 - 5_000,
      overage_revenue: -30,
      customer_credit_balance: 37,
      tax_payable: -1_160,
    });
    expect(posting.links).toHaveLength(13);
  });

  test('with a total below zero is owed until the next one', () => {
    const lines = linesOf([
      ['usage', 100n, 'input_tokens'],
      ['adjustment', -300n, 'input_tokens'],
    ]);
    const posting = finalizeInvoice({ ...invoice, lines, dueMinor: 0n, carriedOutMinor: -200n });
    expect(moved(posting)).toEqual({ inference_revenue: 200, customer_credit_balance: -200 });
  });

  test('of nothing moves nothing', () => {
    expect(finalizeInvoice({ ...invoice, lines: [], dueMinor: 0n }).entries).toEqual([]);
  });

  test.each([
    ['another sum due', { dueMinor: 101n }, 'LEDGER_INVOICE_DOES_NOT_ADD_UP'],
    ['another sum carried out', { carriedOutMinor: -1n }, 'LEDGER_INVOICE_DOES_NOT_ADD_UP'],
    ['a credit below zero', { lines: linesOf([['credit', -1n]]) }, 'LEDGER_AMOUNT_INVALID'],
    ['a carry above zero', { lines: linesOf([['carried_in', 1n]]) }, 'LEDGER_AMOUNT_INVALID'],
  ])('with %s than its lines can come to is refused', (_, change, code) => {
    const lines = linesOf([['usage', 100n, 'input_tokens']]);
    const given = { ...invoice, lines, dueMinor: 100n, ...change };
    expect(() => finalizeInvoice(given)).toThrow(expect.objectContaining({ code }));
  });

  test('is voided as a whole, and only while nothing was paid of it', () => {
    const lines = linesOf([['usage', 100n, 'input_tokens']]);
    const finalization = recordedOf(
      finalizeInvoice({ ...invoice, lines, dueMinor: 100n, accruedMinor: { inference: 99n } }),
    );
    const voided = { invoiceId: 'inv_1', voidedAt: AT, reason: 'wrong', finalization };
    expect(moved(voidInvoice({ ...voided, openMinor: 100n }))).toEqual({
      accounts_receivable: -100,
      unbilled_inference: 99,
      inference_revenue: 1,
    });
    expect(() => voidInvoice({ ...voided, openMinor: 99n })).toThrow(
      expect.objectContaining({ code: 'LEDGER_INVOICE_TOUCHED' }),
    );
  });
});

describe('what is due', () => {
  const of = { invoiceId: 'inv_1', ...USD, openMinor: 100n };

  test.each([
    [60n, { cash_clearing: 60, accounts_receivable: -60 }],
    [100n, { cash_clearing: 100, accounts_receivable: -100 }],
    [130n, { cash_clearing: 130, accounts_receivable: -100, unapplied_payments: -30 }],
  ])('of 100 is paid by %s', (amountMinor, expected) => {
    expect(moved(receivePayment({ ...of, paymentId: 'p', receivedAt: AT, amountMinor }))).toEqual(expected);
  });

  test('is lessened by a credit note; what was paid already is owed', () => {
    const lines = linesOf([
      ['usage', 100n, 'gpu_seconds'],
      ['tax', 20n],
    ]);
    const note = creditNote({ ...of, creditNoteId: 'n', issuedAt: AT, lines: lines as never, reason: 'outage' });
    expect(moved(note)).toEqual({
      replicas_revenue: 100,
      tax_payable: 20,
      accounts_receivable: -100,
      unapplied_payments: -20,
    });
  });

  test('is written off up to what is open', () => {
    const given = { ...of, writeOffId: 'w', writtenOffAt: AT, reason: 'insolvent' };
    expect(moved(writeOff({ ...given, amountMinor: 100n }))).toEqual({
      bad_debt_expense: 100,
      accounts_receivable: -100,
    });
    expect(() => writeOff({ ...given, amountMinor: 101n })).toThrow(
      expect.objectContaining({ code: 'LEDGER_EXCEEDS_OPEN' }),
    );
  });

  test('or was, is refunded from what we hold, then as a concession', () => {
    const given = { refundId: 'r', ...USD, refundedAt: AT, unappliedMinor: 30n, invoiceId: null, reason: 'asked for' };
    expect(moved(refund({ ...given, amountMinor: 50n }))).toEqual({
      cash_clearing: -50,
      unapplied_payments: 30,
      refunds: 20,
    });
  });

  test('prepaid and not used is forfeited', () => {
    const posting = expirePrepaid({ commitmentId: 'c', ...USD, expiredAt: AT, forfeitedMinor: 9n });
    expect(moved(posting)).toEqual({ deferred_revenue: 9, breakage_revenue: -9 });
  });
});
