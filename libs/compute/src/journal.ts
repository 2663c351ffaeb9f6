import { newId } from '#libs/kernel';
import type { ComputeError } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { drawSpans } from './metric-spans.js';

export interface NewEvent {
  attempt: number | null;
  type: 'state' | 'log' | 'checkpoint' | 'report';
  level?: 'info' | 'warn' | 'error';
  message: string;
  data?: unknown;
}

export interface NewMetric {
  name: string;
  step: number;
  value: number;
  epoch?: number;
}

/** Followers of a job listen to this channel; the payload is the job's id and tells nothing else. */
export const COMPUTE_CHANNEL = 'compute_events';

/**
 * Appends to a locked job's history. Events and metrics share one sequence of numbers per job, so that a follower who has
 * read up to a number misses nothing. A metric whose step was run before is replaced, under a new number.
 */
export async function appendHistory(
  tx: Transaction,
  jobId: string,
  at: Date,
  { events = [], metrics = [], attempt }: { events?: NewEvent[]; metrics?: NewMetric[]; attempt?: number },
): Promise<void> {
  // Of rows that name the same step twice in one batch, the last counts.
  const rows = [...new Map(metrics.map((metric) => [`${metric.name} ${metric.step}`, metric])).values()];
  const count = events.length + rows.length;
  if (count === 0) return;
  const [numbers] = await tx.query<{ last: number }>(
    `UPDATE compute_jobs SET sequence = sequence + $2 WHERE id = $1 AND organization_id = :organization
     RETURNING sequence AS last`,
    [jobId, count],
  );
  const first = numbers!.last - count + 1;
  if (events.length > 0) await insertEvents(tx, jobId, at, first, events);
  if (rows.length > 0) {
    await upsertMetrics(tx, jobId, at, first + events.length, rows, attempt ?? 0);
    await drawSpans(tx, jobId, rows);
  }
  await notifyFollowers(tx, jobId);
}

/** For what is not in the history: progress. */
export async function notifyFollowers(tx: Transaction, jobId: string): Promise<void> {
  await tx.query('SELECT pg_notify($1, $2)', [COMPUTE_CHANNEL, jobId]);
}

async function insertEvents(
  tx: Transaction,
  jobId: string,
  at: Date,
  first: number,
  events: NewEvent[],
): Promise<void> {
  const rows = events.map((event, position) => ({
    level: 'info',
    ...event,
    id: newId('evt'),
    sequence: first + position,
  }));
  await tx.query(
    `INSERT INTO compute_events (organization_id, compute_job_id, sequence, id, attempt, type, level, message, data, created_at)
     SELECT $1, $2, e.sequence, e.id, e.attempt, e.type, e.level, e.message, e.data, $3
     FROM jsonb_to_recordset($4::jsonb) AS e(sequence int, id text, attempt int, type text, level text, message text, data jsonb)`,
    [tx.scope.organizationId, jobId, at, JSON.stringify(rows)],
  );
}

async function upsertMetrics(
  tx: Transaction,
  jobId: string,
  at: Date,
  first: number,
  metrics: NewMetric[],
  attempt: number,
): Promise<void> {
  const rows = metrics.map((metric, position) => ({ ...metric, sequence: first + position }));
  await tx.query(
    `INSERT INTO compute_metrics (organization_id, compute_job_id, name, step, value, epoch, attempt, sequence, created_at)
     SELECT $1, $2, m.name, m.step, m.value, m.epoch, $3, m.sequence, $4
     FROM jsonb_to_recordset($5::jsonb) AS m(name text, step int, value float8, epoch float8, sequence int)
     ON CONFLICT (compute_job_id, name, step) DO UPDATE
       SET value = excluded.value, epoch = excluded.epoch, attempt = excluded.attempt, sequence = excluded.sequence,
           created_at = excluded.created_at
       WHERE compute_metrics.organization_id = :organization`,
    [tx.scope.organizationId, jobId, attempt, at, JSON.stringify(rows)],
  );
}

/** An error as one line of a history. */
export const errorText = (error: ComputeError): string => `${error.message} (${error.code}) ${error.fix}`.trim();
