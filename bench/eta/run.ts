import { execa } from 'execa';
import { GraphqlClient } from '#libs/client';
import { errorsByTenth, errorsOf, type Sample } from './errors.js';

/**
 * How well the portal foretells when a fine-tune is over: the demo is played on a platform that runs (`npm start`, then
 * `source .forkpoint/demo.env`), and twice a second `estimatedFinishAt` of every job that runs meanwhile is noted. When they
 * have ended, what was foretold from a fifth of each run on is compared with what came.
 */
const PERIOD_MILLISECONDS = 500;
const FROM_SHARE = 0.2;
const JOBS = `query($projectId: ID) { fineTuneJobs(projectId: $projectId, first: 50) {
  nodes { id suffix status startedAt finishedAt estimatedFinishAt } } }`;

interface Job {
  id: string;
  suffix: string | null;
  status: string;
  startedAt: string | null;
  finishedAt: string | null;
  estimatedFinishAt: string | null;
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run npm start, then source .forkpoint/demo.env`);
  return value;
}

const client = new GraphqlClient({
  graphqlUrl: required('FORKPOINT_GRAPHQL_URL'),
  credentials: { apiKey: required('OPENAI_API_KEY') },
});
const projectId = required('FORKPOINT_PROJECT');

async function jobs(): Promise<Job[]> {
  const { fineTuneJobs } = await client.query<{ fineTuneJobs: { nodes: Job[] } }>(JOBS, { projectId });
  return fineTuneJobs.nodes;
}

/** Of each job that runs while the work is done, what was foretold. */
async function foretold(work: Promise<unknown>): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>();
  let done = false;
  const stop = () => {
    done = true;
  };
  void work.then(stop, stop);
  while (!done) {
    const atMilliseconds = performance.timeOrigin + performance.now();
    for (const { id, status, estimatedFinishAt } of await jobs()) {
      if (status !== 'RUNNING' || !estimatedFinishAt) continue;
      const sample = { atMilliseconds, finishMilliseconds: Date.parse(estimatedFinishAt) };
      samples.set(id, [...(samples.get(id) ?? []), sample]);
    }
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MILLISECONDS));
  }
  await work;
  return samples;
}

const percent = (share: number) => `${(100 * share).toFixed(1)}%`.padStart(6);

const demo = execa(process.execPath, ['dist/infra/demo/main.js'], {
  env: {
    FORKPOINT_DEMO_DATA: process.env.FORKPOINT_DEMO_DATA ?? '.forkpoint/lineage/data',
    FORKPOINT_DEMO_OUTPUT: process.env.FORKPOINT_DEMO_OUTPUT ?? '.forkpoint/demo',
  },
});
const samples = await foretold(demo);
for (const job of await jobs()) {
  const ofJob = samples.get(job.id);
  if (!ofJob || job.status !== 'SUCCEEDED') continue;
  const [startedMilliseconds, finishedMilliseconds] = [Date.parse(job.startedAt!), Date.parse(job.finishedAt!)];
  const run = { startedMilliseconds, finishedMilliseconds, samples: ofJob };
  const errors = errorsOf(run, FROM_SHARE);
  const seconds = ((finishedMilliseconds - startedMilliseconds) / 1000).toFixed(0);
  console.log(
    `${(job.suffix ?? job.id).padEnd(16)} ${seconds.padStart(5)} s   off by at most ${percent(errors.largest)}, half the time by ${percent(errors.median)} (${errors.samples} samples)`,
  );
  const tenths = errorsByTenth(run).map((error) => (error === null ? '—' : percent(error).trim()));
  console.log(`${' '.repeat(17)}late or early at each tenth of it: ${tenths.join(' ')}`);
}
await client.close();
