import type { Transaction } from '#platform/database';

const ROWS_AT_A_TIME = 5_000;

/** Of an organization: the scope's own, or any for the lab. */
export interface UsageSpan {
  organizationId: string;
  /** Inclusive, by the time of admission. */
  from: Date;
  /** Exclusive. */
  to: Date;
}

/** One request or job that has ended, with all that it used. */
export interface EndedUsage {
  id: string;
  projectId: string;
  familyId: string;
  baseCheckpointId: string;
  /** How it was trained; null for what is no training. */
  method: string | null;
  inputTokens: bigint;
  outputTokens: bigint;
  trainingTokens: bigint;
  evaluationTokens: bigint;
  admittedAt: Date;
  /** When its end came on record. */
  finalAt: Date;
}

interface Row {
  id: string;
  project_id: string;
  family_id: string;
  base_checkpoint_id: string;
  method: string | null;
  input_tokens: string;
  output_tokens: string;
  training_tokens: string;
  evaluation_tokens: string;
  admitted_at: Date;
  final_at: Date;
}

const REACHED = `($2 OR e.organization_id = :organization) AND e.organization_id = $1`;

/** What ended and was final on record by a time, in the order of admission; some thousands of rows are held at a time. */
export async function* readEndedUsage(
  tx: Transaction,
  span: UsageSpan & { finalUntil: Date },
): AsyncGenerator<EndedUsage> {
  const { organizationId, from, to, finalUntil } = span;
  let [admittedAt, id] = [from, ''];
  for (;;) {
    const rows = await tx.query<Row>(
      `SELECT e.id, e.project_id, e.family_id, e.base_checkpoint_id, e.method, e.input_tokens, e.output_tokens,
              e.training_tokens, e.evaluation_tokens, e.admitted_at, e.final_at
       FROM usage_events e
       WHERE ${REACHED} AND (e.admitted_at, e.id) > ($3, $4) AND e.admitted_at < $5 AND e.final_at <= $6
       ORDER BY e.admitted_at, e.id LIMIT ${ROWS_AT_A_TIME}`,
      [organizationId, tx.scope.kind === 'lab', admittedAt, id, to, finalUntil],
    );
    for (const row of rows) yield toEndedUsage(row);
    const last = rows.at(-1);
    if (!last || rows.length < ROWS_AT_A_TIME) return;
    [admittedAt, id] = [last.admitted_at, last.id];
  }
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
    projectId: row.project_id,
    familyId: row.family_id,
    baseCheckpointId: row.base_checkpoint_id,
    method: row.method,
    inputTokens: BigInt(row.input_tokens),
    outputTokens: BigInt(row.output_tokens),
    trainingTokens: BigInt(row.training_tokens),
    evaluationTokens: BigInt(row.evaluation_tokens),
    admittedAt: row.admitted_at,
    finalAt: row.final_at,
  };
}
