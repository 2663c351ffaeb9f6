import type { Transaction } from '#platform/database';

/**
 * Sees what the scope's organization could see at a time: work that was accepted then is brought to its end, whatever entitlement
 * was revoked or has expired since. For beginning something new it is the wrong question.
 */
export async function asOf<T>(tx: Transaction, time: Date, work: () => Promise<T>): Promise<T> {
  const name = (instant: string) => tx.query(`SELECT set_config('app.time', $1, true)`, [instant]);
  await name(time.toISOString());
  try {
    return await work();
  } finally {
    // A statement that failed has ended the transaction, and the setting with it.
    await name('').catch(() => undefined);
  }
}
