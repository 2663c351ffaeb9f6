import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hashApiKey, hintOf, isApiKey, newApiKey } from './api-key.format.js';

const ALPHABET = [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'];
const keys = fc.constant(null).map(newApiKey);
const positions = fc.integer({ min: 4, max: 41 });

describe('API keys', () => {
  test('have the documented shape and are recognized', () => {
    fc.assert(
      fc.property(keys, (key) => {
        expect(key).toMatch(/^fpk_[0-9A-Za-z]{38}$/);
        expect(isApiKey(key)).toBe(true);
      }),
    );
  });

  test('with any character mistyped are not', () => {
    fc.assert(
      fc.property(keys, positions, fc.constantFrom(...ALPHABET), (key, position, character) => {
        const mistyped = key.slice(0, position) + character + key.slice(position + 1);
        expect(isApiKey(mistyped)).toBe(mistyped === key);
      }),
    );
  });

  test('with neighbouring characters swapped are not', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 4, max: 34 }), (key, position) => {
        const swapped = key.slice(0, position) + key[position + 1] + key[position] + key.slice(position + 2);
        expect(isApiKey(swapped)).toBe(swapped === key);
      }),
    );
  });

  test('cut, lengthened or of another kind are not', () => {
    const key = newApiKey();
    for (const other of [key.slice(0, -1), `${key}0`, ` ${key}`, `sk-${key.slice(4)}`, '', key.toLowerCase()]) {
      expect(isApiKey(other)).toBe(false);
    }
  });

  test('are kept under a pepper, and shown by a hint that gives four characters away', () => {
    const key = newApiKey();
    expect(hashApiKey(key, 'one pepper')).toMatch(/^[0-9a-f]{64}$/);
    expect(hashApiKey(key, 'one pepper')).not.toBe(hashApiKey(key, 'another pepper'));
    expect(hintOf(key)).toBe(`${key.slice(0, 8)}…`);
  });
});
