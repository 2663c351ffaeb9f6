import type { Transaction } from '#platform/database';

/**
 * Using a variant and deleting it take turns by its id: whoever begins something with its files (of any organization that it is listed
 * for, which can't lock the row) shares this lock, and who deletes it has it alone. Each looks at the row only then.
 */
const TURN = `hashtextextended('variant:' || $1, 0)`;

/** Until the transaction ends the variant is not deleted. */
export async function holdForUse(tx: Transaction, checkpointId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock_shared(${TURN})`, [checkpointId]);
}

/** Until the transaction ends nothing begins to use it; what has begun is waited for, and can be seen. */
export async function holdAgainstUse(tx: Transaction, checkpointId: string): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(${TURN})`, [checkpointId]);
}
