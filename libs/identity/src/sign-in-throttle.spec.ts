import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DomainError, ManualClock } from '#libs/kernel';
import { Database } from '#platform/database';
import { type TestDatabase, testDatabase } from '#test/harness';
import { KeyedHashes } from './identity.options.js';
import { SignInThrottle } from './sign-in-throttle.js';

const MINUTE = 60_000;

describe('the throttle of sign-ins', () => {
  const clock = new ManualClock();
  const hashes = new KeyedHashes({ apiKeyPepper: 'pepper', sessionSecret: 'secret' });
  let server: TestDatabase;
  let database: Database;
  let throttle: SignInThrottle;

  beforeAll(async () => {
    server = await testDatabase();
    database = await new Database({ appUrl: server.urls.app, clock }).connect();
    throttle = new SignInThrottle(database, hashes, clock);
  });
  afterAll(async () => {
    await database.close();
    await server.drop();
  });

  /** The seconds to wait, or null when the attempt goes through. */
  async function attempt(email: string, address: string): Promise<number | null> {
    try {
      await throttle.begin({ email, address });
      return null;
    } catch (error) {
      if (error instanceof DomainError) return error.details.retryAfterSeconds as number;
      throw error;
    }
  }

  /** How many of as many attempts go through, each waiting as long as it is told. */
  async function waits(email: string, address: string, attempts: number): Promise<number[]> {
    const told: number[] = [];
    for (let count = 0; count < attempts; count++) {
      const wait = await attempt(email, address);
      if (wait === null) continue;
      told.push(wait);
      clock.advance(wait * 1_000);
    }
    return told;
  }

  test('doubles the wait up to a quarter of an hour', async () => {
    expect(await waits('a@lab.example', '1', 30)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  test('forgets after an hour', async () => {
    expect(await waits('b@lab.example', '2', 7)).toEqual([1]);
    clock.advance(61 * MINUTE);
    expect(await waits('b@lab.example', '2', 6)).toEqual([]);
  });

  test('lets no more through when they come at once', async () => {
    const told = await Promise.all([...Array(30)].map(() => attempt('c@lab.example', '3')));
    expect(told.filter((wait) => wait === null)).toHaveLength(6);
  });

  test('forgets an account and its address when the password was right', async () => {
    expect(await waits('d@lab.example', '4', 6)).toEqual([]);
    await throttle.succeed({ email: 'd@lab.example', address: '4' });
    expect(await waits('d@lab.example', '4', 6)).toEqual([]);
    expect(await attempt('d@lab.example', '4')).toBe(1);
  });

  test('slows an account that is tried from everywhere for a minute at most', async () => {
    let longest = 0;
    for (let count = 0; count < 80; count++) {
      const wait = (await attempt('e@lab.example', `5.${count}`)) ?? 0;
      longest = Math.max(longest, wait);
      clock.advance(wait * 1_000);
    }
    expect(longest).toBe(60);
  });

  test('slows an address that tries many accounts, and nobody else', async () => {
    for (let count = 0; count < 101; count++) expect(await attempt(`f${count}@lab.example`, '6')).toBeNull();
    expect(await attempt('another@lab.example', '6')).toBe(1);
    expect(await attempt('another@lab.example', '7')).toBeNull();
  });

  test('outlives the process, and keeps neither accounts nor addresses in the clear', async () => {
    expect(await waits('g@lab.example', '8', 6)).toEqual([]);
    expect(await attempt('g@lab.example', '8')).toBe(1);
    throttle = new SignInThrottle(database, hashes, clock);
    expect(await attempt('g@lab.example', '8')).toBe(1);
    const rows = await database.anonymous<{ subject_sha256: string }>('SELECT * FROM sign_in_throttles', []);
    expect(rows.length).toBeGreaterThan(100);
    expect(JSON.stringify(rows)).not.toContain('lab.example');
  });

  test('drops what is old', async () => {
    clock.advance(180 * MINUTE);
    await throttle.begin({ email: 'h@lab.example', address: '9' });
    await throttle.succeed({ email: 'h@lab.example', address: '9' });
    await throttle.succeed({ email: 'h@lab.example', address: '9' });
    expect(await database.anonymous('SELECT 1 FROM sign_in_throttles', [])).toHaveLength(1);
  });
});
