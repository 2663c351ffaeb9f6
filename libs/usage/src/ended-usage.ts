import type { Transaction } from '#platform/database';
import type { UsageKind } from './usage.state.js';

const ROWS_AT_A_TIME = 5_000;

/** Of an organization: the scope's own, or any for the lab. */
export interface UsageSpan {
  organizationId: string;
  /** Inclusive, by the time of admission. */
  from: Date;
  /** Exclusive. */
  to: Date;
}

/** Where reading goes on: behind this usage. */
export interface UsagePosition {
  admittedAt: Date;
  id: string;
}

export interface EndedUsageQuery extends UsageSpan {
  /** What was final on record by then. */
  finalUntil: Date;
  /** Only of this project. */
  projectId?: string;
  after?: UsagePosition | null;
  /** How many rows are read, and held, at a time. */
  rowsAtATime?: number;
}

/** One request or job that has ended, or a day of storage, with all that it used. */
export interface EndedUsage {
  id: string;
  kind: UsageKind;
  /** What was used: the request, the fine-tune job or the evaluation run; of storage what was kept, and from when. */
  sourceId: string;
  /** By which it was called; null for what no key called. */
  apiKeyId: string | null;
  /** As the caller named it; null, as all that is said of a model, for files. */
  model: string | null;
  projectId: string;
  familyId: string | null;
  baseCheckpointId: string | null;
  /** How it was trained; null for what is no training. */
  method: string | null;
  /** By which another partner's variant was used; null for what is no such. */
  listingId: string | null;
  inputTokens: bigint;
  /** Of the input tokens. */
  cachedInputTokens: bigint;
  outputTokens: bigint;
  trainingTokens: bigint;
  evaluationTokens: bigint;
  storedByteHours: bigint;
  admittedAt: Date;
  /** When its end came on record. */
  finalAt: Date;
}

interface Row {
  id: string;
  kind: UsageKind;
  source_id: string;
  api_key_id: string | null;
  model: string | null;
  project_id: string;
  family_id: string | null;
  base_checkpoint_id: string | null;
  method: string | null;
  listing_id: string | null;
  input_tokens: string;
  cached_input_tokens: string;
  output_tokens: string;
  training_tokens: string;
  evaluation_tokens: string;
  stored_byte_hours: string;
  admitted_at: Date;
  final_at: Date;
}

const REACHED = `($2 OR e.organization_id = :organization) AND e.organization_id = $1`;

/** What ended and was final on record by a time, in the order of admission; some thousands of rows are held at a time unless told otherwise. */
export async function* readEndedUsage(
  tx: Transaction,
  { organizationId, from, to, finalUntil, projectId, after, rowsAtATime = ROWS_AT_A_TIME }: EndedUsageQuery,
): AsyncGenerator<EndedUsage> {
  let { admittedAt, id } = after && after.admittedAt >= from ? after : { admittedAt: from, id: '' };
  for (;;) {
    const rows = await tx.query<Row>(
      `SELECT e.id, e.kind, e.source_id, e.api_key_id, e.model, e.project_id, e.family_id, e.base_checkpoint_id, e.method, e.listing_id, e.input_tokens, e.cached_input_tokens,
              e.output_tokens, e.training_tokens, e.evaluation_tokens, e.stored_byte_hours, e.admitted_at, e.final_at
       FROM usage_events e
       WHERE ${REACHED} AND (e.admitted_at, e.id) > ($3, $4) AND e.admitted_at < $5 AND e.final_at <= $6
         AND ($7::text IS NULL OR e.project_id = $7)
       ORDER BY e.admitted_at, e.id LIMIT $8`,
      [organizationId, tx.scope.kind === 'lab', admittedAt, id, to, finalUntil, projectId ?? null, rowsAtATime],
    );
    for (const row of rows) yield toEndedUsage(row);
    const last = rows.at(-1);
    if (!last || rows.length < rowsAtATime) return;
    ({ admitted_at: admittedAt, id } = last);
  }
}

/** The listings by which an organization has used variants of others. */
export async function listingsUsedBy(tx: Transaction, organizationId: string): Promise<string[]> {
  const rows = await tx.query<{ listing_id: string }>(
    `SELECT DISTINCT e.listing_id FROM usage_events e WHERE e.listing_id IS NOT NULL AND ${REACHED}`,
    [organizationId, tx.scope.kind === 'lab'],
  );
  return rows.map(({ listing_id }) => listing_id);
}

/** When the first of the usage that became final after a time did so; null where there is none. */
export async function firstFinalAfter(tx: Transaction, { organizationId, from, to }: UsageSpan, after: Date) {
  const row = await tx.one<{ final_at: Date | null }>(
    `SELECT min(e.final_at) AS final_at FROM usage_events e
     WHERE ${REACHED} AND e.final_at > $3 AND e.admitted_at >= $4 AND e.admitted_at < $5`,
    [organizationId, tx.scope.kind === 'lab', after, from, to],
  );
  return row?.final_at ?? null;
}

/** When the first of the usage of the scope's organization became final after a time, null: ever; null where none did. */
export async function nextFinalAfter(tx: Transaction, after: Date | null): Promise<Date | null> {
  const row = await tx.one<{ final_at: Date | null }>(
    `SELECT min(e.final_at) AS final_at FROM usage_events e
     WHERE e.organization_id = :organization AND e.final_at > coalesce($1::timestamptz, '-infinity')`,
    [after],
  );
  return row?.final_at ?? null;
}

/** When the last of the usage of the scope's organization became final, if that is after a time; null where none did. */
export async function lastFinalAfter(tx: Transaction, after: Date | null): Promise<Date | null> {
  const row = await tx.one<{ final_at: Date | null }>(
    `SELECT max(e.final_at) AS final_at FROM usage_events e
     WHERE e.organization_id = :organization AND ($1::timestamptz IS NULL OR e.final_at > $1)`,
    [after],
  );
  return row?.final_at ?? null;
}

/**
 * Waits until whatever usage of the scope's organization was becoming final is committed, and says whether the database's clock
 * is past a time: then nothing becomes final up to that time any more. In a transaction of its own, since it holds up the intake.
 */
export async function isFinalUntil(tx: Transaction, time: Date): Promise<boolean> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('usage:' || :organization, 0))`);
  const row = await tx.one<{ past: boolean }>("SELECT clock_timestamp() > $1::timestamptz + interval '1 ms' AS past", [
    time,
  ]);
  return row!.past;
}

function toEndedUsage(row: Row): EndedUsage {
  return {
    id: row.id,
    kind: row.kind,
    sourceId: row.source_id,
    apiKeyId: row.api_key_id,
    model: row.model,
    projectId: row.project_id,
    familyId: row.family_id,
    baseCheckpointId: row.base_checkpoint_id,
    method: row.method,
    listingId: row.listing_id,
    inputTokens: BigInt(row.input_tokens),
    cachedInputTokens: BigInt(row.cached_input_tokens),
    outputTokens: BigInt(row.output_tokens),
    trainingTokens: BigInt(row.training_tokens),
    evaluationTokens: BigInt(row.evaluation_tokens),
    storedByteHours: BigInt(row.stored_byte_hours),
    admittedAt: row.admitted_at,
    finalAt: row.final_at,
  };
}
