import { Injectable } from '@nestjs/common';
import type { Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { COMPUTE_ERRORS } from './compute.errors.js';
import { findAttempt, findAttempts } from './compute.repository.js';
import type { ComputeAttempt } from './compute-job.js';

/** One line of what happened to a job. Metrics take numbers of the same sequence. */
export interface ComputeEvent {
  id: string;
  sequence: number;
  /** Null when it is about the job rather than one of its attempts. */
  attempt: number | null;
  type: 'state' | 'log' | 'checkpoint' | 'report';
  level: 'info' | 'warn' | 'error';
  message: string;
  data: unknown;
  createdAt: Date;
}

export interface ComputeMetric {
  name: string;
  step: number;
  value: number;
  epoch: number | null;
  attempt: number;
  sequence: number;
  createdAt: Date;
}

export interface LogChunk {
  attempt: number;
  /** In bytes from the start of the attempt's log. */
  offset: number;
  nextOffset: number;
  text: string;
  /** Nothing follows, now or later. */
  complete: boolean;
}

/** Of what is there: those after a number, oldest first. */
export interface HistoryRange {
  after?: number;
  limit?: number;
}

export interface LogRange {
  attempt: number;
  offset?: number;
  limitBytes?: number;
}

const DEFAULT_LIMIT = 1000;
const DEFAULT_LOG_BYTES = 65_536;
const LARGEST_LOG_BYTES = 1_048_576;

/** What a job and its attempts told, for whoever may see the job. */
@Injectable()
export class ComputeHistory {
  constructor(private readonly store: ObjectStore) {}

  events(
    tx: Transaction,
    jobId: string,
    { after = 0, limit = DEFAULT_LIMIT }: HistoryRange = {},
  ): Promise<ComputeEvent[]> {
    return tx.query<ComputeEvent>(
      `SELECT ${EVENT} FROM compute_events WHERE compute_job_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
      [jobId, after, limit],
    );
  }

  /** Newest first: those before the event `before`, or the newest ones. */
  eventsBefore(tx: Transaction, jobId: string, before: string | null, limit: number): Promise<ComputeEvent[]> {
    return tx.query<ComputeEvent>(
      `SELECT ${EVENT} FROM compute_events WHERE compute_job_id = $1
         AND ($2::text IS NULL OR sequence < (SELECT sequence FROM compute_events WHERE compute_job_id = $1 AND id = $2))
       ORDER BY sequence DESC LIMIT $3`,
      [jobId, before, limit],
    );
  }

  /** Rows in the order they came about, so that a follower sees replaced steps again. */
  metrics(
    tx: Transaction,
    jobId: string,
    { after = 0, limit = DEFAULT_LIMIT }: HistoryRange = {},
  ): Promise<ComputeMetric[]> {
    return tx.query<ComputeMetric>(
      `SELECT ${METRIC} FROM compute_metrics WHERE compute_job_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
      [jobId, after, limit],
    );
  }

  /** Whole curves, by step. */
  series(tx: Transaction, jobId: string, names?: readonly string[]): Promise<ComputeMetric[]> {
    return tx.query<ComputeMetric>(
      `SELECT ${METRIC} FROM compute_metrics WHERE compute_job_id = $1 AND ($2::text[] IS NULL OR name = ANY ($2))
       ORDER BY name, step`,
      [jobId, names ?? null],
    );
  }

  attempts(tx: Transaction, jobId: string): Promise<ComputeAttempt[]> {
    return findAttempts(tx, jobId);
  }

  /** A piece of an attempt's output. Once the attempt is over its log lies in the object store: read then outside the transaction. */
  async log(
    read: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
    jobId: string,
    { attempt: number, offset = 0, limitBytes = DEFAULT_LOG_BYTES }: LogRange,
  ): Promise<LogChunk | null> {
    if (!Number.isInteger(offset) || offset < 0) throw COMPUTE_ERRORS.LOG_RANGE();
    const limit = Math.min(Math.max(limitBytes, 4), LARGEST_LOG_BYTES);
    const found = await read(async (tx) => {
      const attempt = await findAttempt(tx, jobId, number);
      if (!attempt) return null;
      const bytes = attempt.logKey ? Buffer.alloc(0) : await readChunks(tx, attempt, offset, limit);
      return { attempt, bytes };
    });
    if (!found) return null;
    const { attempt } = found;
    const bytes = attempt.logKey ? await this.readArchive(attempt, attempt.logKey, offset, limit) : found.bytes;
    const atEnd = attempt.releasedAt !== null && offset + bytes.length >= attempt.logBytes;
    const text = atEnd ? bytes : wholeCharacters(bytes);
    return {
      attempt: number,
      offset,
      nextOffset: offset + text.length,
      text: text.toString('utf8'),
      complete: atEnd,
    };
  }

  private async readArchive(attempt: ComputeAttempt, key: string, offset: number, limit: number): Promise<Buffer> {
    if (offset >= attempt.logBytes) return Buffer.alloc(0);
    const end = Math.min(offset + limit, attempt.logBytes) - 1;
    const chunks: Buffer[] = [];
    for await (const chunk of await this.store.getStream(key, { range: { start: offset, end } })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}

const EVENT = 'id, sequence, attempt, type, level, message, data, created_at AS "createdAt"';
const METRIC = 'name, step, value, epoch, attempt, sequence, created_at AS "createdAt"';

async function readChunks(tx: Transaction, attempt: ComputeAttempt, offset: number, limit: number): Promise<Buffer> {
  const rows = await tx.query<{ byte_offset: number; bytes: Buffer }>(
    `SELECT byte_offset, bytes FROM compute_log_chunks
     WHERE attempt_id = $1 AND byte_offset + length(bytes) > $2 AND byte_offset < $3 ORDER BY byte_offset`,
    [attempt.id, offset, offset + limit],
  );
  const first = rows[0];
  if (!first) return Buffer.alloc(0);
  return Buffer.concat(rows.map((row) => row.bytes))
    .subarray(offset - first.byte_offset)
    .subarray(0, limit);
}

/** Cuts a character off that has not arrived whole: it comes with the next piece. */
export function wholeCharacters(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}
