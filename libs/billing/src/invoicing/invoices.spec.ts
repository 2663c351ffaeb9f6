import { describe, expect, it } from '@jest/globals';
import {
  CENT,
  commitment,
  DOLLAR,
  event,
  type Fields,
  flat,
  grant,
  invoices,
  priceOf,
  result,
  rule,
  tier,
  version,
} from './history.fixture.js';

const day = (date: string) => `${date}T00:00:00.000Z`;
const amounts = (shares: readonly { projectId: string | null; amountMinor: string }[]) =>
  shares.map(({ projectId, amountMinor }) => [projectId, amountMinor]);

describe('units', () => {
  it('gives amounts in the minor unit of the currency', () => {
    const inCurrency = (currency: string) => priceOf(DOLLAR, '12', { currency });
    expect(['USD', 'EUR', 'GBP', 'JPY', 'KWD'].map(inCurrency)).toEqual(['1200', '1200', '1200', '12', '12000']);
  });

  it('rounds a line once, half away from zero', () => {
    // A third of a cent a unit, and half a cent.
    expect(['1', '2', '4', '5'].map((quantity) => priceOf(flat('10000000', '3'), quantity))).toEqual([
      '0',
      '1',
      '1',
      '2',
    ]);
    expect(['1', '2', '3'].map((quantity) => priceOf(flat('5000000'), quantity))).toEqual(['1', '1', '2']);
  });
});

describe('prices', () => {
  it('flat', () => expect(priceOf(flat('2500000000', '1000'), '4000')).toBe('1000'));

  it('graduated: each tier prices the units in it, and adds its fee where there is one', () => {
    const price = {
      kind: 'graduated',
      tiers: [tier('10', '30000000', '1000000000'), tier(null, '20000000', '500000000')],
    };
    // 10 × 3 + 100, then one unit × 2 + 50 more.
    expect(['10', '11', '20'].map((quantity) => priceOf(price, quantity))).toEqual(['130', '182', '200']);
  });

  it('volume: the tier that a quantity ends in prices all of it', () => {
    const price = {
      kind: 'volume',
      tiers: [tier('10', '30000000', '1000000000'), tier(null, '20000000', '500000000')],
    };
    expect(['10', '11'].map((quantity) => priceOf(price, quantity))).toEqual(['130', '72']);
  });

  it('package: every package begun', () => {
    const price = { kind: 'package', priceNanos: '70000000', packageUnits: '10' };
    expect(['1', '10', '11'].map((quantity) => priceOf(price, quantity))).toEqual(['7', '7', '14']);
  });

  it('less discounts that name the meter or all, together at most everything', () => {
    const discount = (id: string, basisPoints: number, meters: string[] | null) => ({ id, basisPoints, meters });
    const discounts = [
      discount('a', 1_000, null),
      discount('b', 500, ['input_tokens']),
      discount('c', 9_000, ['gpu_seconds']),
    ];
    expect(priceOf(CENT, '1000', {}, { discounts })).toBe('850');
    expect(priceOf(CENT, '1000', {}, { discounts: [discount('a', 9_000, null), discount('b', 9_000, null)] })).toBe(
      '0',
    );
  });
});

describe('periods', () => {
  it('are calendar months cut to the term, and go on after it', () => {
    const made = invoices({
      startsAt: '2026-01-30T06:00:00.000Z',
      endsAt: '2026-03-10T00:00:00.000Z',
      versions: [version({ effectiveFrom: '2026-01-30T06:00:00.000Z' })],
      periods: 5,
    });
    expect(made.map(({ from }) => from)).toEqual([
      '2026-01-30T06:00:00.000Z',
      day('2026-02-01'),
      day('2026-03-01'),
      day('2026-03-10'),
      day('2026-04-01'),
    ]);
    expect(made[3]).toMatchObject({ number: 4, to: day('2026-04-01'), finalizedAt: day('2026-04-04') });
    expect(made[4]!.to).toBe(day('2026-05-01'));
  });

  it('have the version that is in force at their last millisecond', () => {
    const second = (effectiveFrom: string) =>
      version({ number: 2, effectiveFrom }, { minimumMinor: '500', prices: [rule({ price: DOLLAR })] });
    const minimumWith = (effectiveFrom: string) =>
      invoices({ versions: [version(), second(effectiveFrom)] })[0]!.minimumMinor;
    expect(minimumWith('2026-01-31T23:59:59.999Z')).toBe('500');
    expect(minimumWith(day('2026-02-01'))).toBe('0');
  });
});

describe('events', () => {
  it('with the same id are one, received when it was first received', () => {
    const late = { ...event(day('2026-01-10'), '5'), receivedAt: day('2026-02-20') };
    const [first, second] = invoices({ periods: 2, events: [late, { ...late, receivedAt: day('2026-01-11') }, late] });
    expect([first!.netMinor, second!.netMinor]).toEqual(['5', '0']);
  });

  it('are known until the finalization, inclusive', () => {
    const received = (receivedAt: string) => {
      const made = invoices({ periods: 2, events: [event(day('2026-01-10'), '5', { receivedAt })] });
      return made.map(({ netMinor }) => netMinor);
    };
    expect(received(day('2026-02-04'))).toEqual(['5', '0']);
    expect(received('2026-02-04T00:00:00.001Z')).toEqual(['0', '5']);
  });

  it('outside the term, and those that nothing prices, are listed in text order as far as they are known', () => {
    const late = { receivedAt: day('2027-06-01') };
    const made = result({
      events: [
        event('2025-12-31T23:59:59.999Z', '1', { id: 'ｆ', receivedAt: day('2026-01-01') }),
        event(day('2025-01-01'), '1', { id: '😀' }),
        event(day('2025-01-01'), '1', { id: 'f', meter: 'gpu_seconds' }),
        event(day('2025-01-01'), '1', late),
        event(day('2026-01-01'), '1', { id: 'u', meter: 'gpu_seconds' }),
        event(day('2026-01-01'), '1', { id: 'v', meter: 'gpu_seconds', ...late }),
      ],
    });
    expect(made.outsideTerm).toEqual(['f', 'ｆ', '😀']);
    expect(made.unpriced).toEqual(['u']);
  });

  it('are priced by the rule that names the first thing that another does not', () => {
    const named = { projectId: 'p1', listingId: 'l1', checkpointId: 'c1', familyId: 'f1', method: 'lora' };
    const { projectId, listingId, checkpointId, familyId, method } = named;
    const matches = [
      { projectId },
      { listingId, checkpointId, familyId, method },
      { checkpointId },
      { familyId, method },
      {},
    ];
    const prices = matches.map((match, index) => rule({ id: `r${index}`, match }));
    const ruleOf = (fields: object) => {
      const events = [event(day('2026-01-10'), '1', { ...named, ...fields })];
      return invoices({ versions: [version({}, { prices })], events })[0]!.usage[0]!.ruleId;
    };
    expect(ruleOf({})).toBe('r0');
    expect(ruleOf({ projectId: 'p2' })).toBe('r1');
    expect(ruleOf({ projectId: 'p2', listingId: null })).toBe('r2');
    expect(ruleOf({ projectId: 'p2', listingId: null, checkpointId: 'c2' })).toBe('r3');
    expect(ruleOf({ projectId: 'p2', listingId: null, checkpointId: 'c2', method: null })).toBe('r4');
  });

  it('are priced by the version in force when they happened', () => {
    const second = version({ number: 2, effectiveFrom: day('2026-01-15') }, { prices: [rule({ price: DOLLAR })] });
    const events = [event('2026-01-14T23:59:59.999Z', '1'), event(day('2026-01-15'), '1')];
    const [invoice] = invoices({ versions: [version(), second], events });
    expect(invoice!.usage).toMatchObject([
      { version: 1, amountMinor: '1' },
      { version: 2, amountMinor: '100' },
    ]);
  });
});

describe('usage lines', () => {
  it('are split in proportion; units left go to the largest fractional parts, of equal ones to the first project', () => {
    const quantities = { 'p-3': '1', 'p-1': '1', 'p-2': '1' };
    const events = Object.entries(quantities).map(([projectId, of]) => event(day('2026-01-10'), of, { projectId }));
    const price = { kind: 'package', priceNanos: '50000000', packageUnits: '100' };
    const [invoice] = invoices({ versions: [version({}, { prices: [rule({ price })] })], events });
    // 5 cents for three equal parts of 1 2/3.
    expect(amounts(invoice!.usage[0]!.shares)).toEqual([
      ['p-1', '2'],
      ['p-2', '2'],
      ['p-3', '1'],
    ]);
  });

  it('are ordered by version, meter, rule', () => {
    const prices = ['stored_byte_hours', 'training_tokens'].flatMap((meter) => [
      rule({ id: `${meter}-b`, meter }),
      rule({ id: `${meter}-a`, meter, match: { projectId: 'p2' } }),
    ]);
    const events = ['p1', 'p2'].flatMap((projectId) => [
      event(day('2026-01-10'), '1', { projectId, meter: 'stored_byte_hours' }),
      event(day('2026-01-10'), '1', { projectId, meter: 'training_tokens' }),
    ]);
    const [invoice] = invoices({ versions: [version({}, { prices })], events });
    const order = ['training_tokens-a', 'training_tokens-b', 'stored_byte_hours-a', 'stored_byte_hours-b'];
    expect(invoice!.usage.map(({ ruleId }) => ruleId)).toEqual(order);
  });
});

describe('the minimum', () => {
  const versions = [version({ effectiveFrom: day('2026-01-16') }, { minimumMinor: '3100' })];
  const term = { startsAt: day('2026-01-16'), endsAt: day('2026-02-15'), versions };

  it('makes up the difference, in proportion to the part of the month, and not after the term', () => {
    const made = invoices({ ...term, periods: 3, events: [event(day('2026-01-20'), '100')] });
    // 16 of 31 days of 3,100 are 1,600; 14 of 28 are 1,550.
    expect(made.map(({ minimumMinor }) => minimumMinor)).toEqual(['1500', '1550', '0']);
  });

  it('is adjusted by what comes late', () => {
    const late = event(day('2026-01-20'), '100', { receivedAt: day('2026-02-10') });
    const [, second] = invoices({ ...term, periods: 2, events: [late] });
    const minimum = { version: null, meter: null, ruleId: null, projectId: null };
    expect(second!.adjustments).toEqual([
      { period: 1, version: 1, meter: 'input_tokens', ruleId: 'r1', projectId: 'p1', amountMinor: '100' },
      { period: 1, ...minimum, amountMinor: '-100' },
    ]);
  });
});

describe('adjustments', () => {
  it('give back when a quantity reaches a cheaper tier, and what is negative is carried', () => {
    const price = { kind: 'volume', tiers: [tier('10', '20000000'), tier(null, '10000000')] };
    const events = [
      event(day('2026-01-10'), '10'),
      event(day('2026-01-10'), '1', { projectId: 'p2', receivedAt: day('2026-02-10') }),
    ];
    const versions = [version({}, { prices: [rule({ price })], taxBasisPoints: 1_000 })];
    const [first, second, third] = invoices({ periods: 3, versions, events });
    expect([first!.taxMinor, first!.dueMinor]).toEqual(['2', '22']);
    // 11 units at 1 instead of 10 at 2: of 11, 10 are the first project's, which was charged 20.
    expect(amounts(second!.adjustments)).toEqual([
      ['p1', '-10'],
      ['p2', '1'],
    ]);
    expect(second).toMatchObject({ netMinor: '-9', dueMinor: '0', taxMinor: '0', carriedOutMinor: '-9' });
    expect(third).toMatchObject({ carriedInMinor: '-9', subtotalMinor: '-9', carriedOutMinor: '-9' });
  });
});

describe('credits', () => {
  const used = [event(day('2026-01-10'), '100'), event(day('2026-02-10'), '100'), event(day('2026-03-10'), '100')];
  const uses = (fields: Fields) => {
    const made = invoices({ periods: 3, events: used, ...fields });
    return made.map(({ credits }) =>
      credits.map(({ grantId, paidMinor, balanceMinor }) => `${grantId} ${paidMinor} ${balanceMinor}`),
    );
  };

  it('are used by priority, then expiry, then id', () => {
    const grants = [
      grant('last', '5', { priority: 1 }),
      grant('b', '10'),
      grant('a', '10'),
      grant('soon', '90', { expiresAt: day('2026-01-02') }),
    ];
    expect(uses({ grants })).toEqual([
      ['soon 90 0', 'a 10 0', 'b 0 10', 'last 0 5'],
      ['a 0 0', 'b 10 0', 'last 5 0'],
      ['a 0 0', 'b 0 0', 'last 0 0'],
    ]);
  });

  it('given monthly are given anew, with what may roll over, and not after the term', () => {
    const grants = [grant('g', '130', { recurrence: 'monthly', rolloverMinor: '20' })];
    expect(uses({ grants, endsAt: day('2026-03-01') })).toEqual([['g 100 30'], ['g 100 50'], []]);
  });

  it('pay while they are in force: from before the end of a period, after its begin, not voided in it', () => {
    const paying = (fields: Fields) => uses({ grants: [grant('g', '1', fields)] }).map(({ length }) => length);
    expect(paying({ effectiveAt: day('2026-02-01') })).toEqual([0, 1, 1]);
    expect(paying({ effectiveAt: '2026-01-31T23:59:59.999Z' })).toEqual([1, 1, 1]);
    expect(paying({ expiresAt: day('2026-02-01') })).toEqual([1, 0, 0]);
    expect(paying({ expiresAt: '2026-02-01T00:00:00.001Z' })).toEqual([1, 1, 0]);
    expect(paying({ voidedAt: day('2026-02-01') })).toEqual([1, 0, 0]);
    expect(paying({ voidedAt: '2026-01-31T23:59:59.999Z' })).toEqual([0, 0, 0]);
  });

  it('pay what they are for; the minimum only those that are for everything', () => {
    const versions = [version({}, { minimumMinor: '150' })];
    const narrow = { projectIds: ['p1'] };
    const grants = [grant('a', '500', narrow), grant('b', '500', { meters: ['gpu_seconds'] }), grant('c', '500')];
    expect(uses({ versions, grants, periods: 1 })).toEqual([['a 100 400', 'b 0 500', 'c 50 450']]);
  });

  it('pay positive adjustments, and leave negative ones in net', () => {
    const late = event(day('2026-01-10'), '7', { receivedAt: day('2026-02-10') });
    const grants = [grant('g', '10', { effectiveAt: day('2026-02-01'), meters: ['input_tokens'] })];
    const [, second] = invoices({ periods: 2, events: [late], grants });
    expect(second).toMatchObject({ netMinor: '0', credits: [{ paidMinor: '7', balanceMinor: '3' }] });
  });
});

describe('commitments', () => {
  const months = (quantities: string[]) =>
    quantities.map((quantity, month) => event(day(`2026-0${month + 1}-10`), quantity));
  const uses = (commitments: object[], quantities: string[], later: object[] = []) => {
    const versions = [version({}, { commitments }), ...later];
    return invoices({ periods: quantities.length, versions, events: months(quantities) });
  };

  it('prepaid: bought at once, drawn down, with a surcharge on what is beyond; then forfeited', () => {
    const made = uses([commitment({ overageBasisPoints: 15_000 })], ['700', '600', '50']);
    const use = (purchaseMinor: string, consumedMinor: string, drawdownMinor: string, overageMinor: string) => [
      { id: 'k1', purchaseMinor, consumedMinor, drawdownMinor, overageMinor, trueUpMinor: '0' },
    ];
    expect(made[0]).toMatchObject({ commitments: use('1000', '700', '700', '0'), dueMinor: '1000' });
    // 300 are paid from it; of the 300 beyond, half is the surcharge.
    expect(made[1]).toMatchObject({ commitments: use('0', '1300', '300', '150'), dueMinor: '450' });
    expect(made[2]).toMatchObject({ commitments: [], dueMinor: '50' });
  });

  it('raised by a later version: only the difference is bought', () => {
    const raised = version(
      { number: 2, effectiveFrom: day('2026-02-01') },
      { commitments: [commitment({ amountMinor: '1500' })] },
    );
    const made = uses([commitment()], ['700', '600'], [raised]);
    expect(made[1]!.commitments).toMatchObject([{ purchaseMinor: '500', drawdownMinor: '600', overageMinor: '0' }]);
  });

  it('postpaid: nothing is bought; at its end what is missing is charged', () => {
    const made = uses([commitment({ kind: 'postpaid' })], ['300', '200', '50']);
    expect(made.map(({ dueMinor }) => dueMinor)).toEqual(['300', '700', '50']);
    expect(made[1]!.commitments).toMatchObject([{ trueUpMinor: '500', consumedMinor: '500', drawdownMinor: '0' }]);
  });
});

describe('what is due', () => {
  it('is the subtotal and tax of it, rounded', () => {
    const versions = [version({}, { taxBasisPoints: 1_950 })];
    const [invoice] = invoices({ versions, events: [event(day('2026-01-10'), '10')] });
    expect(invoice).toMatchObject({ subtotalMinor: '10', taxMinor: '2', dueMinor: '12', carriedOutMinor: '0' });
  });
});
