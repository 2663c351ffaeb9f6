import { randomUUID } from 'node:crypto';
import OpenAI, { toFile } from 'openai';
import { GraphqlClient } from '#libs/client';

/**
 * Latency of browsing and of submitting a job, through the public origin of a platform that runs (`npm start`, then
 * `source .forkpoint/demo.env`). Times drift from machine to machine: what is told is their ratio to a bare round trip
 * through the gateway in the same run.
 */
const ROUNDS = 200;
const JOBS = 20;
const ROW = '{"prompt":"a","completion":"b"}\n';

const BROWSE = `{ checkpoints(first: 20, kinds: [BASE]) { nodes { id name step tokensSeen loss parent { name } family { name }
  evaluations { name metric value } prices { meter } } } }`;

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run npm start, then source .forkpoint/demo.env`);
  return value;
}

const client = new GraphqlClient({
  graphqlUrl: required('FORKPOINT_GRAPHQL_URL'),
  credentials: { apiKey: required('OPENAI_API_KEY') },
});
const openai = new OpenAI();
const origin = new URL(required('FORKPOINT_GRAPHQL_URL')).origin;

async function milliseconds(rounds: number, work: (round: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await work(round);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

async function submit(trainingFileId: string): Promise<void> {
  const input = {
    projectId: required('FORKPOINT_PROJECT'),
    model: required('FORKPOINT_LATEST_CHECKPOINT'),
    trainingFileId,
    suffix: `bench-${randomUUID().slice(0, 8)}`,
  };
  const { fineTuneJob } = await client.mutate<{ fineTuneJob: { id: string } }>(
    'createFineTuneJob',
    input,
    'fineTuneJob { id }',
  );
  const cancel = { fineTuneJobId: fineTuneJob.id };
  await client.mutate('cancelFineTuneJob', cancel, 'fineTuneJob { id }', { inputType: 'FineTuneJobInput' });
}

const roundTrip = await milliseconds(ROUNDS, async () => (await fetch(`${origin}/healthz`)).text());
const browse = await milliseconds(ROUNDS, () => client.query(BROWSE));
const file = await openai.files.create({ file: await toFile(Buffer.from(ROW), 'bench.jsonl'), purpose: 'fine-tune' });
const submitted = await milliseconds(JOBS, () => submit(file.id));

const rows = { 'round trip': roundTrip, 'browse 6 checkpoints': browse, 'submit and cancel a job': submitted };
for (const [name, times] of Object.entries(rows)) {
  const half = quantile(times, 0.5);
  const most = quantile(times, 0.95);
  const ratio = half / quantile(roundTrip, 0.5);
  console.log(
    `${name.padEnd(26)} p50 ${half.toFixed(1)} ms  p95 ${most.toFixed(1)} ms  ${ratio.toFixed(1)} x round trip`,
  );
}
await client.close();
