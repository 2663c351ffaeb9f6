// Stands in for the trainer where a spec needs it to do something particular at a particular moment. What is real: the
// protocol (events, URLs, tokens, markers, exit codes), the process, the object store. What is not: nothing is learned, a
// checkpoint is a line of text. Its orders are the job's base_name, as JSON:
//   { steps, stepMilliseconds, checkpointEvery, attempts: { "1": { ...overrides } },
//     killAtStep, failAtStep: { code, retryable }, hangAtStep, deaf, exitSilently, hoardBytes, corrupt, end: 'invalid' }
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const spec = JSON.parse(readFileSync(process.argv[process.argv.indexOf('--spec') + 1], 'utf8'));
const { attempts = {}, ...common } = JSON.parse(spec.parameters.base_name);
const orders = { steps: 10, stepMilliseconds: 20, checkpointEvery: 4, ...common, ...attempts[spec.attempt] };
const headers = { authorization: `Bearer ${process.env.FORKPOINT_ATTEMPT_TOKEN}`, 'content-type': 'application/json' };
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
let number = 0;
let stopping = false;
process.on('SIGTERM', () => {
  if (!orders.deaf) stopping = true;
});

async function call(path, body) {
  const response = await fetch(`${spec.api_url}/internal/v1/attempts/${spec.attempt_id}/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.status === 409) {
    console.log(answer.error.code);
    process.exit(76);
  }
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

async function tell(...events) {
  const first_number = number + 1;
  const at = new Date().toISOString();
  const body = { first_number, events: events.map((event) => ({ number: ++number, at, ...event })) };
  for (;;) {
    try {
      const { directive } = await call('events', body);
      if (directive === 'stop' && !orders.deaf) stopping = true;
      return;
    } catch (error) {
      if (error instanceof TypeError) await sleep(200);
      else throw error;
    }
  }
}

async function store(prefix, kind, files, step) {
  const list = Object.entries(files)
    .map(([path, text]) => ({ path, bytes: Buffer.byteLength(text), sha256: sha256(text) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest = { schema_version: 1, kind, job_id: spec.job_id, attempt: spec.attempt, step, files: list };
  const marker = JSON.stringify(manifest);
  const said = orders.corrupt ? sha256(`not ${marker}`) : sha256(marker);
  for (const [path, text] of [...Object.entries(files), ['COMPLETE.json', marker]]) {
    const file = { path: `${prefix}/${path}`, bytes: Buffer.byteLength(text), sha256: sha256(text) };
    const [{ url, headers: signed }] = (await call('urls', { reads: [], writes: [file] })).writes;
    const { 'content-length': _, ...rest } = signed;
    const response = await fetch(url, { method: 'PUT', headers: rest, body: text });
    if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
  }
  return { prefix, manifest: JSON.parse(marker), manifest_sha256: said };
}

async function startStep() {
  const [file] = spec.inputs.resume ?? [];
  if (!file) return 1;
  const [{ url }] = (await call('urls', { reads: [{ input: 'resume', path: file.path }], writes: [] })).reads;
  const text = await (await fetch(url)).text();
  if (sha256(text) !== file.sha256) throw new Error('the checkpoint is not what the spec says');
  return Number(text.split(' ')[1]) + 1;
}

async function saveCheckpoint(step) {
  const folder = await store(`checkpoints/step-${step}`, 'checkpoint', { 'state.txt': `step ${step}` }, step);
  await tell({ type: 'checkpoint', step, folder });
}

const first = await startStep();
console.log(`attempt ${spec.attempt} begins at step ${first}`);
await tell({ type: 'log', level: 'info', message: `begins at step ${first}` });
const held = orders.hoardBytes ? Buffer.alloc(orders.hoardBytes, 1) : null;
for (let step = first; step <= orders.steps; step++) {
  await sleep(orders.stepMilliseconds);
  if (step === orders.killAtStep) process.kill(process.pid, 'SIGKILL');
  if (step === orders.hangAtStep) await new Promise((resolve) => setTimeout(resolve, 1e9, held));
  if (step === orders.exitSilently) process.exit(0);
  if (step === orders.failAtStep?.step) {
    const { code, retryable } = orders.failAtStep;
    await tell({ type: 'ended', outcome: 'failed', error: { code, message: 'as ordered', fix: 'none', retryable } });
    process.exit(70);
  }
  await tell(
    {
      type: 'metrics',
      rows: [
        { name: 'train_loss', step, value: 1 / step },
        { name: 'tokens', step, value: 100 },
        { name: 'learning_rate', step, value: spec.attempt },
      ],
    },
    { type: 'progress', stage: 'training', step, total_steps: orders.steps, tokens: step * 100, seconds_left: 1 },
  );
  const ends = step === orders.steps;
  if (stopping && !ends) {
    await saveCheckpoint(step);
    await tell({ type: 'ended', outcome: 'stopped' });
    process.exit(75);
  }
  if (step % orders.checkpointEvery === 0 && !ends) await saveCheckpoint(step);
}
const folder = await store('output', 'adapter', { 'adapter.txt': `of ${orders.steps} steps` }, orders.steps);
if (orders.end === 'invalid') {
  const error = { code: 'invalid_training_file', message: 'line 3 is wrong', fix: 'mend line 3', retryable: false };
  await tell({ type: 'ended', outcome: 'invalid', folder, error });
  process.exit(65);
}
await tell({ type: 'ended', outcome: 'succeeded', folder });
console.log('done');
process.exit(0);
