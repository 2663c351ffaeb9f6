import type { Transaction } from '#platform/database';
import { type Connection, paginate } from '#platform/graphql';
import type { ClusterEnginesArgs, ClusterEngineType, EngineHostType, EnginePoolType } from './cluster-engines.types.js';

/** A worker tells of its machine four times as often. */
const HEARD_OF_MILLISECONDS = 60_000;

// The function gives every engine in a scope of the lab and none in another: migrations/140-cluster.ts.

type EngineRow = Omit<ClusterEngineType, 'memoryBytes'> & { memory_bytes: string };

/** The newest first. */
export function pageOfClusterEngines(
  tx: Transaction,
  { live, ...args }: ClusterEnginesArgs,
): Promise<Connection<ClusterEngineType>> {
  return paginate<EngineRow, ClusterEngineType>(tx, {
    from: 'cluster_engines() e',
    columns: `id, base_checkpoint_id AS "baseCheckpointId", managed_by = 'operator' AS "isOperated", host, state, memory_bytes,
      max_adapters AS "maxAdapters", adapters, failures, last_error AS "lastError", retry_at AS "retryAt",
      created_at AS "createdAt", ready_at AS "readyAt", ended_at AS "endedAt"`,
    where: ['$1::boolean IS NULL OR (ended_at IS NULL) = $1'],
    parameters: [live ?? null],
    orderBy: [
      { column: 'created_at', type: 'timestamptz' },
      { column: 'id', type: 'text' },
    ],
    args,
    map: ({ memory_bytes, ...row }) => ({ ...row, memoryBytes: BigInt(memory_bytes) }),
  });
}

export async function readEnginePool(tx: Transaction, now: Date): Promise<EnginePoolType> {
  const engines = await tx.one<{ engines: number; ready: number; memory_bytes: string }>(
    `SELECT count(*)::int AS engines, count(*) FILTER (WHERE state = 'ready')::int AS ready,
            coalesce(sum(memory_bytes), 0) AS memory_bytes
     FROM cluster_engines() WHERE ended_at IS NULL`,
  );
  const hosts = await tx.query<Omit<EngineHostType, 'memoryBudgetBytes'> & { memory_budget_bytes: string }>(
    `SELECT name, memory_budget_bytes, max_engines AS "maxEngines", observed_at AS "observedAt" FROM engine_hosts
     WHERE observed_at > $1 ORDER BY name`,
    [new Date(now.getTime() - HEARD_OF_MILLISECONDS)],
  );
  const { memory_bytes, ...counts } = engines!;
  return {
    ...counts,
    memoryBytes: BigInt(memory_bytes),
    hosts: hosts.map(({ memory_budget_bytes, ...host }) => {
      return { ...host, memoryBudgetBytes: BigInt(memory_budget_bytes) };
    }),
  };
}
