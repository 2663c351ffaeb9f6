import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { RunningPlatform } from '#test/harness';

export const platform = RunningPlatform.get();
export const base = platform.client('FORKPOINT_LATEST_CHECKPOINT');
export const openai = new OpenAI({
  baseURL: platform.client('OPENAI_BASE_URL'),
  apiKey: platform.client('OPENAI_API_KEY'),
  // A part of the platform is killed on purpose: the client waits for its successor, as a real one would.
  maxRetries: 8,
});
export const TRAINING_FILE = join('.forkpoint', 'lineage', 'data', 'train.jsonl');

export interface Attempt {
  number: number;
  resumedFromStep: number | null;
  outcome: string | null;
}

export interface Job {
  id: string;
  status: string;
  outputName: string | null;
  trainedTokens: string | null;
  cost: { nanos: string } | null;
  error: { code: string; message: string } | null;
  progress: { stage: string; step: number } | null;
  attempts: Attempt[];
  metricSeries: Array<{ step: number; value: number }>;
}

const JOB = `id status outputName trainedTokens cost { nanos } error { code message } progress { stage step }
  attempts { number resumedFromStep outcome } metricSeries(names: ["train_loss"]) { step value }`;

/** Asks until there is an answer: the api may be the part that was killed. */
export async function graphql<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await fetch(platform.client('FORKPOINT_GRAPHQL_URL'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${platform.client('OPENAI_API_KEY')}` },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as {
        data: T | null;
        errors?: Array<{ message: string; extensions?: { code?: string } }>;
      };
      if (data && !errors?.length) return data;
      throw new Error(`${response.status} ${JSON.stringify(errors)}`);
    } catch (error) {
      if (attempt === 60) throw error;
      await sleep(500);
    }
  }
}

export async function uploadTrainingFile(): Promise<string> {
  return (await openai.files.create({ file: createReadStream(TRAINING_FILE), purpose: 'fine-tune' })).id;
}

/** Sixty steps of the first epoch, with a whole checkpoint every fifteen. */
export async function createShortJob(trainingFileId: string, suffix: string): Promise<string> {
  const input = {
    projectId: platform.client('FORKPOINT_PROJECT'),
    model: base,
    trainingFileId,
    suffix,
    seed: 11,
    hyperparameters: { maxSteps: 60, checkpointEverySteps: 15 },
    idempotencyKey: suffix,
  };
  const { createFineTuneJob } = await graphql<{
    createFineTuneJob: { fineTuneJob: { id: string } | null; userErrors: unknown[] };
  }>(
    'mutation($input: CreateFineTuneJobInput!) { createFineTuneJob(input: $input) { fineTuneJob { id } userErrors { code message } } }',
    { input },
  );
  if (!createFineTuneJob.fineTuneJob) throw new Error(JSON.stringify(createFineTuneJob.userErrors));
  return createFineTuneJob.fineTuneJob.id;
}

export async function readJob(id: string): Promise<Job> {
  return (await graphql<{ node: Job }>(`query($id: ID!) { node(id: $id) { ... on FineTuneJob { ${JOB} } } }`, { id }))
    .node;
}

export async function jobUntil(id: string, reached: (job: Job) => boolean, withinSeconds = 300): Promise<Job> {
  const end = performance.now() + withinSeconds * 1000;
  for (;;) {
    const job = await readJob(id);
    if (reached(job)) return job;
    if (isOver(job) || performance.now() > end)
      throw new Error(`${id} is ${job.status}, not as awaited: ${JSON.stringify(job.error)}`);
    await sleep(200);
  }
}

export const isOver = ({ status }: Job): boolean => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status);

/** Its variants in the catalog, intermediates left out. */
export async function variantsNamed(suffix: string): Promise<string[]> {
  const { checkpoints } = await graphql<{ checkpoints: { nodes: Array<{ name: string }> } }>(
    '{ checkpoints(first: 100, own: true, orderBy: NEWEST) { nodes { name } } }',
  );
  return checkpoints.nodes
    .map(({ name }) => name)
    .filter((name) => name.includes(`:${suffix}:`) && !name.includes(':step-'));
}

/** Training tokens that were recorded for a model since a time. */
export async function usageEventsOf(jobId: string): Promise<number> {
  const { usageEvents } = await graphql<{ usageEvents: { nodes: Array<{ sourceId?: string | null }> } }>(
    '{ usageEvents(first: 100) { nodes { sourceId } } }',
  );
  return usageEvents.nodes.filter(({ sourceId }) => sourceId === jobId).length;
}
