import type { GatewayKey } from '#libs/identity';
import { GATEWAY_ERRORS } from '../gateway.errors.js';

const MILLISECONDS_PER_MINUTE = 60_000;

/** Refills evenly; holds at most one minute's worth. May be overdrawn by what turned out to cost more than was thought. */
class TokenBucket {
  private level: number;

  constructor(
    private perMinute: number,
    private readAt: number,
  ) {
    this.level = perMinute;
  }

  /** A changed limit counts from now on. */
  adjust(perMinute: number, now: number): void {
    if (perMinute === this.perMinute) return;
    this.refill(now);
    this.level = Math.min(perMinute, this.level + Math.max(0, perMinute - this.perMinute));
    this.perMinute = perMinute;
  }

  refill(now: number): void {
    this.level = Math.min(
      this.perMinute,
      this.level + ((now - this.readAt) * this.perMinute) / MILLISECONDS_PER_MINUTE,
    );
    this.readAt = now;
  }

  has(amount: number): boolean {
    return this.level >= amount;
  }

  take(amount: number): void {
    this.level = Math.min(this.perMinute, this.level - amount);
  }

  get remaining(): number {
    return Math.max(0, Math.floor(this.level));
  }

  millisecondsUntil(amount: number): number {
    return Math.ceil(Math.max(0, ((amount - this.level) * MILLISECONDS_PER_MINUTE) / this.perMinute));
  }

  get millisecondsUntilFull(): number {
    return this.millisecondsUntil(this.perMinute);
  }
}

export type LimitedKey = Pick<GatewayKey, 'keyId' | 'requestsPerMinute' | 'tokensPerMinute'>;

interface Buckets {
  requests: TokenBucket | null;
  tokens: TokenBucket | null;
}

/** Tokens set aside for a request until its exact number is known. */
export interface TokenHold {
  /** The exact number in the end; only the first call counts. */
  settle(exactTokens: number): void;
}

const NO_HOLD: TokenHold = { settle: () => undefined };

/** Requests and tokens per minute of each key, as this process sees them: several gateways each grant the whole limit. */
export class RateLimiter {
  private readonly buckets = new Map<string, Buckets>();

  constructor(private readonly monotonicNow: () => number) {}

  /** Counts one request, or throws RATE_LIMIT_EXCEEDED. */
  takeRequest(key: LimitedKey): void {
    const { requests } = this.bucketsOf(key);
    if (!requests) return;
    this.demand(requests, 1, 'requests', key.requestsPerMinute as number);
    requests.take(1);
  }

  /** Sets the likely number of tokens aside, or throws RATE_LIMIT_EXCEEDED. */
  holdTokens(key: LimitedKey, likelyTokens: number): TokenHold {
    const { tokens } = this.bucketsOf(key);
    if (!tokens) return NO_HOLD;
    // A request that is likely to take more than a minute's worth may have a whole minute's worth.
    const held = Math.min(likelyTokens, key.tokensPerMinute as number);
    this.demand(tokens, held, 'tokens', key.tokensPerMinute as number);
    tokens.take(held);
    let settled = false;
    return {
      settle: (exactTokens) => {
        if (settled) return;
        settled = true;
        tokens.refill(this.monotonicNow());
        tokens.take(exactTokens - held);
      },
    };
  }

  /** OpenAI's headers about the limits that the key has. */
  headersOf(key: LimitedKey): Record<string, string> {
    const { requests, tokens } = this.bucketsOf(key);
    const headers: Record<string, string> = {};
    if (requests) describe(headers, 'requests', key.requestsPerMinute as number, requests);
    if (tokens) describe(headers, 'tokens', key.tokensPerMinute as number, tokens);
    return headers;
  }

  /** Forgets keys that are gone. */
  retain(isKnown: (keyId: string) => boolean): void {
    for (const id of this.buckets.keys()) if (!isKnown(id)) this.buckets.delete(id);
  }

  private demand(bucket: TokenBucket, amount: number, unit: 'requests' | 'tokens', limit: number): void {
    if (bucket.has(amount)) return;
    const retryAfterMilliseconds = bucket.millisecondsUntil(amount);
    const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMilliseconds / 1000));
    throw GATEWAY_ERRORS.RATE_LIMIT_EXCEEDED({ unit, limit, retryAfterSeconds });
  }

  private bucketsOf(key: LimitedKey): Buckets {
    const now = this.monotonicNow();
    let known = this.buckets.get(key.keyId);
    if (!known) {
      known = { requests: null, tokens: null };
      this.buckets.set(key.keyId, known);
    }
    known.requests = current(known.requests, key.requestsPerMinute, now);
    known.tokens = current(known.tokens, key.tokensPerMinute, now);
    return known;
  }
}

function current(bucket: TokenBucket | null, perMinute: number | null, now: number): TokenBucket | null {
  if (perMinute === null) return null;
  if (!bucket) return new TokenBucket(perMinute, now);
  bucket.adjust(perMinute, now);
  bucket.refill(now);
  return bucket;
}

function describe(headers: Record<string, string>, unit: string, limit: number, bucket: TokenBucket): void {
  headers[`x-ratelimit-limit-${unit}`] = String(limit);
  headers[`x-ratelimit-remaining-${unit}`] = String(bucket.remaining);
  headers[`x-ratelimit-reset-${unit}`] = duration(bucket.millisecondsUntilFull);
}

/** As OpenAI writes it: 12ms, 3.5s, 1m30s. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.ceil(milliseconds)}ms`;
  const minutes = Math.floor(milliseconds / MILLISECONDS_PER_MINUTE);
  const seconds = Math.ceil((milliseconds % MILLISECONDS_PER_MINUTE) / 100) / 10;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
