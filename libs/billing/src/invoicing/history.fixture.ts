import { makeInvoices } from './invoices.js';
import { parseHistory } from './parse-history.js';
import type { Invoice, Result } from './result.js';

/** JSON of histories in small: what a test does not say is the plainest there is. */
export type Fields = Record<string, unknown>;

export const flat = (priceNanos: string, perUnits = '1') => ({ kind: 'flat', priceNanos, perUnits });
export const tier = (upTo: string | null, priceNanos: string, feeNanos = '0') => ({
  upTo,
  priceNanos,
  perUnits: '1',
  feeNanos,
});
/** A dollar a unit. */
export const DOLLAR = flat('1000000000');
/** A cent a unit: amounts in minor units are quantities. */
export const CENT = flat('10000000');

export const rule = (fields: Fields = {}) => ({ id: 'r1', meter: 'input_tokens', match: {}, price: CENT, ...fields });

export const terms = (fields: Fields = {}) => ({
  prices: [rule()],
  discounts: [],
  minimumMinor: '0',
  commitments: [],
  taxBasisPoints: 0,
  ...fields,
});

export const version = (fields: Fields = {}, ofTerms: Fields = {}) => ({
  number: 1,
  effectiveFrom: '2026-01-01T00:00:00.000Z',
  terms: terms(ofTerms),
  ...fields,
});

let events = 0;
/** Received at once, unless it says otherwise. */
export const event = (at: string, quantity: string, fields: Fields = {}) => {
  events += 1;
  const base = { projectId: 'p1', familyId: 'f1', checkpointId: 'c1', listingId: null, method: null };
  return { id: `e${events}`, at, receivedAt: at, meter: 'input_tokens', quantity, ...base, ...fields };
};

export const grant = (id: string, amountMinor: string, fields: Fields = {}) => ({
  id,
  amountMinor,
  effectiveAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  voidedAt: null,
  priority: 0,
  recurrence: 'once',
  rolloverMinor: '0',
  meters: null,
  projectIds: null,
  ...fields,
});

export const commitment = (fields: Fields = {}) => ({
  id: 'k1',
  kind: 'prepaid',
  amountMinor: '1000',
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-03-01T00:00:00.000Z',
  overageBasisPoints: 10_000,
  ...fields,
});

export const history = (fields: Fields = {}) => ({
  currency: 'USD',
  startsAt: '2026-01-01T00:00:00.000Z',
  endsAt: '2027-01-01T00:00:00.000Z',
  graceDays: 3,
  periods: 1,
  versions: [version()],
  events: [],
  grants: [],
  ...fields,
});

export function result(fields: Fields): Result {
  return makeInvoices(parseHistory(history(fields)));
}

export function invoices(fields: Fields): Invoice[] {
  return result(fields).invoices;
}

/** The amount of the only line that a quantity makes at a price. */
export function priceOf(price: Fields, quantity: string, fields: Fields = {}, ofTerms: Fields = {}): string {
  const versions = [version({}, { prices: [rule({ price })], ...ofTerms })];
  const [invoice] = invoices({ versions, events: [event('2026-01-10T00:00:00.000Z', quantity)], ...fields });
  return invoice!.usage[0]!.amountMinor;
}
