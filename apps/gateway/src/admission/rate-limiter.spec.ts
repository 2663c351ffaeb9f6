import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { duration, type LimitedKey, RateLimiter } from './rate-limiter.js';

let now = 0;
let limiter: RateLimiter;
beforeEach(() => {
  now = 0;
  limiter = new RateLimiter(() => now);
});

const key = (requestsPerMinute: number | null, tokensPerMinute: number | null = null): LimitedKey => ({
  keyId: 'key_1',
  requestsPerMinute,
  tokensPerMinute,
});

function accepts(limited: LimitedKey): boolean {
  try {
    limiter.takeRequest(limited);
    return true;
  } catch {
    return false;
  }
}

describe('RateLimiter', () => {
  it('never lets through more than the limit allows in any span of time, and no less after a rest', () => {
    const trial = fc.record({
      limit: fc.integer({ min: 1, max: 50 }),
      pauses: fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 20, maxLength: 200 }),
    });
    fc.assert(
      fc.property(trial, ({ limit, pauses }) => {
        now = 0;
        limiter = new RateLimiter(() => now);
        const accepted: number[] = [];
        for (const pause of pauses) {
          now += pause;
          if (accepts(key(limit))) accepted.push(now);
        }
        for (const [first, start] of accepted.entries()) {
          for (let last = first; last < accepted.length; last++) {
            const span = (accepted[last] as number) - start;
            expect(last - first + 1).toBeLessThanOrEqual(limit + (span * limit) / 60_000 + 1e-6);
          }
        }
        now += 60_000;
        for (let count = 0; count < limit; count++) expect(accepts(key(limit))).toBe(true);
        expect(accepts(key(limit))).toBe(false);
      }),
    );
  });

  it('tells how long to wait, and is right', () => {
    expect(accepts(key(1))).toBe(true);
    let retryAfterSeconds = 0;
    try {
      limiter.takeRequest(key(1));
    } catch (error) {
      ({ retryAfterSeconds } = (error as { details: { retryAfterSeconds: number } }).details);
    }
    expect(retryAfterSeconds).toBe(60);
    now += retryAfterSeconds * 1000;
    expect(accepts(key(1))).toBe(true);
  });

  it('gives back what a call did not take, and takes what it took beyond', () => {
    const limited = key(null, 1_000);
    limiter.holdTokens(limited, 800).settle(100);
    expect(limiter.headersOf(limited)['x-ratelimit-remaining-tokens']).toBe('900');
    const hold = limiter.holdTokens(limited, 10);
    hold.settle(1_500);
    hold.settle(0);
    expect(limiter.headersOf(limited)['x-ratelimit-remaining-tokens']).toBe('0');
    expect(() => limiter.holdTokens(limited, 1)).toThrow(/1000 tokens per minute/);
    now += 60_000;
    // 600 tokens overdrawn are paid back first.
    expect(limiter.headersOf(limited)['x-ratelimit-remaining-tokens']).toBe('400');
  });

  it('lets a call that is likely larger than a minute’s worth have a whole minute’s worth', () => {
    const limited = key(null, 100);
    limiter.holdTokens(limited, 5_000).settle(20);
    expect(limiter.headersOf(limited)['x-ratelimit-remaining-tokens']).toBe('80');
    expect(() => limiter.holdTokens(limited, 5_000)).toThrow();
  });

  it('takes a new limit at once, and forgets keys that are gone', () => {
    expect(accepts(key(1))).toBe(true);
    expect(accepts(key(1))).toBe(false);
    expect(accepts(key(3))).toBe(true);
    expect(accepts(key(3))).toBe(true);
    expect(accepts(key(3))).toBe(false);
    limiter.retain(() => false);
    expect(accepts(key(3))).toBe(true);
    expect(accepts(key(null))).toBe(true);
    expect(limiter.headersOf(key(null))).toEqual({});
  });
});

describe('duration', () => {
  it.each([
    [0, '0ms'],
    [12.3, '13ms'],
    [3_500, '3.5s'],
    [90_000, '1m30s'],
    [60_000, '1m0s'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});
