import { METRIC_NAMES } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { COMPUTE_ERRORS } from './compute.errors.js';
import { OWN } from './compute.repository.js';
import { EXTREMES, SPAN_WIDTHS } from './metric-spans.js';

export interface ComputeMetric {
  name: string;
  step: number;
  value: number;
  epoch: number | null;
  attempt: number;
  sequence: number;
  createdAt: Date;
}

/** Which part of a job's curves, and how fine. */
export interface CurveRange {
  names?: readonly string[] | null;
  /** Inclusive; from the first step if left out. */
  fromStep?: number | null;
  /** Inclusive; to the last step if left out. */
  toStep?: number | null;
  /** A curve of more points is cut into so many stretches, of which only the extremes are kept. */
  buckets?: number | null;
}

export interface ComputeCurve {
  name: string;
  /** How many points there are in the range. */
  pointCount: number;
  /** Ascending; all of them, or those of the extremes. */
  steps: number[];
  values: number[];
}

export interface ComputeCurves {
  /** Everything up to this number of the job's history is in them. */
  sequence: number;
  curves: ComputeCurve[];
}

export const LARGEST_BUCKETS = 2_000;
const LARGEST_STEP = 2 ** 31 - 1;
const [FINE, COARSE] = SPAN_WIDTHS;

/**
 * The points to draw: `sampled` (job, name, step, value, and in `points` how many points of the curve it stands for). A curve
 * that has more points in the range than buckets is cut into stretches of equally many steps, and of each its first, last,
 * lowest and highest point are kept: drawn over as many columns of pixels it looks as the whole does, and no outlier is
 * lost. Stretches begin at multiples of their width, so that they stay where they are while a run goes on.
 *
 * Stretches wide enough are put together from spans, which are whole, and from the points before the first and after the
 * last of them. So no more than some 8 rows are read per bucket, however long the curve.
 */
const SAMPLED = `
  found AS MATERIALIZED (
    SELECT job.id AS compute_job_id, metric.name, range.first, range.last, (range.last - range.first) / $5 + 1 AS width,
           few.points <= $5 AS is_whole
    FROM compute_jobs AS job CROSS JOIN unnest($2::text[]) AS metric (name)
    CROSS JOIN LATERAL (SELECT min(step) AS first, max(step) AS last FROM compute_metrics
                        WHERE compute_job_id = job.id AND name = metric.name AND step BETWEEN $3 AND $4) range
    CROSS JOIN LATERAL (SELECT count(*) AS points FROM (
                          SELECT FROM compute_metrics WHERE compute_job_id = job.id AND name = metric.name AND step BETWEEN $3 AND $4
                          ORDER BY step LIMIT $5 + 1) head) few
    WHERE job.id = ANY ($1) AND job.${OWN} AND range.first IS NOT NULL
  ), curve AS MATERIALIZED (
    SELECT found.*, level.width AS span_width,
           CASE WHEN is_whole THEN 1 WHEN level.width IS NULL THEN found.width
                ELSE (found.width - 1) / level.width * level.width + level.width END AS bucket_width,
           coalesce((first - 1) / level.width * level.width + level.width, last + 1) AS spans_from,
           coalesce((last + 1) / level.width * level.width, last + 1) AS spans_to
    FROM found CROSS JOIN LATERAL (
      SELECT CASE WHEN is_whole OR found.width < ${FINE} THEN NULL WHEN found.width < ${COARSE} THEN ${FINE} ELSE ${COARSE} END AS width) level
  ), sampled AS (
    SELECT curve.compute_job_id, curve.name, point.step, point.value, point.points
    FROM curve CROSS JOIN LATERAL (
      SELECT extreme.step::int AS step, min(extreme.value) AS value, sum(extreme.points) AS points
      FROM (
        SELECT sum(points) AS points, min(first) AS first, max(last) AS last, min(lowest) AS lowest, max(highest) AS highest
        FROM (
          SELECT start / curve.bucket_width AS bucket, points, ARRAY[first_step, first_value] AS first,
                 ARRAY[last_step, last_value] AS last, ARRAY[lowest_value, lowest_step] AS lowest,
                 ARRAY[highest_value, -highest_step] AS highest
          FROM compute_metric_spans
          WHERE compute_job_id = curve.compute_job_id AND name = curve.name AND width = curve.span_width
            AND start >= curve.spans_from AND start < curve.spans_to
          UNION ALL
          SELECT step / curve.bucket_width, ${EXTREMES} FROM compute_metrics
          WHERE compute_job_id = curve.compute_job_id AND name = curve.name AND step >= curve.first AND step < curve.spans_from
          GROUP BY 1
          UNION ALL
          SELECT step / curve.bucket_width, ${EXTREMES} FROM compute_metrics
          WHERE compute_job_id = curve.compute_job_id AND name = curve.name AND step >= curve.spans_to AND step <= curve.last
          GROUP BY 1
        ) piece GROUP BY bucket
      ) stretch
      CROSS JOIN LATERAL (VALUES (first[1], first[2], points), (last[1], last[2], 0),
                                 (lowest[2], lowest[1], 0), (-highest[2], highest[1], 0)) AS extreme (step, value, points)
      GROUP BY extreme.step) point
  )`;

function parametersOf(jobIds: readonly string[], { names, fromStep, toStep, buckets }: CurveRange): unknown[] {
  const [from, to] = [fromStep ?? 0, toStep ?? LARGEST_STEP];
  const stretches = buckets ?? LARGEST_BUCKETS;
  const isRange = from >= 0 && to >= from && stretches >= 1 && stretches <= LARGEST_BUCKETS;
  if (!isRange) throw COMPUTE_ERRORS.CURVE_RANGE({ largest: LARGEST_BUCKETS });
  return [jobIds, names ?? METRIC_NAMES, from, to, stretches];
}

/** By job; null for one that there is not. One statement, so that the number is that of the very points that are read. */
export async function readCurves(
  tx: Transaction,
  jobIds: readonly string[],
  range: CurveRange,
): Promise<Array<ComputeCurves | null>> {
  const rows = await tx.query<ComputeCurves & { id: string }>(
    `WITH ${SAMPLED}, drawn AS MATERIALIZED (
       SELECT compute_job_id, json_build_object('name', name, 'pointCount', sum(points),
         'steps', json_agg(step ORDER BY step), 'values', json_agg(value ORDER BY step)) AS curve
       FROM sampled GROUP BY compute_job_id, name ORDER BY name
     )
     SELECT id, sequence, coalesce((SELECT json_agg(curve) FROM drawn WHERE compute_job_id = id), '[]') AS curves
     FROM compute_jobs WHERE id = ANY ($1) AND ${OWN}`,
    parametersOf(jobIds, range),
  );
  const jobs = new Map(rows.map(({ id, ...curves }) => [id, curves]));
  return jobIds.map((id) => jobs.get(id) ?? null);
}

/** The same points as whole rows of all jobs, by name and step; every point where no number of buckets is given. */
export function readSeries(
  tx: Transaction,
  jobIds: readonly string[],
  range: CurveRange,
): Promise<Array<ComputeMetric & { compute_job_id: string }>> {
  const parameters = parametersOf(jobIds, range);
  const columns =
    'm.compute_job_id, m.name, m.step, m.value, m.epoch, m.attempt, m.sequence, m.created_at AS "createdAt"';
  if (range.buckets == null) {
    return tx.query(
      `SELECT ${columns} FROM compute_metrics m
       WHERE compute_job_id = ANY ($1) AND ${OWN} AND name = ANY ($2) AND step BETWEEN $3 AND $4 ORDER BY name, step`,
      parameters.slice(0, 4),
    );
  }
  // LIMIT: looked up one by one by their key, whatever the planner guesses of their number.
  return tx.query(
    `WITH ${SAMPLED} SELECT m.* FROM sampled CROSS JOIN LATERAL (
       SELECT ${columns} FROM compute_metrics m
       WHERE m.compute_job_id = sampled.compute_job_id AND m.name = sampled.name AND m.step = sampled.step LIMIT 1) m
     ORDER BY m.name, m.step`,
    parameters,
  );
}
