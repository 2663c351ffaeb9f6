import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, sha256Hex } from '#libs/kernel';
import { commitment, event, type Fields, flat, grant, history, rule, tier, version } from './history.fixture.js';
import { invoicesOf, makeInvoices } from './invoices.js';
import { parseHistory } from './parse-history.js';
import { hashOf, type Result } from './result.js';
import { compareText } from './text-order.js';
import { firstReceipts, UsageAccumulator } from './usage-accumulator.js';

const START = Date.UTC(2026, 0, 1);
const DAY_MILLISECONDS = 86_400_000;
const day = (days: number) => new Date(START + days * DAY_MILLISECONDS).toISOString();
const PROJECTS = ['p1', 'p2', 'ｐ', '😀'];

const promised = commitment({ amountMinor: '900', overageBasisPoints: 12_500 });
const versions = [
  version(
    {},
    {
      prices: [
        rule({ price: { kind: 'volume', tiers: [tier('100', '20000000'), tier(null, '7000000', '30000000')] } }),
        rule({ id: 'r2', match: { projectId: 'p2' }, price: flat('10000000', '3') }),
      ],
      minimumMinor: '300',
      commitments: [promised],
      taxBasisPoints: 1_900,
    },
  ),
  version(
    { number: 2, effectiveFrom: day(40) },
    { discounts: [{ id: 'd', basisPoints: 333, meters: null }], commitments: [promised] },
  ),
];
const grants = fc
  .array(
    fc.record({
      amountMinor: fc.nat(500),
      recurrence: fc.constantFrom('once', 'monthly'),
      rolloverMinor: fc.nat(200),
      projectIds: fc.option(fc.subarray(PROJECTS, { minLength: 1 })),
    }),
    { maxLength: 4 },
  )
  .map((all) => all.map((fields, index) => grant(`g${index}`, '0', fields)));
const usage = fc.record({
  at: fc.integer({ min: -3, max: 100 }),
  delay: fc.nat(60),
  quantity: fc.integer({ min: 1, max: 150 }),
  projectId: fc.constantFrom(...PROJECTS),
  meter: fc.constantFrom('input_tokens', 'input_tokens', 'input_tokens', 'gpu_seconds'),
});
type Usage = typeof usage extends fc.Arbitrary<infer Of> ? Of : never;
const events = fc.array(usage, { maxLength: 40 }).map((all) => all.map(toEvent));

function toEvent({ at, delay, quantity, projectId, meter }: Usage, index: number): Fields {
  const fields = { id: `e${index}`, receivedAt: day(at + delay), projectId, meter };
  return event(day(at), String(quantity), fields);
}

const contract = { endsAt: day(90), periods: 6, versions };
const made = (fields: Fields): Result => makeInvoices(parseHistory(history({ ...contract, ...fields })));
const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n);

describe('invoices', () => {
  it('do not depend on the order of events, nor on how often one came', () => {
    const scenario = fc.tuple(events, grants).chain(([all, given]) => {
      const again = fc.subarray(all).map((some) => some.map((one) => ({ ...one, receivedAt: day(200) })));
      const shuffled = again.chain((more) =>
        fc.shuffledSubarray([...all, ...more], { minLength: all.length + more.length }),
      );
      return fc.record({ all: fc.constant(all), shuffled, given: fc.constant(given) });
    });
    fc.assert(
      fc.property(scenario, ({ all, shuffled, given }) => {
        const [left, right] = [made({ events: all, grants: given }), made({ events: shuffled, grants: given })];
        expect(JSON.stringify(right)).toBe(JSON.stringify(left));
        expect(right.invoices.map(hashOf)).toEqual(left.invoices.map(hashOf));
      }),
    );
  });

  it('split every line without rest', () => {
    fc.assert(
      fc.property(events, (all) => {
        for (const line of made({ events: all }).invoices.flatMap((invoice) => invoice.usage)) {
          expect(sum(line.shares.map(({ amountMinor }) => amountMinor))).toBe(BigInt(line.amountMinor));
          expect(sum(line.shares.map(({ quantity }) => quantity))).toBe(BigInt(line.quantity));
        }
      }),
    );
  });

  it('add up: charges, credits and commitments to net, subtotal, tax and what is due or carried', () => {
    fc.assert(
      fc.property(events, grants, (all, given) => {
        let carried = '0';
        for (const invoice of made({ events: all, grants: given }).invoices) {
          const charged = [
            invoice.minimumMinor,
            ...[...invoice.usage, ...invoice.adjustments].map((one) => one.amountMinor),
          ];
          expect(sum(charged) - sum(invoice.credits.map(({ paidMinor }) => paidMinor))).toBe(BigInt(invoice.netMinor));
          const parts = invoice.commitments.flatMap((one) => [one.purchaseMinor, one.overageMinor, one.trueUpMinor]);
          const drawn = sum(invoice.commitments.map(({ drawdownMinor }) => drawdownMinor));
          expect(invoice.carriedInMinor).toBe(carried);
          expect(sum([invoice.netMinor, carried, ...parts]) - drawn).toBe(BigInt(invoice.subtotalMinor));
          const settled = sum([invoice.dueMinor, invoice.carriedOutMinor]) - BigInt(invoice.taxMinor);
          expect(settled).toBe(BigInt(invoice.subtotalMinor));
          expect(invoice.dueMinor === '0' || invoice.carriedOutMinor === '0').toBe(true);
          expect(invoice.dueMinor.startsWith('-')).toBe(false);
          carried = invoice.carriedOutMinor;
        }
      }),
    );
  });

  it('charge in the end what a history costs that came in time', () => {
    fc.assert(
      fc.property(events, (all) => {
        const charges = (of: Fields[]) => {
          const { invoices } = made({ events: of, periods: 12 });
          return sum(
            invoices.flatMap(({ usage: lines, minimumMinor, adjustments }) => [
              minimumMinor,
              ...[...lines, ...adjustments].map(({ amountMinor }) => amountMinor),
            ]),
          );
        };
        expect(charges(all)).toBe(charges(all.map((one) => ({ ...one, receivedAt: one['at'] }))));
      }),
    );
  });

  it('never let a credit pay more than was given', () => {
    fc.assert(
      fc.property(events, grants, (all, given) => {
        const { invoices } = made({ events: all, grants: given });
        for (const { id, amountMinor, recurrence } of given) {
          const uses = invoices.flatMap(({ credits }) => credits.filter(({ grantId }) => grantId === id));
          const times = recurrence === 'once' ? 1n : BigInt(uses.length);
          const paid = sum(uses.map(({ paidMinor }) => paidMinor));
          expect(paid <= BigInt(amountMinor) * times).toBe(true);
          expect(uses.every(({ paidMinor, balanceMinor }) => !`${paidMinor}${balanceMinor}`.includes('-'))).toBe(true);
        }
      }),
    );
  });

  it('are what a preview of the same events was, taken at any moment', () => {
    fc.assert(
      fc.property(events, grants, fc.nat(40), (all, given, soFar) => {
        const read = parseHistory(history({ ...contract, events: all, grants: given }));
        const accumulator = new UsageAccumulator(read);
        for (const [index, one] of [...firstReceipts(read.events)].entries()) {
          if (index === soFar) {
            const preview = makeInvoices({ ...read, events: read.events.slice(0, index) });
            expect(invoicesOf(accumulator)).toEqual(preview);
          }
          accumulator.add(one);
        }
        expect(invoicesOf(accumulator)).toEqual(makeInvoices(read));
      }),
    );
  });

  it('do not change by what is received after their finalization', () => {
    fc.assert(
      fc.property(events, fc.nat(5), (all, last) => {
        const before = made({ events: all }).invoices.slice(0, last + 1);
        const finalizedAt = before.at(-1)!.finalizedAt;
        const known = all.filter(({ receivedAt }) => String(receivedAt) <= finalizedAt);
        expect(made({ events: known, periods: last + 1 }).invoices).toEqual(before);
      }),
    );
  });
});

describe('the hash of an invoice', () => {
  it('is that of its canonical JSON', () => {
    const [invoice] = made({}).invoices;
    expect(hashOf(invoice!)).toBe(sha256Hex(canonicalJson(invoice)));
    expect(hashOf({ ...invoice!, dueMinor: '1' })).not.toBe(hashOf(invoice!));
    // The strings of RFC 8785, 3.2.2: only what has to be is escaped, in lower case.
    const value = { string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/', literals: [null, true, false], number: 12 };
    const expected = '{"literals":[null,true,false],"number":12,"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}';
    expect(canonicalJson(value)).toBe(expected);
  });
});

describe('text order', () => {
  it('is that of code points', () => {
    const codePoints = (text: string) => [...text].map((character) => character.codePointAt(0)!);
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom('a', 'ｐ', '😀', '\uffff', '𐀀'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
    });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const [ours, theirs] = [codePoints(left), codePoints(right)];
        const position = ours.findIndex((point, index) => point !== theirs[index]);
        const expected = position < 0 ? ours.length - theirs.length : ours[position]! - (theirs[position] ?? -1);
        expect(Math.sign(compareText(left, right))).toBe(Math.sign(expected));
      }),
    );
  });
});
