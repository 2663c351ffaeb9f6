import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import OpenAI, { toFile } from 'openai';
import { GraphqlClient, pollUntil } from '#libs/client';
import { platformSettings } from '../../infra/platform/settings.js';
import { asSuperuser } from './long-runs.js';
import { required } from './portal.js';

const METRIC = 'train_mean_token_accuracy';
const CHART = 'Token accuracy';
/** The first page of a chart's table has as many rows. */
const POINTS = 25;
const ROWS_OF_DATA = 200;
/** More than are measured: the job is cancelled when they are there. */
const STEPS = 400;
const WITHIN_SECONDS = 120;

/**
 * Of a fine-tune that really runs, milliseconds from when the trainer logged a point, by its own journal, until the job's page
 * had it in the table and on the canvas. The trainer, the platform and the browser read one clock here.
 */
export async function newPointTimes(page: Page): Promise<number[]> {
  const client = new GraphqlClient({
    graphqlUrl: required('FORKPOINT_GRAPHQL_URL'),
    credentials: { apiKey: required('OPENAI_API_KEY') },
  });
  const id = await launch(client);
  try {
    await page.goto(`${required('FORKPOINT_ORIGIN')}/fine-tunes/${id}`);
    const chart = page.getByRole('figure', { name: CHART });
    await chart.getByRole('button', { name: 'Show as table' }).click({ timeout: WITHIN_SECONDS * 1000 });
    await chart.getByRole('table').waitFor();
    await page.evaluate(`probe.watchRows('figure[aria-label="${CHART}"] table')`);
    const drawn = await pollUntil(() => page.evaluate<Array<[string, number]>>('probe.rowsSeen()'), {
      until: (rows) => rows.some(([step]) => Number(step) === POINTS),
      what: `the point of step ${POINTS}`,
      withinSeconds: WITHIN_SECONDS,
    });
    const logged = await journalOf(id);
    return drawn.map(([step, drawnAt]) => drawnAt - logged.get(Number(step))!);
  } finally {
    await client.mutate('cancelFineTuneJob', { fineTuneJobId: id }, 'fineTuneJob { id }', {
      inputType: 'FineTuneJobInput',
    });
    await client.close();
  }
}

async function launch(client: GraphqlClient): Promise<string> {
  const rows = await readFile(join(platformSettings().lineage, 'data/train.jsonl'), 'utf8');
  const few = rows.split('\n').slice(0, ROWS_OF_DATA).join('\n');
  const file = await new OpenAI().files.create({
    file: await toFile(Buffer.from(`${few}\n`), 'bench.jsonl'),
    purpose: 'fine-tune',
  });
  const input = {
    projectId: required('FORKPOINT_PROJECT'),
    model: required('FORKPOINT_LATEST_CHECKPOINT'),
    trainingFileId: file.id,
    suffix: `bench-${file.id.slice(-6)}`,
    hyperparameters: { maxSteps: STEPS },
  };
  const made = await client.mutate<{ fineTuneJob: { id: string } }>('createFineTuneJob', input, 'fineTuneJob { id }');
  return made.fineTuneJob.id;
}

/** When the trainer logged each step, as it wrote down before it sent it; by the clock, in milliseconds. */
async function journalOf(id: string): Promise<Map<number, number>> {
  const computeId = await asSuperuser(async (client) => {
    const found = await client.query<{ id: string }>('SELECT compute_job_id AS id FROM fine_tune_jobs WHERE id = $1', [
      id,
    ]);
    return found.rows[0]!.id;
  });
  const attempts = join(platformSettings().home.data, 'attempts');
  const lines = (await readFile(join(attempts, `${computeId}.1`, 'work', 'events.jsonl'), 'utf8')).trim().split('\n');
  type Event = { at: string; type: string; rows?: Array<{ name: string; step: number }> };
  const events = lines.map((line) => JSON.parse(line) as Event).filter(({ type }) => type === 'metrics');
  return new Map(
    events.flatMap(({ at, rows = [] }) =>
      rows.filter(({ name }) => name === METRIC).map(({ step }): [number, number] => [step, Date.parse(at)]),
    ),
  );
}
