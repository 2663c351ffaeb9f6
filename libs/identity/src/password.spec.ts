import { describe, expect, test } from '@jest/globals';
import { assertStrong, hashPassword, newInitialPassword, verifyPassword } from './password.js';

const refusalOf = (password: string) => {
  try {
    assertStrong(password, 'marie.curie@example.com');
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

describe('passwords', () => {
  test.each([
    ['short', 'fewer than 12 characters'],
    ['x'.repeat(129), 'more than 128 characters'],
    ['abababababababab', 'fewer than 5 different'],
    ['my-marie.curie-1!', 'contains your address'],
    ['Password1234567!', 'tried first'],
    ['qwertyadmin123!', 'tried first'],
  ])('refuses %s: it has %s', (password, reason) => {
    expect(refusalOf(password)).toContain(reason);
  });

  test.each(['correct horse battery', 'vier Zahlen und ein Löffel', newInitialPassword()])('takes %s', (password) => {
    expect(refusalOf(password)).toBeNull();
  });

  test('are kept as argon2id with a salt', async () => {
    const [one, other] = await Promise.all([
      hashPassword('correct horse battery'),
      hashPassword('correct horse battery'),
    ]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword('correct horse battery', one)).toBe(true);
    expect(await verifyPassword('correct horse batterz', one)).toBe(false);
  });

  test('do not depend on how a keyboard composes its letters', async () => {
    const stored = await hashPassword('cafe\u0301 au lait 2026');
    expect(await verifyPassword('café au lait 2026', stored)).toBe(true);
  });

  test('of nobody are worked on as long as those of somebody', async () => {
    const stored = await hashPassword('correct horse battery');
    const time = async (hash: string | null) => {
      const start = performance.now();
      await verifyPassword('wrong horse battery', hash);
      return performance.now() - start;
    };
    await time(null);
    const rounds = async (hash: string | null) => {
      const times: number[] = [];
      for (let round = 0; round < 7; round++) times.push(await time(hash));
      return Math.min(...times);
    };
    const [nobody, somebody] = [await rounds(null), await rounds(stored)];
    expect(await verifyPassword('anything', null)).toBe(false);
    expect(nobody / somebody).toBeGreaterThan(0.5);
    expect(nobody / somebody).toBeLessThan(2);
  });

  test('that are far too long cost no more', async () => {
    const stored = await hashPassword('');
    expect(await verifyPassword('x'.repeat(10_000), stored)).toBe(false);
  });
});
