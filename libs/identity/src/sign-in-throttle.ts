import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database } from '#platform/database';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { KeyedHashes } from './identity.options.js';

const MINUTE = 60_000;
/** Attempts longer ago than this are forgotten. */
const WINDOW_MILLISECONDS = 60 * MINUTE;

interface Allowance {
  /** How many attempts go through before the waiting begins; it doubles with each further one, from a second up. */
  attempts: number;
  longestWaitMilliseconds: number;
}

/**
 * Guessing at one account from one address is slowed soonest. An account as a whole is slowed late and for a minute at most, so that
 * nobody can lock its owner out from elsewhere; an address as a whole for trying many accounts.
 */
const ALLOWANCES = {
  'account and address': { attempts: 5, longestWaitMilliseconds: 15 * MINUTE },
  account: { attempts: 50, longestWaitMilliseconds: MINUTE },
  address: { attempts: 100, longestWaitMilliseconds: 15 * MINUTE },
} as const satisfies Record<string, Allowance>;

export interface SignInAttempt {
  email: string;
  address: string;
}

/** Counts attempts in PostgreSQL: before the password is looked at, so that many at once gain nothing, and across restarts. */
@Injectable()
export class SignInThrottle {
  constructor(
    private readonly database: Database,
    private readonly hashes: KeyedHashes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Counts an attempt, or refuses it with the time to wait. */
  async begin(attempt: SignInAttempt): Promise<void> {
    const now = this.clock.now();
    const subjects = this.subjectsOf(attempt);
    const blocked = await this.database.anonymous<{ blocked_until: Date }>(BLOCKED, [ids(subjects), now]);
    if (blocked[0]) throw refusal(blocked[0].blocked_until, now);
    const counted = await this.database.anonymous(COUNT, [
      ids(subjects),
      subjects.map(({ allowance }) => allowance.attempts),
      subjects.map(({ allowance }) => allowance.longestWaitMilliseconds),
      now,
      new Date(now.getTime() - WINDOW_MILLISECONDS),
    ]);
    // Another attempt began to wait between the two statements.
    if (counted.length < subjects.length) throw refusal(new Date(now.getTime() + 1_000), now);
  }

  /** Who knew the password is not guessing. The address stays counted but for this attempt: it may be trying other accounts. */
  async succeed(attempt: SignInAttempt): Promise<void> {
    const subjects = this.subjectsOf(attempt);
    const own = ids(subjects.filter(({ kind }) => kind !== 'address'));
    const address = ids(subjects.filter(({ kind }) => kind === 'address'));
    await this.database.anonymous('DELETE FROM sign_in_throttles WHERE subject_sha256 = ANY($1)', [own]);
    await this.database.anonymous(
      'UPDATE sign_in_throttles SET attempts = greatest(attempts - 1, 0) WHERE subject_sha256 = ANY($1)',
      [address],
    );
    await this.forgetOld();
  }

  /** Keeps the table small without a schedule of its own. */
  private async forgetOld(): Promise<void> {
    const before = new Date(this.clock.now().getTime() - 2 * WINDOW_MILLISECONDS);
    await this.database.anonymous(
      `DELETE FROM sign_in_throttles WHERE subject_sha256 IN
         (SELECT subject_sha256 FROM sign_in_throttles WHERE last_attempt_at < $1 LIMIT 200 FOR UPDATE SKIP LOCKED)`,
      [before],
    );
  }

  private subjectsOf({ email, address }: SignInAttempt) {
    const values = { 'account and address': `${email} ${address}`, account: email, address };
    const kinds = Object.keys(ALLOWANCES) as Array<keyof typeof ALLOWANCES>;
    return kinds
      .map((kind) => ({ kind, id: this.hashes.throttleSubject(kind, values[kind]), allowance: ALLOWANCES[kind] }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

const ids = (subjects: ReadonlyArray<{ id: string }>) => subjects.map(({ id }) => id);

const BLOCKED = `SELECT max(blocked_until) AS blocked_until FROM sign_in_throttles
  WHERE subject_sha256 = ANY($1) AND blocked_until > $2 HAVING max(blocked_until) IS NOT NULL`;

/** Rows in one order for everybody, so that two attempts don't wait for each other. A subject that waits is not counted, and not returned. */
const COUNT = `INSERT INTO sign_in_throttles AS t (subject_sha256, attempts, last_attempt_at, blocked_until)
  SELECT s.id, 1, $4::timestamptz, $4::timestamptz FROM unnest($1::text[]) AS s(id)
  ON CONFLICT (subject_sha256) DO UPDATE SET
    attempts = CASE WHEN t.last_attempt_at < $5::timestamptz THEN 1 ELSE t.attempts + 1 END,
    last_attempt_at = $4::timestamptz,
    blocked_until = CASE WHEN t.last_attempt_at < $5::timestamptz THEN $4::timestamptz ELSE (
      SELECT $4::timestamptz + CASE WHEN t.attempts < a.attempts THEN 0
        ELSE least(1000 * 2 ^ least(t.attempts - a.attempts, 30), a.longest_wait) END * interval '1 millisecond'
      FROM unnest($1::text[], $2::int[], $3::int[]) AS a(id, attempts, longest_wait) WHERE a.id = t.subject_sha256) END
  WHERE t.blocked_until <= $4::timestamptz
  RETURNING subject_sha256`;

function refusal(until: Date, now: Date) {
  return IDENTITY_ERRORS.TOO_MANY_SIGN_INS({
    retryAfterSeconds: Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1_000)),
  });
}
