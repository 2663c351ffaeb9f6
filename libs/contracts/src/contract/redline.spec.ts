import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '#libs/kernel';
import { redline } from './redline.js';
import { flatRule, termsJson } from './terms.fixture.js';

const documentWith = (terms: object = {}, frame: object = {}) =>
  canonicalJson({ contractId: 'ctr', number: 1, name: 'n', effectiveFrom: null, ...frame, terms: termsJson(terms) });
const tiered = (...ends: Array<string | null>) =>
  flatRule('r', '0', { price: { kind: 'volume', tiers: ends.map((upTo) => ({ upTo, priceNanos: '1' })) } });

describe('a redline', () => {
  it('is empty between equal documents, whatever their numbers and the order of their rules', () => {
    const rules = [flatRule('a', '1'), flatRule('b', '2')];
    const [one, other] = [documentWith({ prices: rules }), documentWith({ prices: rules.toReversed() }, { number: 2 })];
    expect(redline(one, other)).toEqual([]);
  });

  it('names a changed price by its rule, down to the number', () => {
    const changes = redline(
      documentWith({ prices: [flatRule('a', '1')] }),
      documentWith({ prices: [flatRule('a', '2')] }),
    );
    expect(changes).toEqual([
      { clause: 'prices', path: ['prices', 'a', 'price', 'priceNanos'], before: '"1"', after: '"2"' },
    ]);
  });

  it('shows what came and what went as a whole', () => {
    const changes = redline(
      documentWith({ prices: [flatRule('a', '1')] }),
      documentWith({ prices: [flatRule('b', '1')] }),
    );
    expect(changes).toEqual([
      { clause: 'prices', path: ['prices', 'a'], before: canonicalJson(flatRule('a', '1')), after: null },
      { clause: 'prices', path: ['prices', 'b'], before: null, after: canonicalJson(flatRule('b', '1')) },
    ]);
  });

  it('tells tiers by their position, and meters as one value', () => {
    const discount = (meters: string[] | null) => [{ id: 'd', basisPoints: 1, meters }];
    const changes = redline(
      documentWith({ prices: [tiered('5', null)], discounts: discount(null) }),
      documentWith({ prices: [tiered('6', null)], discounts: discount(['gpu_seconds']) }),
    );
    expect(changes).toEqual([
      { clause: 'prices', path: ['prices', 'r', 'price', 'tiers', '0', 'upTo'], before: '"5"', after: '"6"' },
      { clause: 'discounts', path: ['discounts', 'd', 'meters'], before: 'null', after: '["gpu_seconds"]' },
    ]);
  });

  it('is ordered by clause', () => {
    const after = documentWith({ taxBasisPoints: 5, minimumMinor: '1' }, { name: 'm', effectiveFrom: 't' });
    expect(redline(documentWith(), after).map(({ clause }) => clause)).toEqual([
      'general',
      'effective_date',
      'minimum',
      'tax',
    ]);
  });

  it('takes a document of before there was a clause by what it means', () => {
    const older = canonicalJson({ name: 'n', terms: { prices: [] } });
    const newer = (paymentDays: number) => canonicalJson({ name: 'n', terms: { prices: [], paymentDays } });
    expect(redline(older, newer(30))).toEqual([]);
    expect(redline(older, newer(45))).toEqual([
      { clause: 'payment', path: ['paymentDays'], before: '30', after: '45' },
    ]);
  });

  it('tells each number of days that data are kept', () => {
    const older = canonicalJson({ name: 'n', terms: { prices: [] } });
    const kept = (uploadDays: number | null, afterEndDays: number | null) =>
      documentWith({ retention: { uploadDays, afterEndDays } });
    expect(redline(kept(90, null), kept(30, 0))).toEqual([
      { clause: 'retention', path: ['retention', 'afterEndDays'], before: 'null', after: '0' },
      { clause: 'retention', path: ['retention', 'uploadDays'], before: '90', after: '30' },
    ]);
    expect(redline(older, kept(null, null)).filter(({ clause }) => clause === 'retention')).toEqual([]);
  });

  it('takes any word for an id', () => {
    const ids = ['constructor', '__proto__', 'toString'];
    const after = documentWith({ prices: ids.map((id) => flatRule(id, '1')) });
    expect(redline(documentWith(), after).map(({ path }) => path[1])).toEqual(ids);
  });

  it('against nothing shows all that is said', () => {
    const changes = redline(null, documentWith({ prices: [flatRule('a', '1')] }));
    expect(changes.every(({ before }) => before === null)).toBe(true);
    expect(changes.map(({ path }) => path.join('.'))).toEqual(
      expect.arrayContaining(['name', 'effectiveFrom', 'prices.a', 'minimumMinor', 'taxBasisPoints']),
    );
  });
});
