import { Injectable } from '@nestjs/common';
import { contentRemoved } from '#libs/contracts';
import type { Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { COMPUTE_ERRORS } from './compute.errors.js';
import { findAttempts, OWN, removalsOf } from './compute.repository.js';
import type { ComputeAttempt } from './compute-job.js';
import { type ComputeCurves, type ComputeMetric, type CurveRange, readCurves, readSeries } from './curves.js';

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

  /** By job, in their order. */
  events(tx: Transaction, jobIds: readonly string[], range?: HistoryRange): Promise<ComputeEvent[][]> {
    return slices<ComputeEvent>(tx, { table: 'compute_events', columns: EVENT }, jobIds, range);
  }

  /** Newest first: those before the event `before`, or the newest ones. */
  eventsBefore(tx: Transaction, jobId: string, before: string | null, limit: number): Promise<ComputeEvent[]> {
    return tx.query<ComputeEvent>(
      `SELECT ${EVENT} FROM compute_events WHERE compute_job_id = $1 AND ${OWN}
         AND ($2::text IS NULL OR sequence < (
           SELECT sequence FROM compute_events WHERE compute_job_id = $1 AND ${OWN} AND id = $2))
       ORDER BY sequence DESC LIMIT $3`,
      [jobId, before, limit],
    );
  }

  /** By job; rows in the order they came about, so that a follower sees replaced steps again. */
  metrics(tx: Transaction, jobIds: readonly string[], range?: HistoryRange): Promise<ComputeMetric[][]> {
    return slices<ComputeMetric>(tx, { table: 'compute_metrics', columns: METRIC }, jobIds, range);
  }

  /** Curves by job, name and step: every point, or those that `buckets` leaves of them. */
  async series(tx: Transaction, jobIds: readonly string[], range: CurveRange = {}): Promise<ComputeMetric[][]> {
    return byJob(await readSeries(tx, jobIds, range), jobIds);
  }

  /** By job, curves to draw: as many points as are seen, without what else is known of each. */
  curves(tx: Transaction, jobIds: readonly string[], range: CurveRange): Promise<Array<ComputeCurves | null>> {
    return readCurves(tx, jobIds, range);
  }

  /** By job, in the order they ran. */
  async attempts(tx: Transaction, jobIds: readonly string[]): Promise<ComputeAttempt[][]> {
    const attempts = Map.groupBy(await findAttempts(tx, jobIds), ({ computeJobId }) => computeJobId);
    return jobIds.map((id) => attempts.get(id) ?? []);
  }

  /**
   * By job, a piece of an attempt's output; null where there is no such attempt. Once the attempt is over its log lies in
   * the object store: read then outside the transaction.
   */
  async logs(
    read: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>,
    jobIds: readonly string[],
    { attempt: number, offset = 0, limitBytes = DEFAULT_LOG_BYTES }: LogRange,
  ): Promise<Array<LogChunk | null>> {
    if (!Number.isInteger(offset) || offset < 0) throw COMPUTE_ERRORS.LOG_RANGE();
    const limit = Math.min(Math.max(limitBytes, 4), LARGEST_LOG_BYTES);
    const { attempts, live } = await read(async (tx) => {
      for (const [ownerId, removal] of await removalsOf(tx, jobIds)) throw contentRemoved(ownerId, removal);
      const attempts = (await findAttempts(tx, jobIds)).filter((attempt) => attempt.number === number);
      return {
        attempts,
        live: await readChunks(
          tx,
          attempts.filter(({ logKey }) => !logKey),
          offset,
          limit,
        ),
      };
    });
    const chunkOf = async (jobId: string): Promise<LogChunk | null> => {
      const attempt = attempts.find(({ computeJobId }) => computeJobId === jobId);
      if (!attempt) return null;
      const bytes = attempt.logKey
        ? await this.readArchive(attempt, attempt.logKey, offset, limit)
        : (live.get(attempt.id) ?? Buffer.alloc(0));
      const atEnd = attempt.releasedAt !== null && offset + bytes.length >= attempt.logBytes;
      const text = atEnd ? bytes : wholeCharacters(bytes);
      return {
        attempt: number,
        offset,
        nextOffset: offset + text.length,
        text: text.toString('utf8'),
        complete: atEnd,
      };
    };
    return Promise.all(jobIds.map(chunkOf));
  }

  private async readArchive(attempt: ComputeAttempt, key: string, offset: number, limit: number): Promise<Buffer> {
    if (offset >= attempt.logBytes) return Buffer.alloc(0);
    const end = Math.min(offset + limit, attempt.logBytes) - 1;
    const chunks: Buffer[] = [];
    for await (const chunk of await this.store.getStream(key, { range: { start: offset, end } })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}

type OfJob<Row> = Row & { compute_job_id: string };

/** Of each job the rows after a number, in one statement for all of them. */
async function slices<Row>(
  tx: Transaction,
  { table, columns }: { table: string; columns: string },
  jobIds: readonly string[],
  { after = 0, limit = DEFAULT_LIMIT }: HistoryRange = {},
): Promise<Row[][]> {
  const rows = await tx.query<OfJob<Row>>(
    `SELECT slice.* FROM unnest($1::text[]) AS job (id) CROSS JOIN LATERAL (
       SELECT compute_job_id, ${columns} FROM ${table}
       WHERE compute_job_id = job.id AND ${OWN} AND sequence > $2 ORDER BY sequence LIMIT $3) AS slice
     ORDER BY compute_job_id, sequence`,
    [jobIds, after, limit],
  );
  return byJob(rows, jobIds);
}

function byJob<Row>(rows: ReadonlyArray<OfJob<Row>>, jobIds: readonly string[]): Row[][] {
  const jobs = new Map<string, Row[]>(jobIds.map((id) => [id, []]));
  for (const { compute_job_id: id, ...row } of rows) jobs.get(id)!.push(row as Row);
  return jobIds.map((id) => jobs.get(id)!);
}

const EVENT = 'id, sequence, attempt, type, level, message, data, created_at AS "createdAt"';
const METRIC = 'name, step, value, epoch, attempt, sequence, created_at AS "createdAt"';

/** By attempt, what of its log lies in the database. */
async function readChunks(
  tx: Transaction,
  attempts: readonly ComputeAttempt[],
  offset: number,
  limit: number,
): Promise<Map<string, Buffer>> {
  if (attempts.length === 0) return new Map();
  const rows = await tx.query<{ attempt_id: string; byte_offset: number; bytes: Buffer }>(
    `SELECT attempt_id, byte_offset, bytes FROM compute_log_chunks
     WHERE attempt_id = ANY ($1) AND ${OWN} AND byte_offset + length(bytes) > $2 AND byte_offset < $3 ORDER BY byte_offset`,
    [attempts.map(({ id }) => id), offset, offset + limit],
  );
  const logs = new Map<string, Buffer>();
  for (const [id, chunks] of Map.groupBy(rows, (row) => row.attempt_id)) {
    const from = offset - chunks[0]!.byte_offset;
    logs.set(id, Buffer.concat(chunks.map(({ bytes }) => bytes)).subarray(from, from + limit));
  }
  return logs;
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
