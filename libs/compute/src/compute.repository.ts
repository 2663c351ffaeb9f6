import type { Removal, WorkCount } from '#libs/contracts';
import type { Transaction } from '#platform/database';
import { attemptStates } from './attempt.state.js';
import { COMPUTE_ERRORS } from './compute.errors.js';
import type { ComputeAttempt, ComputeCheckpoint, ComputeJob } from './compute-job.js';
import { computeJobStates } from './compute-job.state.js';

/** Columns by the names of the fields; the others of the tables are read where they are used. */
const JOB_COLUMNS = {
  id: 'id',
  organizationId: 'organization_id',
  organizationKind: 'organization_kind',
  projectId: 'project_id',
  kind: 'kind',
  ownerId: 'owner_id',
  state: 'state',
  parameters: 'parameters',
  inputs: 'inputs',
  outputPrefix: 'output_prefix',
  limits: 'limits',
  maxAttempts: 'max_attempts',
  attempts: 'attempts',
  failures: 'failures',
  progress: 'progress',
  report: 'report',
  output: 'output',
  error: 'error',
  createdAt: 'created_at',
  queuedAt: 'queued_at',
  availableAt: 'available_at',
  startedAt: 'started_at',
  endedAt: 'ended_at',
} as const satisfies Record<keyof ComputeJob, string>;

const ATTEMPT_COLUMNS = {
  id: 'id',
  organizationId: 'organization_id',
  projectId: 'project_id',
  computeJobId: 'compute_job_id',
  number: 'number',
  state: 'state',
  driver: 'driver',
  resume: 'resume',
  lastEventNumber: 'last_event_number',
  leaseExpiresAt: 'lease_expires_at',
  reported: 'reported',
  reportedAt: 'reported_at',
  stopRequestedAt: 'stop_requested_at',
  signalledAt: 'signalled_at',
  fencedAt: 'fenced_at',
  fenceError: 'fence_error',
  outcome: 'outcome',
  exit: 'exit',
  error: 'error',
  logBytes: 'log_bytes',
  logKey: 'log_key',
  createdAt: 'created_at',
  startedAt: 'started_at',
  endedAt: 'ended_at',
  releasedAt: 'released_at',
} as const satisfies Record<keyof ComputeAttempt, string>;

const select = (columns: Record<string, string>): string =>
  Object.entries(columns)
    .map(([field, column]) => `${column} AS "${field}"`)
    .join(', ');

const JOB = select(JOB_COLUMNS);
const ATTEMPT = select(ATTEMPT_COLUMNS);
/** Who names a job got it from its owner's library; what is not of the scope is not found here either. */
export const OWN = 'organization_id = :organization';

// --- jobs -------------------------------------------------------------------------------------------------------------

export function findJobs(tx: Transaction, ids: readonly string[]): Promise<ComputeJob[]> {
  return tx.query<ComputeJob>(`SELECT ${JOB} FROM compute_jobs WHERE id = ANY ($1) AND ${OWN}`, [ids]);
}

export async function getJob(tx: Transaction, id: string): Promise<ComputeJob> {
  const [job] = await findJobs(tx, [id]);
  if (!job) throw COMPUTE_ERRORS.COMPUTE_JOB_NOT_FOUND({ id });
  return job;
}

/** Every change of a job or of its attempts begins with this lock: then two can't pass each other. */
export async function lockJob(tx: Transaction, id: string): Promise<ComputeJob> {
  const job = await tx.one<ComputeJob>(`SELECT ${JOB} FROM compute_jobs WHERE id = $1 AND ${OWN} FOR UPDATE`, [id]);
  if (!job) throw COMPUTE_ERRORS.COMPUTE_JOB_NOT_FOUND({ id });
  return job;
}

export async function insertJob(tx: Transaction, job: ComputeJob): Promise<void> {
  await insert(tx, 'compute_jobs', JOB_COLUMNS, job);
}

/** Writes changes of a locked job and gives it as it is then. A change of state must be in the table of states. */
export async function changeJob(tx: Transaction, job: ComputeJob, changes: Partial<ComputeJob>): Promise<ComputeJob> {
  if (changes.state && changes.state !== job.state) computeJobStates.assert(job.state, changes.state);
  await update(tx, 'compute_jobs', JOB_COLUMNS, job.id, changes);
  return { ...job, ...changes };
}

/** What still says nothing of being removed, of jobs that were submitted before. */
const LEFT_BEFORE = `j.organization_id = :organization AND j.created_at < $1 AND j.removal IS NULL`;

/** Of those the next that left nothing running, and whose files nobody reads: `read` are keys of files that somebody does. */
export function erasableJobs(
  tx: Transaction,
  { before, read, limit }: { before: Date; read: readonly string[]; limit: number },
): Promise<Array<{ id: string; outputPrefix: string }>> {
  return tx.query(
    `SELECT j.id, j.output_prefix AS "outputPrefix" FROM compute_jobs j
     WHERE ${LEFT_BEFORE} AND j.swept_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM compute_attempts a WHERE a.compute_job_id = j.id AND a.organization_id = :organization AND a.released_at IS NULL)
       AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS read(key) WHERE starts_with(read.key, j.output_prefix))
     ORDER BY j.id LIMIT $3`,
    [before, [...read], limit],
  );
}

export async function areJobsLeftBefore(tx: Transaction, before: Date): Promise<boolean> {
  return (await tx.one(`SELECT j.id FROM compute_jobs j WHERE ${LEFT_BEFORE} LIMIT 1`, [before])) !== null;
}

export async function markJobsRemoved(tx: Transaction, ids: readonly string[], removal: Removal): Promise<void> {
  await tx.query(`UPDATE compute_jobs SET removal = $2 WHERE id = ANY ($1) AND ${OWN}`, [
    [...ids],
    JSON.stringify(removal),
  ]);
}

/** By the job's owner, of those jobs whose files a clause removed. */
export async function removalsOf(tx: Transaction, jobIds: readonly string[]): Promise<Map<string, Removal>> {
  const rows = await tx.query<{ owner_id: string; removal: Removal }>(
    `SELECT owner_id, removal FROM compute_jobs WHERE id = ANY ($1) AND ${OWN} AND removal IS NOT NULL`,
    [jobIds],
  );
  return new Map(rows.map(({ owner_id, removal }) => [owner_id, removal]));
}

// --- attempts ---------------------------------------------------------------------------------------------------------

/** Of all these jobs, each job's in the order they ran. */
export function findAttempts(tx: Transaction, jobIds: readonly string[]): Promise<ComputeAttempt[]> {
  return tx.query<ComputeAttempt>(
    `SELECT ${ATTEMPT} FROM compute_attempts WHERE compute_job_id = ANY ($1) AND ${OWN} ORDER BY number`,
    [jobIds],
  );
}

export function findAttempt(tx: Transaction, jobId: string, number: number): Promise<ComputeAttempt | null> {
  return tx.one<ComputeAttempt>(
    `SELECT ${ATTEMPT} FROM compute_attempts WHERE compute_job_id = $1 AND ${OWN} AND number = $2`,
    [jobId, number],
  );
}

/** The attempt that is not over, of a job that is locked. */
export function findLiveAttempt(tx: Transaction, jobId: string): Promise<ComputeAttempt | null> {
  return tx.one<ComputeAttempt>(
    `SELECT ${ATTEMPT} FROM compute_attempts WHERE compute_job_id = $1 AND ${OWN} AND state <> 'ended' FOR UPDATE`,
    [jobId],
  );
}

export async function insertAttempt(tx: Transaction, attempt: ComputeAttempt, tokenSha256: string): Promise<void> {
  await insert(
    tx,
    'compute_attempts',
    { ...ATTEMPT_COLUMNS, tokenSha256: 'token_sha256' },
    { ...attempt, tokenSha256 },
  );
}

export async function changeAttempt(
  tx: Transaction,
  attempt: ComputeAttempt,
  changes: Partial<ComputeAttempt>,
): Promise<ComputeAttempt> {
  if (changes.state && changes.state !== attempt.state) attemptStates.assert(attempt.state, changes.state);
  await update(tx, 'compute_attempts', ATTEMPT_COLUMNS, attempt.id, changes);
  return { ...attempt, ...changes };
}

// --- checkpoints ------------------------------------------------------------------------------------------------------

/** Newest first. */
export function findCheckpoints(tx: Transaction, jobId: string): Promise<ComputeCheckpoint[]> {
  return tx.query<ComputeCheckpoint>(
    `SELECT attempt, step, folder, state FROM compute_checkpoints WHERE compute_job_id = $1 AND ${OWN}
     ORDER BY step DESC, attempt DESC`,
    [jobId],
  );
}

export async function insertCheckpoint(
  tx: Transaction,
  jobId: string,
  checkpoint: ComputeCheckpoint & { createdAt: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO compute_checkpoints (organization_id, compute_job_id, attempt, step, folder, state, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [
      tx.scope.organizationId,
      jobId,
      checkpoint.attempt,
      checkpoint.step,
      JSON.stringify(checkpoint.folder),
      checkpoint.state,
      checkpoint.createdAt,
    ],
  );
}

export async function markCheckpoint(
  tx: Transaction,
  jobId: string,
  { attempt, step }: { attempt: number; step: number },
  state: 'whole' | 'broken',
): Promise<void> {
  await tx.query(
    `UPDATE compute_checkpoints SET state = $4 WHERE compute_job_id = $1 AND ${OWN} AND attempt = $2 AND step = $3`,
    [jobId, attempt, step, state],
  );
}

// --- rows by field names ----------------------------------------------------------------------------------------------

async function insert(tx: Transaction, table: string, columns: Record<string, string>, values: object): Promise<void> {
  const entries = Object.entries(values).map(([field, value]) => [columns[field], parameter(value)] as const);
  const places = entries.map((_, position) => `$${position + 1}`);
  await tx.query(
    `INSERT INTO ${table} (${entries.map(([column]) => column).join(', ')}) VALUES (${places.join(', ')})`,
    entries.map(([, value]) => value),
  );
}

async function update(
  tx: Transaction,
  table: string,
  columns: Record<string, string>,
  id: string,
  changes: object,
): Promise<void> {
  const entries = Object.entries(changes);
  if (entries.length === 0) return;
  const assignments = entries.map(([field], position) => `${columns[field]} = $${position + 2}`);
  await tx.query(`UPDATE ${table} SET ${assignments.join(', ')} WHERE id = $1 AND ${OWN}`, [
    id,
    ...entries.map(([, value]) => parameter(value)),
  ]);
}

/** pg writes arrays as PostgreSQL arrays; every structured column here is jsonb. */
function parameter(value: unknown): unknown {
  return value !== null && typeof value === 'object' && !(value instanceof Date) ? JSON.stringify(value) : value;
}

/** Jobs of a partner that have not ended, by their kind. For the lab. */
export function countRunningJobs(tx: Transaction, organizationId: string): Promise<WorkCount[]> {
  return tx.query('SELECT kind AS what, jobs AS count FROM running_jobs_of($1)', [organizationId]);
}
