import pg from 'pg';
import { newId } from '#libs/kernel';
import { loadSecrets } from '../../infra/embedded/index.js';
import { platformSettings } from '../../infra/platform/settings.js';

const CURVE = 'train_loss';

export interface LongRuns {
  ids: string[];
  /** The one step of each run at which its curve leaps. */
  spikes: number[];
  points: number;
}

/** Beyond the walls between tenants: no role of the platform may delete what a run told. */
export async function asSuperuser<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const { home, ports } = platformSettings();
  const client = new pg.Client({
    host: '127.0.0.1',
    port: ports.postgres,
    user: 'forkpoint_superuser',
    password: loadSecrets(home).postgresSuperuser,
    database: 'forkpoint',
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs that nobody made, each with as many points of a falling loss as it has steps, and one spike. */
export async function writeLongRuns(
  client: pg.Client,
  { count, points, projectId, checkpoint }: { count: number; points: number; projectId: string; checkpoint: string },
): Promise<LongRuns> {
  // Foreign keys are looked up for every row otherwise, which takes longer than to write it.
  await client.query('SET session_replication_role = replica');
  const ids: string[] = [];
  const spikes = Array.from({ length: count }, (_, place) => Math.round(((place + 0.5) * points) / count));
  for (const [place, spike] of spikes.entries()) {
    const run = { id: newId('ftjob'), computeId: newId('cjob'), name: `bench-${place + 1}`, points };
    await client.query('BEGIN');
    await writeJobs(client, run, { projectId, checkpoint });
    await writePoints(client, run, { spike, place });
    await client.query('COMMIT');
    ids.push(run.id);
  }
  await client.query('SET session_replication_role = DEFAULT');
  await client.query('ANALYZE compute_metrics, compute_metric_spans, compute_jobs, fine_tune_jobs');
  return { ids, spikes, points };
}

/** Leaves the database as it was. */
export async function removeLongRuns(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ compute_job_id: string }>(
    `DELETE FROM fine_tune_jobs WHERE request_sha256 = 'bench' RETURNING compute_job_id`,
  );
  const ids = rows.map((row) => row.compute_job_id);
  for (const table of ['compute_metric_spans', 'compute_metrics']) {
    await client.query(`DELETE FROM ${table} WHERE compute_job_id = ANY ($1)`, [ids]);
  }
  await client.query('DELETE FROM compute_jobs WHERE id = ANY ($1)', [ids]);
}

interface Run {
  id: string;
  computeId: string;
  name: string;
  points: number;
}

/** Cancelled: nothing is done with them, and no estimate is made from them. */
async function writeJobs(
  client: pg.Client,
  { id, computeId, name, points }: Run,
  { projectId, checkpoint }: { projectId: string; checkpoint: string },
): Promise<void> {
  await client.query(
    `INSERT INTO compute_jobs (id, organization_id, organization_kind, project_id, kind, owner_id, state, parameters, inputs,
       output_prefix, limits, max_attempts, sequence, created_at, queued_at, available_at, started_at, ended_at, swept_at)
     SELECT $1, organization_id, 'partner', id, 'train', $2, 'cancelled', '{}', '[]', 'bench/' || $1 || '/', '{}', 1, $3,
            now(), now(), now(), now(), now(), now()
     FROM projects WHERE id = $4`,
    [computeId, id, points, projectId],
  );
  await client.query(
    `INSERT INTO fine_tune_jobs (id, organization_id, project_id, status, method, suffix, parent_checkpoint_id, parent_name,
       family_id, base_checkpoint_id, training_file_id, compute_job_id, requested, policy, seed, created_by, request_sha256,
       created_at, started_at, finished_at)
     SELECT $1, p.organization_id, p.id, 'cancelled', 'supervised', $2, c.id, c.name, c.family_id, c.id, 'file_bench', $3,
            '{}', '{}', 1, 'bench', 'bench', now(), now(), now()
     FROM projects p, checkpoints c WHERE p.id = $4 AND c.name = $5`,
    [id, name, computeId, projectId, checkpoint],
  );
}

/** With the spans that the platform would have kept beside them. */
async function writePoints(
  client: pg.Client,
  { computeId, points }: Run,
  { spike, place }: { spike: number; place: number },
): Promise<void> {
  await client.query(
    `INSERT INTO compute_metrics (organization_id, compute_job_id, name, step, value, attempt, sequence, created_at)
     SELECT job.organization_id, job.id, '${CURVE}', step,
            CASE WHEN step = $3 THEN 9 ELSE 0.8 + $4 * 0.03 + 2 * exp(-step / 15000.0) + 0.2 * random() END, 1, step, now()
     FROM compute_jobs job, generate_series(1, $2::int) step WHERE job.id = $1`,
    [computeId, points, spike, place],
  );
  await client.query(
    `INSERT INTO compute_metric_spans
     SELECT organization_id, compute_job_id, name, width, start, points, first[1], first[2], last[1], last[2],
            lowest[2], lowest[1], -highest[2], highest[1]
     FROM (SELECT organization_id, compute_job_id, name, width, step / width * width AS start, count(*) AS points,
                  min(ARRAY[step, value]) AS first, max(ARRAY[step, value]) AS last,
                  min(ARRAY[value, step]) AS lowest, max(ARRAY[value, -step]) AS highest
           FROM compute_metrics CROSS JOIN (VALUES (8), (64)) AS level (width)
           WHERE compute_job_id = $1 GROUP BY 1, 2, 3, 4, 5) span`,
    [computeId],
  );
}
