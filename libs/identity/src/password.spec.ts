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
    // Processor time, and turn by turn: what else runs on the machine slows the clock, and not both alike.
    const work = async (hash: string | null) => {
      const before = process.cpuUsage();
      await verifyPassword('wrong horse battery', hash);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await work(null);
    let [nobody, somebody] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < 15; round++) {
      nobody = Math.min(nobody, await work(null));
      somebody = Math.min(somebody, await work(stored));
    }
    expect(await verifyPassword('anything', null)).toBe(false);
    expect(nobody / somebody).toBeGreaterThan(0.5);
    expect(nobody / somebody).toBeLessThan(2);
  });

  test('that are far too long cost no more', async () => {
    const stored = await hashPassword('');
    expect(await verifyPassword('x'.repeat(10_000), stored)).toBe(false);
  });
});
