import { type DeletableVariant, type HoldRow, holdsOf, IS_SEEN, type VariantHold } from '#libs/catalog';
import type { Removal } from '#libs/contracts';
import { inScope, type Transaction } from '#platform/database';
import { type ConnectionArgs, type PageQuery, paginate, paginateMany } from '#platform/graphql';
import { type FineTuneJob, type FineTuneJobRow, toFineTuneJob } from './fine-tune-job.js';
import { type FineTuneState, fineTuneJobStates } from './fine-tune-job.state.js';
import { OVERHEAD_SECONDS } from './plan.js';

/** Columns that change in a job's life. */
export type JobChange = Partial<
  Pick<
    FineTuneJobRow,
    | 'status'
    | 'preparation_id'
    | 'compute_job_id'
    | 'reservation_id'
    | 'output_checkpoint_id'
    | 'output_name'
    | 'result_file_id'
    | 'planned_steps'
    | 'currency'
    | 'estimated_seconds'
    | 'recorded_training_seconds'
    | 'error_code'
    | 'error_message'
    | 'error_param'
    | 'started_at'
    | 'finished_at'
    | 'estimated_finish_at'
  >
> & { recipe?: string; planned_tokens?: number; quoted_nanos?: string; cost_nanos?: string; trained_tokens?: number };

export interface JobFilter {
  projectId?: string;
  status?: readonly FineTuneState[];
  parentCheckpointId?: string;
  /** Every pair must be there; null: none is. */
  metadata?: Record<string, string> | null;
}

export async function insertJob(tx: Transaction, row: Record<string, unknown>): Promise<FineTuneJob> {
  const names = Object.keys(row);
  const values = names.map((_, position) => `$${position + 1}`);
  const [inserted] = await tx.query<FineTuneJobRow>(
    `INSERT INTO fine_tune_jobs (${names.join(', ')}) VALUES (${values.join(', ')}) RETURNING *`,
    Object.values(row),
  );
  return toFineTuneJob(inserted as FineTuneJobRow);
}

export async function findJobs(tx: Transaction, ids: readonly string[]): Promise<FineTuneJob[]> {
  const rows = await tx.query<FineTuneJobRow>(`SELECT * FROM fine_tune_jobs j WHERE id = ANY($1) AND ${inScope('j')}`, [
    [...ids],
  ]);
  return rows.map(toFineTuneJob);
}

/** Holds the job until the transaction ends, so that two who move it take turns. */
export async function lockJob(tx: Transaction, id: string): Promise<FineTuneJob | null> {
  const row = await tx.one<FineTuneJobRow>(
    `SELECT * FROM fine_tune_jobs j WHERE id = $1 AND ${inScope('j')} FOR UPDATE`,
    [id],
  );
  return row && toFineTuneJob(row);
}

export async function changeJob(tx: Transaction, job: FineTuneJob, change: JobChange): Promise<FineTuneJob> {
  if (change.status && change.status !== job.status) fineTuneJobStates.assert(job.status, change.status);
  const names = Object.keys(change);
  const assignments = names.map((name, position) => `${name} = $${position + 2}`).join(', ');
  const row = await tx.one<FineTuneJobRow>(
    `UPDATE fine_tune_jobs SET ${assignments} WHERE id = $1 AND organization_id = :organization RETURNING *`,
    [job.id, ...Object.values(change)],
  );
  return toFineTuneJob(row as FineTuneJobRow);
}

/** Asked for before, and not over. */
export async function liveJobsBefore(tx: Transaction, before: Date): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM fine_tune_jobs WHERE organization_id = :organization AND created_at < $1 AND NOT status = ANY($2) ORDER BY id`,
    [before, fineTuneJobStates.terminal],
  );
  return rows.map(({ id }) => id);
}

/** Jobs that are not over and begin from a variant, or made it and may go on from it after an interruption. */
export async function holdsOfJobs(
  tx: Transaction,
  { checkpointId, fineTuneJobId }: DeletableVariant,
): Promise<VariantHold[]> {
  const rows = await tx.query<HoldRow>(
    `SELECT j.id, NULL AS name, ${IS_SEEN('j')} FROM fine_tune_jobs j
     WHERE j.organization_id = :organization AND (j.parent_checkpoint_id = $1 OR j.id = $2) AND NOT j.status = ANY($3)
     ORDER BY j.id`,
    [checkpointId, fineTuneJobId, fineTuneJobStates.terminal],
  );
  return holdsOf('fine_tune_job', rows);
}

/** The next of those asked for before that are over: nothing they made is registered any more. */
export async function markJobsRemoved(
  tx: Transaction,
  { before, removal, limit }: { before: Date; removal: Removal; limit: number },
): Promise<Array<{ id: string; resultFileId: string | null }>> {
  return tx.query(
    `UPDATE fine_tune_jobs SET removal = $3 WHERE organization_id = :organization AND id IN (
       SELECT id FROM fine_tune_jobs WHERE organization_id = :organization AND created_at < $1 AND removal IS NULL
         AND status = ANY($2) ORDER BY id LIMIT $4 FOR UPDATE) RETURNING id, result_file_id AS "resultFileId"`,
    [before, fineTuneJobStates.terminal, JSON.stringify(removal), limit],
  );
}

export async function jobsWaitingFor(tx: Transaction, preparationId: string): Promise<FineTuneJob[]> {
  const rows = await tx.query<FineTuneJobRow>(
    `SELECT * FROM fine_tune_jobs
     WHERE preparation_id = $1 AND organization_id = :organization AND status = 'validating_files' ORDER BY id FOR UPDATE`,
    [preparationId],
  );
  return rows.map(toFineTuneJob);
}

/** Equal requests of one caller take turns until the transaction ends: the second finds the first one's job. */
export async function lockRequest(tx: Transaction, createdBy: string, requestSha256: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${createdBy} ${requestSha256}`]);
}

/** The job that an equal request of the same caller made since `since`, if any. */
export async function findRepeated(
  tx: Transaction,
  createdBy: string,
  requestSha256: string,
  since: Date,
): Promise<FineTuneJob | null> {
  const row = await tx.one<FineTuneJobRow>(
    `SELECT * FROM fine_tune_jobs WHERE created_by = $1 AND organization_id = :organization AND request_sha256 = $2
       AND created_at >= $3 ORDER BY id DESC LIMIT 1`,
    [createdBy, requestSha256, since],
  );
  return row && toFineTuneJob(row);
}

/** Tokens a second that finished jobs of a family, whose models are of one shape, reached lately, start-up aside: what the next quote estimates from. */
export async function measuredTokensPerSecond(tx: Transaction, familyId: string): Promise<number | null> {
  const row = await tx.one<{ rate: string | null }>(
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY rate) AS rate FROM (
       SELECT trained_tokens / greatest(extract(epoch FROM finished_at - started_at) - $2, 1) AS rate FROM fine_tune_jobs
       WHERE family_id = $1 AND organization_id = :organization AND status = 'succeeded' ORDER BY finished_at DESC LIMIT 5) recent`,
    [familyId, OVERHEAD_SECONDS],
  );
  return row?.rate ? Number(row.rate) : null;
}

function pageOfJobs(filter: JobFilter, args: ConnectionArgs): PageQuery<FineTuneJobRow, FineTuneJob> {
  const parameters: unknown[] = [];
  const where = [inScope('j')];
  const bind = (value: unknown) => `$${parameters.push(value)}`;
  if (filter.projectId) where.push(`j.project_id = ${bind(filter.projectId)}`);
  if (filter.status?.length) where.push(`j.status = ANY(${bind([...filter.status])})`);
  if (filter.parentCheckpointId) where.push(`j.parent_checkpoint_id = ${bind(filter.parentCheckpointId)}`);
  if (filter.metadata === null) where.push(`j.metadata = '{}'`);
  if (filter.metadata) where.push(`j.metadata @> ${bind(JSON.stringify(filter.metadata))}::jsonb`);
  const orderBy = [
    { column: 'j.created_at', type: 'timestamptz' },
    { column: 'j.id', type: 'text' },
  ] as const;
  return { from: 'fine_tune_jobs j', columns: 'j.*', where, parameters, orderBy, args, map: toFineTuneJob };
}

export function listJobs(tx: Transaction, filter: JobFilter, args: ConnectionArgs) {
  return paginate(tx, pageOfJobs(filter, args));
}

/** Jobs begun from each of several checkpoints. */
export function listJobsFrom(tx: Transaction, checkpointIds: readonly string[], args: ConnectionArgs) {
  return paginateMany(tx, checkpointIds, 'j.parent_checkpoint_id', pageOfJobs({}, args));
}

/** OpenAI's pages: newest first, those after the job with the id `after`. */
export async function listJobsAfter(
  tx: Transaction,
  filter: JobFilter,
  after: string | null,
  limit: number,
): Promise<FineTuneJob[]> {
  const page = pageOfJobs(filter, {});
  const conditions = [...(page.where ?? [])];
  const parameters = [...(page.parameters ?? [])];
  if (after)
    conditions.push(
      `(j.created_at, j.id) < (SELECT a.created_at, a.id FROM fine_tune_jobs a WHERE a.id = $${parameters.push(after)} AND ${inScope('a')})`,
    );
  const rows = await tx.query<FineTuneJobRow>(
    `SELECT j.* FROM fine_tune_jobs j WHERE ${conditions.map((condition) => `(${condition})`).join(' AND ')} ORDER BY j.created_at DESC, j.id DESC LIMIT $${parameters.push(limit)}`,
    parameters,
  );
  return rows.map(toFineTuneJob);
}
