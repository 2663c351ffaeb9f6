import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { daysAfter } from '../invoices/due-date.js';
import { dunningMail, overdueReason } from './dunning-mail.js';
import { DUNNING_STEPS, dunnedIfDueBy, SERVICE_STATES, standingOf, type UnpaidInvoice } from './schedule.js';

const DUE = new Date('2024-03-05T00:00:00.000Z');
const invoice = (number: number, dueAt = DUE): UnpaidInvoice => ({
  ...{ id: `inv_${number}`, number, dueAt },
  paymentDays: 30,
});
const stateAfter = (days: number) => standingOf([invoice(1)], daysAfter(DUE, days)).state;
const rank = (state: (typeof SERVICE_STATES)[number]) => SERVICE_STATES.indexOf(state);

describe('the schedule', () => {
  it.each([
    [0, 'current'],
    [2.9999, 'current'],
    [3, 'overdue'],
    [13.9999, 'overdue'],
    [14, 'warned'],
    [21, 'no_new_work'],
    [34.9999, 'no_new_work'],
    [35, 'inference_off'],
    [4_000, 'inference_off'],
  ])('%d days after the due date says %s', (days, state) => {
    expect(stateAfter(days)).toBe(state);
  });

  it('names what is overdue, longest first, and what comes', () => {
    const [older, newer, young] = [invoice(1), invoice(2, daysAfter(DUE, 10)), invoice(3, daysAfter(DUE, 20))];
    expect(standingOf([young, newer, older], daysAfter(DUE, 15))).toEqual({
      state: 'warned',
      stops: [],
      because: [older, newer],
      next: { state: 'no_new_work', at: daysAfter(DUE, 21) },
    });
    // The one that was due longest is paid: it goes by the next.
    expect(standingOf([young, newer], daysAfter(DUE, 15)).state).toBe('overdue');
    expect(standingOf([invoice(1)], DUE)).toMatchObject({ state: 'current', next: { state: 'overdue' } });
    expect(standingOf([], DUE)).toEqual({ state: 'current', stops: [], because: [], next: null });
  });

  it('finds by when an invoice is due whether it is in the schedule', () => {
    expect(dunnedIfDueBy(daysAfter(DUE, DUNNING_STEPS[0]!.afterDays))).toEqual(DUE);
  });

  const anInvoice = fc
    .record({ number: fc.integer({ min: 1, max: 99 }), days: fc.integer({ min: -60, max: 60 }) })
    .map(({ number, days }) => invoice(number, daysAfter(DUE, days)));

  it('goes forward with time, back with payments, and never stops less in a harder state', () => {
    fc.assert(
      fc.property(
        fc.array(anInvoice, { maxLength: 6 }),
        fc.nat(90),
        fc.nat(90),
        fc.nat(5),
        (unpaid, days, more, paid) => {
          const [now, later] = [daysAfter(DUE, days), daysAfter(DUE, days + more)];
          const standing = standingOf(unpaid, now);
          expect(rank(standingOf(unpaid, later).state)).toBeGreaterThanOrEqual(rank(standing.state));
          expect(rank(standingOf(unpaid.toSpliced(paid, 1), now).state)).toBeLessThanOrEqual(rank(standing.state));
          expect(standingOf(unpaid.toReversed(), now).state).toBe(standing.state);
          expect(standing.state === 'current').toBe(standing.because.length === 0);
          if (standing.next) expect(standingOf(unpaid, standing.next.at).state).toBe(standing.next.state);
        },
      ),
    );
    const stopped = DUNNING_STEPS.map(({ stops }) => stops.length);
    expect(stopped).toEqual(stopped.toSorted());
  });
});

describe('what people read', () => {
  it('says which invoices, what it means and what comes', () => {
    const { subject, text } = dunningMail(standingOf([invoice(7)], daysAfter(DUE, 22)));
    expect(subject).toBe('Overdue: new work is stopped, inference will be');
    expect(text).toBe(`Not paid yet:
- invoice 7, due on 2024-03-05

Fine-tunes, evaluations and new revisions are refused from now on. What runs goes on, and deployments answer.

If nothing is paid, inference is stopped as well on 2024-04-09.

Everything goes on again as soon as the payment arrives.
`);
    expect(dunningMail(standingOf([], DUE)).text).toBe('All services go on without restriction. Thank you.\n');
  });

  it('names at most five invoices in a refusal', () => {
    const standing = standingOf(
      [1, 2, 3, 4, 5, 6, 7].map((number) => invoice(number)),
      daysAfter(DUE, 40),
    );
    expect(overdueReason(standing)).toBe('invoices 1, 2, 3, 4, 5 and 2 more not paid, due since 2024-03-05');
  });
});
