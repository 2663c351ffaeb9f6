import type { Transaction } from '#platform/database';

/** Requests of all organizations that are under way, by base checkpoint, in their order. For a scope of the lab: others see their own. */
export async function countRunningRequests(tx: Transaction, baseCheckpointIds: readonly string[]): Promise<number[]> {
  const rows = await tx.query<{ base: string; running: number }>(
    `SELECT base_checkpoint_id AS base, count(*)::int AS running FROM usage_events
     WHERE state = 'admitted' AND base_checkpoint_id = ANY ($1) AND ($2 OR organization_id = :organization) GROUP BY 1`,
    [baseCheckpointIds, tx.scope.kind === 'lab'],
  );
  const running = new Map(rows.map((row) => [row.base, row.running]));
  return baseCheckpointIds.map((id) => running.get(id) ?? 0);
}
