import type { Transaction } from '#platform/database';
import { OWN } from './compute.repository.js';

/** Of so many steps each: a curve is read at the finest width that leaves few enough rows to read. */
export const SPAN_WIDTHS = [8, 64] as const;

/** Of points, however many: how many, and the first, last, lowest and highest as pairs. Of equal values the earliest step counts. */
export const EXTREMES = `count(*) AS points, min(ARRAY[step, value]) AS first, max(ARRAY[step, value]) AS last,
  min(ARRAY[value, step]) AS lowest, max(ARRAY[value, -step]) AS highest`;

/** Draws the spans anew that these points lie in. The points are stored, and the job is locked. */
export async function drawSpans(
  tx: Transaction,
  jobId: string,
  points: ReadonlyArray<{ name: string; step: number }>,
): Promise<void> {
  await tx.query(
    `INSERT INTO compute_metric_spans (organization_id, compute_job_id, name, width, start, points, first_step, first_value,
       last_step, last_value, lowest_step, lowest_value, highest_step, highest_value)
     SELECT $1, $2, touched.name, touched.width, touched.start, points, first[1], first[2], last[1], last[2],
            lowest[2], lowest[1], -highest[2], highest[1]
     FROM (SELECT DISTINCT m.name, level.width, m.step / level.width * level.width AS start
           FROM jsonb_to_recordset($3::jsonb) AS m (name text, step int) CROSS JOIN unnest($4::int[]) AS level (width)) touched
     CROSS JOIN LATERAL (SELECT ${EXTREMES} FROM compute_metrics
                         WHERE compute_job_id = $2 AND ${OWN} AND name = touched.name
                           AND step >= touched.start AND step < touched.start + touched.width) span
     ON CONFLICT (compute_job_id, name, width, start) DO UPDATE
       SET points = excluded.points, first_step = excluded.first_step, first_value = excluded.first_value,
           last_step = excluded.last_step, last_value = excluded.last_value, lowest_step = excluded.lowest_step,
           lowest_value = excluded.lowest_value, highest_step = excluded.highest_step, highest_value = excluded.highest_value`,
    [tx.scope.organizationId, jobId, JSON.stringify(points.map(({ name, step }) => ({ name, step }))), SPAN_WIDTHS],
  );
}
