import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { amount, formatMinor, minorOf, nanosOf } from './amount.js';
import { ContractTerms, readDocument } from './contract-terms.js';

describe('terms in a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'forkpoint-terms-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const read = (text: string) => {
    const path = join(folder, 'terms.yaml');
    writeFileSync(path, text);
    return readDocument(path, ContractTerms);
  };

  test('are read exactly, beyond what a number of JSON holds', async () => {
    const text =
      'minimumMinor: 9007199254740993\nprices: [{id: a, meter: input-tokens, flat: {priceNanos: 1, perUnits: "7"}}]';
    expect(await read(text)).toEqual({
      minimumMinor: '9007199254740993',
      prices: [{ id: 'a', meter: 'INPUT_TOKENS', flat: { priceNanos: '1', perUnits: '7' } }],
    });
  });

  test('say for how long data are kept, none of it or either', async () => {
    const prices = 'prices: [{id: a, meter: m, flat: {priceNanos: 1, perUnits: 1}}]';
    expect((await read(`${prices}\nretention: {uploadDays: 90, afterEndDays: null}`)).retention).toEqual({
      ...{ uploadDays: 90, afterEndDays: null },
    });
    await expect(read(`${prices}\nretention: {days: 90}`)).rejects.toMatchObject({
      message: expect.stringContaining('at retention: Unrecognized key: "days"'),
    });
  });

  test.each([
    ['{"prices": []}', 'at prices: '],
    [
      'prices: [{id: a, meter: m, flat: {priceNanos: 1.5, perUnits: 1}}]',
      'at prices.0.flat.priceNanos: is a whole number',
    ],
    [
      'prices: [{id: a, meter: m, flat: {priceNanos: -1, perUnits: 1}}]',
      'at prices.0.flat.priceNanos: is a whole number',
    ],
    ['prices: [{id: a, meter: m, flt: {}}]', 'at prices.0: Unrecognized key: "flt"'],
    ['prices: [{id: a, meter: m, volume: {tiers: [{perUnits: 1}]}}]', 'at prices.0.volume.tiers.0.priceNanos: '],
    [
      'prices: [{id: a, meter: m}]\ncommitments: [{id: c, kind: prepaid, amountMinor: 1, from: soon, to: soon}]',
      'at commitments.0.from: is a time',
    ],
    ['prices: [', 'at line 1'],
    ['prices: [{id: a, meter: m}]\nprices: []', 'Map keys must be unique at line 2'],
  ])('%j is told with its place', async (text, message) => {
    await expect(read(text)).rejects.toMatchObject({ name: 'UsageError', message: expect.stringContaining(message) });
  });
});

describe('an amount', () => {
  test('is scaled to what is counted, and never rounded', () => {
    expect(nanosOf(amount('0.000000001 usd'))).toBe('1');
    expect([minorOf(amount('12.30 EUR')), minorOf(amount('12 JPY')), minorOf(amount('1.5KWD'))]).toEqual([
      '1230',
      '12',
      '1500',
    ]);
    expect(() => minorOf(amount('1.5 JPY'))).toThrow('JPY has 0 decimal places');
    expect(() => amount('5')).toThrow('its currency');
  });

  test('is shown with all its decimal places', () => {
    expect([formatMinor('5', 'EUR'), formatMinor('12', 'JPY'), formatMinor('1500', 'KWD')]).toEqual([
      '0.05 EUR',
      '12 JPY',
      '1.500 KWD',
    ]);
  });
});
