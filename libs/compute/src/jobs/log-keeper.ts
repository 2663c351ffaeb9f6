import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { getJob, OWN } from '../compute.repository.js';
import { attemptKey, DRIVER, type Driver } from './drivers/driver.js';
import { scopeOf, type WatchedAttempt } from './work-list.js';

const PIECE_BYTES = 256 * 1024;

/** Takes what attempts print out of the driver's hands: in pieces while they run, into one object when they are over. */
@Injectable()
export class LogKeeper {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DRIVER) private readonly driver: Driver,
  ) {}

  /** Keeps what is new, up to one piece; `all` goes on to the end. */
  async collect(attempt: WatchedAttempt, { all }: { all: boolean }): Promise<void> {
    let offset = attempt.logBytes;
    for (;;) {
      const bytes = await this.driver.logs(attemptKey(attempt), offset, PIECE_BYTES);
      if (bytes.length === 0) return;
      const kept = await this.database.transaction(scopeOf(attempt), (tx) => append(tx, attempt.id, offset, bytes));
      // Another worker was faster: it goes on.
      if (!kept || !all) return;
      offset += bytes.length;
    }
  }

  /** After this the attempt has left nothing behind but its rows and one object. */
  async archive(attempt: WatchedAttempt): Promise<void> {
    const scope = scopeOf(attempt);
    const { key, bytes } = await this.database.read(scope, async (tx) => {
      const { outputPrefix } = await getJob(tx, attempt.jobId);
      const chunks = await tx.query<{ bytes: Buffer }>(
        `SELECT bytes FROM compute_log_chunks WHERE attempt_id = $1 AND ${OWN} ORDER BY byte_offset`,
        [attempt.id],
      );
      return { key: `${outputPrefix}logs/${attempt.number}.log`, bytes: Buffer.concat(chunks.map((row) => row.bytes)) };
    });
    if (bytes.length > 0) await this.store.put(key, bytes, { contentType: 'text/plain; charset=utf-8' });
    await this.database.transaction(scope, async (tx) => {
      await tx.query(`UPDATE compute_attempts SET log_key = $2, released_at = $3 WHERE id = $1 AND ${OWN}`, [
        attempt.id,
        bytes.length > 0 ? key : null,
        this.clock.now(),
      ]);
      await tx.query(`DELETE FROM compute_log_chunks WHERE attempt_id = $1 AND ${OWN}`, [attempt.id]);
    });
  }
}

async function append(tx: Transaction, attemptId: string, offset: number, bytes: Buffer): Promise<boolean> {
  const moved = await tx.query(
    `UPDATE compute_attempts SET log_bytes = log_bytes + $3 WHERE id = $1 AND ${OWN} AND log_bytes = $2 RETURNING id`,
    [attemptId, offset, bytes.length],
  );
  if (moved.length === 0) return false;
  await tx.query(
    'INSERT INTO compute_log_chunks (organization_id, attempt_id, byte_offset, bytes) VALUES ($1, $2, $3, $4)',
    [tx.scope.organizationId, attemptId, offset, bytes],
  );
  return true;
}
