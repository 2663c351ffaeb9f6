import { type DeletableVariant, type HoldRow, holdsOf, IS_SEEN, type VariantHold } from '#libs/catalog';
import type { Removal } from '#libs/contracts';
import type { EvaluationMetric, EvaluationResult } from '#libs/messages';
import { inScope, type Transaction } from '#platform/database';
import { type ConnectionArgs, type PageQuery, paginate, paginateMany } from '#platform/graphql';
import { type Comparison, higherIsBetter, signTest } from './comparison.js';
import { type EvaluationRun, type RunResult, withoutNull } from './run.js';
import { type EvaluationRunStatus, evaluationRunStates } from './run.state.js';
import type { EvaluationSuite, SuiteProblem } from './suite.js';

const SUITE_COLUMNS = `s.id, s.project_id AS "projectId", s.name, s.description, s.metric,
  s.max_new_tokens AS "maxNewTokens", s.source, s.status, s.problem, s.object_key AS "objectKey",
  s.row_count AS "rowCount", s.bytes::float8 AS bytes, s.sha256, s.created_at AS "createdAt", s.created_by AS "createdBy",
  s.removal`;

const RUN_COLUMNS = `r.id, r.project_id AS "projectId", r.suite_id AS "suiteId", r.checkpoint_id AS "checkpointId",
  r.checkpoint_name AS "checkpointName", r.base_checkpoint_id AS "baseCheckpointId", r.family_id AS "familyId", r.status,
  r.compute_job_id AS "computeJobId", r.summary, r.output, r.error, r.evaluation_tokens::float8 AS "evaluationTokens",
  r.cost_nanos AS "costNanos", r.currency, r.created_at AS "createdAt", r.created_by AS "createdBy", r.started_at AS "startedAt",
  r.ended_at AS "endedAt", r.removal`;

const RESULT_COLUMNS = `e.example, e.prompt, e.expected, e.output, e.score, e.loss, e.expected_tokens AS "expectedTokens",
  e.output_tokens AS "outputTokens", e.cut`;

type RunRow = Omit<EvaluationRun, 'costNanos'> & { costNanos: string | null };

const toRun = (row: RunRow): EvaluationRun => ({
  ...row,
  costNanos: row.costNanos === null ? null : BigInt(row.costNanos),
});

const newestFirst = (alias: string) =>
  [
    { column: `${alias}.created_at`, type: 'timestamptz' },
    { column: `${alias}.id`, type: 'text' },
  ] as const;

// --- suites -----------------------------------------------------------------------------------------------------------

/** False when the project has a suite of that name. */
export async function insertSuite(tx: Transaction, suite: EvaluationSuite): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO evaluation_suites (id, organization_id, project_id, name, description, metric, max_new_tokens, source,
       status, object_key, created_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (project_id, name) DO NOTHING RETURNING id`,
    [
      suite.id,
      tx.scope.organizationId,
      suite.projectId,
      suite.name,
      suite.description,
      suite.metric,
      suite.maxNewTokens,
      JSON.stringify(suite.source),
      suite.status,
      suite.objectKey,
      suite.createdAt,
      suite.createdBy,
    ],
  );
  return inserted.length > 0;
}

export function findSuites(tx: Transaction, ids: readonly string[]): Promise<EvaluationSuite[]> {
  return tx.query<EvaluationSuite>(
    `SELECT ${SUITE_COLUMNS} FROM evaluation_suites s WHERE s.id = ANY($1) AND ${inScope('s')}`,
    [[...ids]],
  );
}

/** Once: a suite that was built before stays as it is. */
export async function finishSuite(
  tx: Transaction,
  id: string,
  end: { rowCount: number; bytes: number; sha256: string } | { problem: SuiteProblem },
): Promise<boolean> {
  const [status, problem, built] =
    'problem' in end ? ['invalid', JSON.stringify(end.problem), null] : ['ready', null, end];
  const changed = await tx.query(
    `UPDATE evaluation_suites SET status = $2, problem = $3, row_count = $4, bytes = $5, sha256 = $6
     WHERE id = $1 AND organization_id = :organization AND status = 'building' RETURNING id`,
    [id, status, problem, built?.rowCount ?? null, built?.bytes ?? null, built?.sha256 ?? null],
  );
  return changed.length > 0;
}

export function pageOfSuites(tx: Transaction, projectId: string | null, args: ConnectionArgs) {
  return paginate<EvaluationSuite, EvaluationSuite>(tx, {
    from: 'evaluation_suites s',
    columns: SUITE_COLUMNS,
    where: [inScope('s'), '$1::text IS NULL OR s.project_id = $1'],
    parameters: [projectId],
    orderBy: newestFirst('s'),
    args,
    map: (row) => row,
  });
}

/** Those made before whose rows are there still. */
const SUITES_LEFT = `s.organization_id = :organization AND s.created_at < $1 AND s.removal IS NULL`;

/** Those of them that are not being built, and that no run reads. */
export function removableSuites(
  tx: Transaction,
  before: Date,
  limit: number,
): Promise<Array<{ id: string; objectKey: string }>> {
  return tx.query(
    `SELECT s.id, s.object_key AS "objectKey" FROM evaluation_suites s
     WHERE ${SUITES_LEFT} AND s.status <> 'building' AND NOT EXISTS (
       SELECT FROM evaluation_runs r WHERE r.suite_id = s.id AND r.organization_id = :organization AND r.ended_at IS NULL)
     ORDER BY s.id LIMIT $2`,
    [before, limit],
  );
}

export async function areSuitesLeftBefore(tx: Transaction, before: Date): Promise<boolean> {
  return (await tx.one(`SELECT s.id FROM evaluation_suites s WHERE ${SUITES_LEFT} LIMIT 1`, [before])) !== null;
}

/** Rows that came with the request go from here, too. */
export async function markSuitesRemoved(tx: Transaction, ids: readonly string[], removal: Removal): Promise<void> {
  await tx.query(
    `UPDATE evaluation_suites SET removal = $2,
       source = CASE source ->> 'type' WHEN 'rows' THEN jsonb_set(source, '{rows}', '[]') ELSE source END
     WHERE id = ANY($1) AND organization_id = :organization`,
    [[...ids], JSON.stringify(removal)],
  );
}

// --- runs -------------------------------------------------------------------------------------------------------------

export async function insertRun(tx: Transaction, run: EvaluationRun): Promise<void> {
  await tx.query(
    `INSERT INTO evaluation_runs (id, organization_id, project_id, suite_id, checkpoint_id, checkpoint_name,
       base_checkpoint_id, family_id, status, compute_job_id, currency, created_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      run.id,
      tx.scope.organizationId,
      run.projectId,
      run.suiteId,
      run.checkpointId,
      run.checkpointName,
      run.baseCheckpointId,
      run.familyId,
      run.status,
      run.computeJobId,
      run.currency,
      run.createdAt,
      run.createdBy,
    ],
  );
}

export async function findRuns(tx: Transaction, ids: readonly string[]): Promise<EvaluationRun[]> {
  const rows = await tx.query<RunRow>(
    `SELECT ${RUN_COLUMNS} FROM evaluation_runs r WHERE r.id = ANY($1) AND ${inScope('r')}`,
    [[...ids]],
  );
  return rows.map(toRun);
}

/** Held until the transaction ends, so that those who move it take turns. */
export async function lockRun(tx: Transaction, id: string): Promise<EvaluationRun | null> {
  const row = await tx.one<RunRow>(
    `SELECT ${RUN_COLUMNS} FROM evaluation_runs r WHERE r.id = $1 AND ${inScope('r')} FOR UPDATE`,
    [id],
  );
  return row && toRun(row);
}

export interface RunChange
  extends Partial<Pick<EvaluationRun, 'summary' | 'output' | 'error' | 'evaluationTokens' | 'costNanos'>> {
  status: EvaluationRunStatus;
  at: Date;
}

export async function moveRun(tx: Transaction, run: EvaluationRun, change: RunChange): Promise<void> {
  evaluationRunStates.assert(run.status, change.status);
  const json = (value: unknown) => (value == null ? null : JSON.stringify(value));
  await tx.query(
    `UPDATE evaluation_runs SET status = $2, summary = $3, output = $4, error = $5, evaluation_tokens = $6, cost_nanos = $7,
       started_at = coalesce(started_at, $8), ended_at = $9 WHERE id = $1 AND organization_id = :organization`,
    [
      run.id,
      change.status,
      json(change.summary),
      json(change.output),
      json(change.error),
      change.evaluationTokens ?? null,
      change.costNanos?.toString() ?? null,
      change.status === 'running' ? change.at : null,
      evaluationRunStates.isTerminal(change.status) ? change.at : null,
    ],
  );
}

export interface RunFilter {
  projectId?: string;
  checkpointId?: string;
}

function runsPage(filter: RunFilter, args: ConnectionArgs): PageQuery<RunRow, EvaluationRun> {
  return {
    from: 'evaluation_runs r',
    columns: RUN_COLUMNS,
    where: [inScope('r'), '$1::text IS NULL OR r.project_id = $1', '$2::text IS NULL OR r.checkpoint_id = $2'],
    parameters: [filter.projectId ?? null, filter.checkpointId ?? null],
    orderBy: newestFirst('r'),
    args,
    map: toRun,
  };
}

export function pageOfRuns(tx: Transaction, filter: RunFilter, args: ConnectionArgs) {
  return paginate(tx, runsPage(filter, args));
}

export function pagesOfRunsBySuite(tx: Transaction, suiteIds: readonly string[], args: ConnectionArgs) {
  return paginateMany(tx, suiteIds, 'r.suite_id', runsPage({}, args));
}

/** Asked for before, and not over. */
export async function liveRunsBefore(tx: Transaction, before: Date): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM evaluation_runs WHERE organization_id = :organization AND created_at < $1 AND NOT status = ANY($2) ORDER BY id`,
    [before, evaluationRunStates.terminal],
  );
  return rows.map(({ id }) => id);
}

/** Runs on a variant that are not over. */
export async function holdsOfRuns(tx: Transaction, { checkpointId }: DeletableVariant): Promise<VariantHold[]> {
  const rows = await tx.query<HoldRow>(
    `SELECT r.id, NULL AS name, ${IS_SEEN('r')} FROM evaluation_runs r
     WHERE r.organization_id = :organization AND r.checkpoint_id = $1 AND NOT r.status = ANY($2) ORDER BY r.id`,
    [checkpointId, evaluationRunStates.terminal],
  );
  return holdsOf('evaluation_run', rows);
}

/** The next of those asked for before that are over, with their results; gives their ids. */
export async function markRunsRemoved(
  tx: Transaction,
  { before, removal, limit }: { before: Date; removal: Removal; limit: number },
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `UPDATE evaluation_runs SET removal = $3 WHERE organization_id = :organization AND id IN (
       SELECT id FROM evaluation_runs WHERE organization_id = :organization AND created_at < $1 AND removal IS NULL
         AND status = ANY($2) ORDER BY id LIMIT $4 FOR UPDATE) RETURNING id`,
    [before, evaluationRunStates.terminal, JSON.stringify(removal), limit],
  );
  const ids = rows.map(({ id }) => id);
  await tx.query('DELETE FROM evaluation_results WHERE run_id = ANY($1) AND organization_id = :organization', [ids]);
  return ids;
}

// --- results ----------------------------------------------------------------------------------------------------------

export async function insertResults(
  tx: Transaction,
  runId: string,
  results: readonly EvaluationResult[],
): Promise<void> {
  const rows = results.map((result) => ({
    ...result,
    prompt: withoutNull(result.prompt),
    expected: withoutNull(result.expected),
    output: result.output === undefined ? null : withoutNull(result.output),
  }));
  await tx.query(
    `INSERT INTO evaluation_results (run_id, organization_id, example, prompt, expected, output, score, loss,
       expected_tokens, output_tokens, cut)
     SELECT $1, $2, x.index, x.prompt, x.expected, x.output, x.score, x.loss, x.expected_tokens, x.output_tokens, x.cut
     FROM jsonb_to_recordset($3::jsonb) AS x(index int, prompt text, expected text, output text, score float8, loss float8,
       expected_tokens int, output_tokens int, cut boolean)`,
    [runId, tx.scope.organizationId, JSON.stringify(rows)],
  );
}

export function pagesOfResultsByRun(
  tx: Transaction,
  runIds: readonly string[],
  args: ConnectionArgs,
  { scoreAtMost }: { scoreAtMost?: number | null } = {},
) {
  return paginateMany<RunResult, RunResult>(tx, runIds, 'e.run_id', {
    from: 'evaluation_results e',
    columns: RESULT_COLUMNS,
    where: ['e.organization_id = :organization', '$1::float8 IS NULL OR e.score <= $1'],
    parameters: [scoreAtMost ?? null],
    orderBy: [{ column: 'e.example', type: 'int' }],
    direction: 'ASC',
    args,
    map: (row) => row,
  });
}

// --- two runs of one suite -------------------------------------------------------------------------------------------

const PAIRS = `evaluation_results b JOIN evaluation_results c ON c.run_id = $2 AND c.example = b.example AND b.run_id = $1
  AND b.organization_id = :organization AND c.organization_id = :organization`;
/** Positive where the candidate is better. */
const gain = (metric: EvaluationMetric) => (higherIsBetter(metric) ? 'c.score - b.score' : 'b.score - c.score');

export async function compareRuns(
  tx: Transaction,
  runs: { baselineId: string; candidateId: string; metric: EvaluationMetric },
): Promise<Comparison> {
  const difference = gain(runs.metric);
  const row = await tx.one<Omit<Comparison, 'signTestP'>>(
    `SELECT count(*)::int AS examples,
       count(*) FILTER (WHERE ${difference} > 0)::int AS wins,
       count(*) FILTER (WHERE ${difference} < 0)::int AS losses,
       count(*) FILTER (WHERE ${difference} = 0)::int AS ties,
       coalesce(avg(c.score - b.score), 0) AS "meanDifference",
       coalesce(stddev_samp(c.score - b.score) / sqrt(count(*)), 0) AS "standardError"
     FROM ${PAIRS}`,
    [runs.baselineId, runs.candidateId],
  );
  return { ...row!, signTestP: signTest(row!.wins, row!.losses) };
}

export type PairOutcome = 'win' | 'loss' | 'tie';

export interface ComparedExample {
  example: number;
  outcome: PairOutcome;
  prompt: string;
  expected: string;
  baselineOutput: string | null;
  candidateOutput: string | null;
  baselineScore: number;
  candidateScore: number;
}

export function pageOfComparedExamples(
  tx: Transaction,
  runs: { baselineId: string; candidateId: string; metric: EvaluationMetric; outcome: PairOutcome | null },
  args: ConnectionArgs,
) {
  const outcome = `CASE sign((${gain(runs.metric)})::numeric) WHEN 1 THEN 'win' WHEN -1 THEN 'loss' ELSE 'tie' END`;
  return paginate<ComparedExample, ComparedExample>(tx, {
    from: PAIRS,
    columns: `b.example, b.prompt, b.expected, b.output AS "baselineOutput", c.output AS "candidateOutput",
      b.score AS "baselineScore", c.score AS "candidateScore", ${outcome} AS outcome`,
    where: [`$3::text IS NULL OR ${outcome} = $3`],
    parameters: [runs.baselineId, runs.candidateId, runs.outcome],
    orderBy: [{ column: 'b.example', type: 'int' }],
    direction: 'ASC',
    args,
    map: (row) => row,
  });
}
