import { pollUntil } from '#libs/client';
import { client } from './partner.js';
import { settings } from './settings.js';

export interface BrowsedCheckpoint {
  id: string;
  name: string;
  step: number;
  tokensSeen: string;
  loss: number | null;
}

export interface FineTuneJob {
  id: string;
  status: string;
  outputName: string | null;
  checkpoint: { id: string; name: string } | null;
  trainedTokens: string | null;
  cost: { display: string } | null;
  hardCap: { display: string } | null;
  error: { code: string; message: string } | null;
  startedAt: string | null;
  finishedAt: string | null;
  progress: { stage: string; step: number; totalSteps: number; secondsLeft: number | null } | null;
}

/** One fork point, and what became of it. */
export interface Fork {
  title: string;
  checkpoint: BrowsedCheckpoint;
  job: FineTuneJob;
  before: number | null;
  after: number | null;
  trainingSeconds: number;
  losses: Array<[number, number]>;
}

const JOB = `id status outputName checkpoint { id name } trainedTokens cost { display } hardCap { display } error { code message }
  startedAt finishedAt progress { stage step totalSteps secondsLeft }`;
const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

export interface Quote {
  ready: boolean;
  steps: number;
  tokens: string;
  estimatedSeconds: number;
  price: { display: string };
  hardCap: { display: string };
}

export async function quote(model: string, trainingFileId: string): Promise<Quote> {
  const input = { projectId: settings.projectId, model, trainingFileId };
  const data = await client.query<{ fineTuneQuote: Quote }>(
    'query($input: FineTuneQuoteInput!) { fineTuneQuote(input: $input) { ready steps tokens estimatedSeconds price { display } hardCap { display } } }',
    { input },
  );
  return data.fineTuneQuote;
}

export async function createJob(model: string, trainingFileId: string, suffix: string): Promise<FineTuneJob> {
  const input = { projectId: settings.projectId, model, trainingFileId, suffix };
  return (await client.mutate<{ fineTuneJob: FineTuneJob }>('createFineTuneJob', input, `fineTuneJob { ${JOB} }`))
    .fineTuneJob;
}

/** Follows a job to its end, telling each state; a job that fails is an error here. */
export async function followJob(id: string, onState: (job: FineTuneJob) => void): Promise<FineTuneJob> {
  const read = async () => {
    const { node } = await client.query<{ node: FineTuneJob }>(
      `query($id: ID!) { node(id: $id) { ... on FineTuneJob { ${JOB} } } }`,
      { id },
    );
    return node;
  };
  const job = await pollUntil(read, {
    until: ({ status }) => ENDED.has(status),
    what: `fine-tune job ${id}`,
    onValue: onState,
  });
  if (job.status === 'SUCCEEDED') return job;
  throw new Error(`fine-tune job ${id} is ${job.status}: ${job.error?.code} ${job.error?.message ?? ''}`);
}

export async function lossCurve(id: string): Promise<Array<[number, number]>> {
  const { node } = await client.query<{ node: { metricSeries: Array<{ step: number; value: number }> } }>(
    'query($id: ID!) { node(id: $id) { ... on FineTuneJob { metricSeries(names: ["train_loss"]) { step value } } } }',
    { id },
  );
  return node.metricSeries.map(({ step, value }) => [step, value]);
}

export function describe({ status, progress }: FineTuneJob): string {
  if (!progress) return status.toLowerCase();
  const left = progress.secondsLeft === null ? '' : `, ${Math.round(progress.secondsLeft)} s left`;
  return `${status.toLowerCase()}: ${progress.stage} ${progress.step}/${progress.totalSteps}${left}`;
}
