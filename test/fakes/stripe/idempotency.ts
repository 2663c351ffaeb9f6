import { createHash } from 'node:crypto';
import { StripeFailure } from './errors.js';

export interface Answer {
  status: number;
  body: string;
}

interface Remembered {
  fingerprint: string;
  /** Undefined while the first request is at work. */
  answer?: Answer;
}

/**
 * Stripe's idempotency keys. The first answer under a key is given again, an internal error too; another request under it is refused, and so
 * is the same one while the first is at work. What was refused before it was begun (429, invalid parameters) is not remembered.
 */
export class IdempotencyKeys {
  private readonly remembered = new Map<string, Remembered>();

  /** Stripe may forget keys after a day. */
  forget(): void {
    this.remembered.clear();
  }

  /** The answer given before, or null: then the request is to be carried out and ended by `remember` or `release`. */
  begin(key: string, request: { method: string; path: string; body: string }): Answer | null {
    const fingerprint = createHash('sha256').update(JSON.stringify(request)).digest('hex');
    const known = this.remembered.get(key);
    if (!known) {
      this.remembered.set(key, { fingerprint });
      return null;
    }
    if (known.fingerprint !== fingerprint) throw otherRequest(key);
    if (!known.answer) throw inUse(key);
    return known.answer;
  }

  remember(key: string, answer: Answer): void {
    const known = this.remembered.get(key);
    if (known) known.answer = answer;
  }

  release(key: string): void {
    this.remembered.delete(key);
  }
}

const otherRequest = (key: string) =>
  new StripeFailure(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  });

const inUse = (key: string) =>
  new StripeFailure(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `There is currently another in-progress request using this Idempotency Key '${key}'.`,
  });
