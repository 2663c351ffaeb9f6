import type { NarrowTransaction } from '#platform/database';
import type { ServedCheckpoint, StoredFile } from '../engine/checkpoint-cache.js';
import { type EngineAdapterState, type EngineState, engineAdapterStates, engineStates } from '../engine.state.js';
import type { PoolLimits } from './engine-pool.config.js';
import type { Demand, PooledAdapter, PooledEngine } from './engine-pool.plan.js';

export interface EngineRow extends Omit<PooledEngine, 'requests' | 'adapters'> {
  host: string;
  url: string | null;
  startingAt: Date | null;
  readyAt: Date | null;
  observedAt: Date;
  failures: number;
  adapters: PooledAdapter[];
}

/** A base that can be served, with what planning its engine takes. */
export interface BaseCheckpoint extends ServedCheckpoint {
  contextLengthTokens: number;
  familyMaxRank: number;
  weightBytes: number;
}

const LIVE = `state NOT IN ('stopped', 'failed')`;

/** Everything that anybody wanted since then: calls, and what was deployed or switched to. What has no files any more can't be had. */
export async function readDemand(tx: NarrowTransaction, since: Date): Promise<Demand[]> {
  return tx.query<Demand & Record<string, unknown>>(
    `SELECT checkpoint_id AS "checkpointId", min(base_checkpoint_id) AS "baseCheckpointId", max(wanted_at) AS "wantedAt" FROM (
       SELECT checkpoint_id, base_checkpoint_id, wanted_at FROM model_demand WHERE wanted_at > $1
       UNION ALL
       SELECT r.checkpoint_id, r.base_checkpoint_id,
              CASE WHEN r.id = d.active_revision_id THEN greatest(r.created_at, d.activated_at) ELSE r.created_at END
       FROM deployments d JOIN deployment_revisions r ON r.deployment_id = d.id
       WHERE d.state = 'active' AND (r.created_at > $1 OR (r.id = d.active_revision_id AND d.activated_at > $1))
     ) wanted
     WHERE NOT EXISTS (SELECT FROM checkpoints c WHERE c.id = wanted.checkpoint_id AND c.removal IS NOT NULL)
     GROUP BY checkpoint_id`,
    [since],
  );
}

export async function forgetDemand(tx: NarrowTransaction, before: Date): Promise<void> {
  await tx.query('DELETE FROM model_demand WHERE wanted_at < $1', [before]);
}

export async function readEngines(tx: NarrowTransaction): Promise<EngineRow[]> {
  return tx
    .query<EngineRow & Record<string, unknown>>(
      `SELECT e.id, e.base_checkpoint_id AS "baseCheckpointId", e.managed_by AS "managedBy", e.host, e.state, e.url,
            e.memory_bytes::float8 AS "memoryBytes", e.max_adapters AS "maxAdapters", e.failures, e.created_at AS "createdAt",
            e.starting_at AS "startingAt", e.ready_at AS "readyAt", e.draining_at AS "drainingAt", e.observed_at AS "observedAt",
            coalesce(jsonb_agg(jsonb_build_object('checkpointId', a.checkpoint_id, 'state', a.state, 'retryAt', a.retry_at,
                     'drainingAt', a.draining_at) ORDER BY a.checkpoint_id) FILTER (WHERE a.engine_id IS NOT NULL), '[]') AS adapters
     FROM engines e LEFT JOIN engine_adapters a ON a.engine_id = e.id
     WHERE e.${LIVE} GROUP BY e.id ORDER BY e.id`,
    )
    .then((rows) => rows.map((row) => ({ ...row, adapters: row.adapters.map(withDates) })));
}

function withDates(adapter: PooledAdapter): PooledAdapter {
  const date = (value: Date | string | null) => (value === null ? null : new Date(value));
  return { ...adapter, retryAt: date(adapter.retryAt), drainingAt: date(adapter.drainingAt) };
}

/** When each base may be tried again, and how often in a row it failed: by its last engine, if that failed. */
export async function readFailures(
  tx: NarrowTransaction,
  baseIds: readonly string[],
): Promise<Map<string, { retryAt: Date; failures: number }>> {
  const rows = await tx.query<{ base: string; state: string; retryAt: Date | null; failures: number }>(
    `SELECT DISTINCT ON (base_checkpoint_id) base_checkpoint_id AS base, state, retry_at AS "retryAt", failures
     FROM engines WHERE base_checkpoint_id = ANY ($1) ORDER BY base_checkpoint_id, created_at DESC, id DESC`,
    [baseIds],
  );
  return new Map(
    rows.flatMap(({ base, state, retryAt, failures }) =>
      state === 'failed' && retryAt ? [[base, { retryAt, failures }] as const] : [],
    ),
  );
}

export async function readBases(tx: NarrowTransaction, ids: readonly string[]): Promise<Map<string, BaseCheckpoint>> {
  const rows = await tx.query<BaseCheckpoint & Record<string, unknown>>(
    `SELECT c.id, c.kind, c.tokenizer_sha256 AS "tokenizerSha256", c.template_sha256 AS "templateSha256",
            c.context_length AS "contextLengthTokens", f.max_lora_rank AS "familyMaxRank"
     FROM checkpoints c JOIN model_families f ON f.id = c.family_id
     WHERE c.id = ANY ($1) AND c.kind <> 'adapter' AND c.status IN ('published', 'retired')`,
    [ids],
  );
  const files = await readFiles(
    tx,
    rows.map((row) => row.id),
  );
  return new Map(
    rows.map((row) => {
      const own = files.get(row.id) ?? [];
      const weights = own.filter((file) => file.path.endsWith('.safetensors'));
      return [row.id, { ...row, files: own, weightBytes: weights.reduce((sum, file) => sum + file.bytes, 0) }];
    }),
  );
}

export async function readAdapter(
  tx: NarrowTransaction,
  id: string,
  baseCheckpointId: string,
): Promise<ServedCheckpoint | null> {
  const [row] = await tx.query<ServedCheckpoint & Record<string, unknown>>(
    `SELECT id, kind, tokenizer_sha256 AS "tokenizerSha256", template_sha256 AS "templateSha256" FROM checkpoints
     WHERE id = $1 AND base_checkpoint_id = $2 AND kind = 'adapter' AND status IN ('published', 'retired')`,
    [id, baseCheckpointId],
  );
  return row ? { ...row, files: (await readFiles(tx, [id])).get(id) ?? [] } : null;
}

/** Names or ids of base checkpoints to ids. */
export async function readCheckpointIds(tx: NarrowTransaction, named: readonly string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; name: string }>(
    `SELECT id, name FROM checkpoints WHERE (id = ANY ($1) OR name = ANY ($1)) AND kind <> 'adapter' AND status IN ('published', 'retired')`,
    [named],
  );
  return new Map(rows.map(({ id, name }) => [named.includes(id) ? id : name, id]));
}

async function readFiles(tx: NarrowTransaction, ids: readonly string[]): Promise<Map<string, StoredFile[]>> {
  const rows = await tx.query<StoredFile & { checkpoint: string }>(
    `SELECT checkpoint_id AS checkpoint, path, bytes::float8 AS bytes, sha256, object_key AS "objectKey" FROM checkpoint_files
     WHERE checkpoint_id = ANY ($1) AND part = 'weights' ORDER BY checkpoint_id, path`,
    [ids],
  );
  return Map.groupBy(rows, (row) => row.checkpoint);
}

export type NewEngine = Pick<
  EngineRow,
  'id' | 'baseCheckpointId' | 'managedBy' | 'host' | 'memoryBytes' | 'maxAdapters' | 'failures'
>;

/** False: an engine for this base is live already, here or on another machine. */
export async function insertEngine(tx: NarrowTransaction, engine: NewEngine, now: Date): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO engines (id, base_checkpoint_id, managed_by, host, state, memory_bytes, max_adapters, failures, observed_at, created_at)
     VALUES ($1, $2, $3, $4, 'desired', $5, $6, $7, $8, $8)
     ON CONFLICT (base_checkpoint_id) WHERE ${LIVE} DO NOTHING RETURNING id`,
    [
      engine.id,
      engine.baseCheckpointId,
      engine.managedBy,
      engine.host,
      Math.ceil(engine.memoryBytes),
      engine.maxAdapters,
      engine.failures,
      now,
    ],
  );
  return inserted.length === 1;
}

export interface EngineChange {
  url?: string;
  memoryBytes?: number;
  failures?: number;
  retryAt?: Date;
  lastError?: string;
}

const STAMP: Record<EngineState, string | null> = {
  desired: null,
  starting: 'starting_at',
  ready: 'ready_at',
  draining: 'draining_at',
  stopped: 'ended_at',
  failed: 'ended_at',
};

/** Moves an engine by its table. False: it is not in the state it was thought to be in, and nothing is done. */
export async function moveEngine(
  tx: NarrowTransaction,
  {
    id,
    from,
    to,
    now,
    change = {},
  }: { id: string; from: EngineState; to: EngineState; now: Date; change?: EngineChange },
): Promise<boolean> {
  engineStates.assert(from, to);
  // Back from draining it is as ready as it was.
  const stamp = from === 'draining' && to === 'ready' ? null : STAMP[to];
  const columns: Record<string, unknown> = {
    state: to,
    ...(stamp && { [stamp]: now }),
    ...(to === 'ready' && { draining_at: null }),
    observed_at: now,
    url: change.url,
    memory_bytes: change.memoryBytes === undefined ? undefined : Math.ceil(change.memoryBytes),
    failures: change.failures,
    retry_at: change.retryAt,
    last_error: change.lastError?.slice(0, 2000),
  };
  const set = Object.entries(columns).filter(([, value]) => value !== undefined);
  const moved = await tx.query(
    `UPDATE engines SET ${set.map(([name], position) => `${name} = $${position + 3}`).join(', ')}
     WHERE id = $1 AND state = $2 RETURNING id`,
    [id, from, ...set.map(([, value]) => value)],
  );
  if (moved.length === 1 && engineStates.isTerminal(to)) {
    await tx.query('DELETE FROM engine_adapters WHERE engine_id = $1', [id]);
  }
  return moved.length === 1;
}

const FORGET_HOST_MILLISECONDS = 24 * 3_600_000;

/** What a machine may use, and that it is there; those that were silent for a day are forgotten. */
export async function recordHost(
  tx: NarrowTransaction,
  { name, limits, now }: { name: string; limits: Pick<PoolLimits, 'memoryBudgetBytes' | 'maxEngines'>; now: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO engine_hosts (name, memory_budget_bytes, max_engines, observed_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (name) DO UPDATE SET memory_budget_bytes = excluded.memory_budget_bytes, max_engines = excluded.max_engines,
       observed_at = excluded.observed_at`,
    [name, limits.memoryBudgetBytes, limits.maxEngines, now],
  );
  await tx.query('DELETE FROM engine_hosts WHERE observed_at < $1', [
    new Date(now.getTime() - FORGET_HOST_MILLISECONDS),
  ]);
}

export async function markObserved(tx: NarrowTransaction, ids: readonly string[], now: Date): Promise<void> {
  await tx.query('UPDATE engines SET observed_at = $2 WHERE id = ANY ($1)', [ids, now]);
}

export interface AdapterMove {
  engineId: string;
  checkpointId: string;
  /** Null: it was not there. */
  from: EngineAdapterState | null;
  to: EngineAdapterState;
  now: Date;
  lastError?: string;
  retryAt?: Date;
}

/** Records where an adapter is in its life. */
export async function moveAdapter(tx: NarrowTransaction, move: AdapterMove): Promise<void> {
  const { engineId, checkpointId, from, to, now, lastError, retryAt } = move;
  if (from !== null) engineAdapterStates.assert(from, to);
  if (to === 'unloaded') {
    await tx.query('DELETE FROM engine_adapters WHERE engine_id = $1 AND checkpoint_id = $2', [engineId, checkpointId]);
    return;
  }
  // The engine may have ended meanwhile: its adapters are gone with it.
  await tx.query(
    `INSERT INTO engine_adapters (engine_id, checkpoint_id, state, last_error, retry_at, loaded_at, draining_at)
     SELECT e.id, $2, $3, $4, $5, CASE WHEN $3 = 'ready' THEN $6::timestamptz END, CASE WHEN $3 = 'draining' THEN $6::timestamptz END
     FROM engines e WHERE e.id = $1 AND e.${LIVE}
     ON CONFLICT (engine_id, checkpoint_id) DO UPDATE SET state = excluded.state, last_error = excluded.last_error,
       retry_at = excluded.retry_at, loaded_at = coalesce(excluded.loaded_at, engine_adapters.loaded_at),
       draining_at = excluded.draining_at`,
    [engineId, checkpointId, to, lastError?.slice(0, 2000) ?? null, retryAt ?? null, now],
  );
}
