import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ComputeOutput, SftLora, TrainingReport } from '#libs/messages';
import { ComputePlatform, until } from './compute.fixture.js';
import type { ComputeSubmission } from './compute.service.js';
import type { ComputeJob, InputFile } from './compute-job.js';

jest.setTimeout(300_000);

const PYTHON = resolve('.venv/bin/python');
const LIMITS = { threads: 1, memory_bytes: 4 * 1024 ** 3, wall_seconds: 600 };
const METHOD: SftLora = {
  type: 'sft_lora',
  rank: 4,
  alpha: 8,
  target_modules: 'all-linear',
  // A resumed run is equal only if the random states are restored, too.
  dropout: 0.1,
  rslora: false,
  learning_rate: 0.01,
  scheduler: 'cosine',
  warmup_steps: 2,
  batch_size: 2,
  gradient_accumulation: 1,
  n_epochs: 3,
  seed: 3,
  weight_decay: 0.01,
  max_grad_norm: 1,
  logging_steps: 1,
  checkpoint_every_steps: 4,
};

/** The real trainer under the real worker and listener: 24 rows, 36 steps of a model of 30,000 parameters. */
describe('the Python trainer as a compute job', () => {
  let platform: ComputePlatform;
  let base: InputFile[];
  let prepared: InputFile[];

  beforeAll(async () => {
    platform = await ComputePlatform.start();
    const folder = join(platform.folder, 'base');
    const environment = { ...process.env, OMP_NUM_THREADS: '1', HF_HUB_OFFLINE: '1' };
    await promisify(execFile)(PYTHON, [resolve('libs/compute/src/micro-base.fixture.py'), folder], {
      env: environment,
    });
    base = await Promise.all(
      (await readdir(folder)).map(async (path) => store(`base/${path}`, path, await readFile(join(folder, path)))),
    );
    await platform.startWorker({
      command: [PYTHON, '-m', 'forkpoint_trainer'],
      stopGraceSeconds: 120,
      environment: { FORKPOINT_CACHE: join(platform.folder, 'data', 'cache') },
    });
    prepared = await prepare();
  });

  afterAll(async () => {
    await platform.stop();
  });

  async function store(name: string, path: string, bytes: Buffer): Promise<InputFile> {
    const key = `org/${platform.organization.organizationId}/spec/${name}`;
    return { path, key, ...(await platform.store.put(key, bytes)) };
  }

  async function run(submission: Partial<ComputeSubmission>): Promise<string> {
    return platform.submit({}, { ownerId: 'spec', limits: LIMITS, maxAttempts: 2, ...submission } as ComputeSubmission);
  }

  const succeeded = async (id: string): Promise<ComputeJob & { output: ComputeOutput }> => {
    const job = await platform.reaches(id, 'succeeded', 'failed', 'invalid');
    expect({ state: job.state, error: job.error }).toEqual({ state: 'succeeded', error: null });
    return job as ComputeJob & { output: ComputeOutput };
  };

  async function prepare(): Promise<InputFile[]> {
    const rows = Array.from({ length: 24 }, (_, n) => ({
      messages: [
        { role: 'user', content: `question ${n}` },
        { role: 'assistant', content: `answer ${n * 7}` },
      ],
    }));
    const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const id = await run({
      kind: 'prepare',
      parameters: { policy: { over_long: 'reject', max_tokens: 128, validation_fraction: 0, seed: 1 } },
      inputs: [
        { name: 'base', files: base.filter(({ path }) => !path.endsWith('.safetensors')) },
        { name: 'dataset', files: [await store('train.jsonl', 'train.jsonl', bytes)] },
      ],
    });
    const { output, report } = await succeeded(id);
    expect(report).toMatchObject({ type: 'preparation', outcome: 'ready', rows: { train: 24, invalid: 0 } });
    return output.folder.manifest.files.map((file) => ({ ...file, key: output.keyPrefix + file.path }));
  }

  const train = () =>
    run({
      kind: 'train',
      parameters: { base_name: 'micro-pretrain-000001', method: METHOD },
      inputs: [
        { name: 'base', files: base },
        { name: 'prepared', files: prepared },
      ],
    });

  const curve = async (id: string) =>
    (await platform.series(id, 'train_loss')).map(({ step, value }) => [step, value] as const);
  const tokens = (id: string) => platform.tx((tx) => platform.service.metricTotal(tx, id, 'tokens'));

  it('is killed in mid-training and goes on as if it had not been: equal losses, every token once', async () => {
    const whole = await train();
    const wholeJob = await succeeded(whole);
    expect(wholeJob).toMatchObject({ attempts: 1, report: { type: 'training', steps: 36 } });

    const killed = await train();
    await until(async () => (await curve(killed)).length >= 6, 120_000);
    await killTrainer(killed);
    const job = await succeeded(killed);
    expect(job).toMatchObject({ attempts: 2, failures: 1 });
    const [, second] = await platform.attempts(killed);
    expect(second!.resume!.step).toBeGreaterThanOrEqual(4);
    expect((job.report as TrainingReport).resumed_from_step).toBe(second!.resume!.step);

    const [expected, seen] = [await curve(whole), await curve(killed)];
    expect(seen.map(([step]) => step)).toEqual(expected.map(([step]) => step));
    expect(seen).toHaveLength(36);
    for (const [position, [, loss]] of seen.entries()) {
      expect(Math.abs(loss - expected[position]![1])).toBeLessThanOrEqual(1e-6);
    }
    expect(await tokens(killed)).toBe(await tokens(whole));
    expect(await tokens(whole)).toBe((wholeJob.report as TrainingReport).tokens);
    expect(job.output.folder.manifest).toMatchObject({ kind: 'adapter', attempt: 2, step: 36 });
  });

  it('pauses with a checkpoint and resumes from it', async () => {
    const id = await train();
    await until(async () => (await curve(id)).length >= 2, 120_000);
    await platform.tx((tx) => platform.service.pause(tx, id));
    await platform.reaches(id, 'paused');
    expect((await platform.attempts(id))[0]).toMatchObject({ outcome: 'stopped', exit: { how: 'exited', code: 75 } });
    await platform.tx((tx) => platform.service.resume(tx, id));
    expect(await succeeded(id)).toMatchObject({ attempts: 2, failures: 0 });
    expect(await curve(id)).toHaveLength(36);
  });

  /** kill -9 of the Python process: the one child of the attempt's wrapper. */
  async function killTrainer(jobId: string): Promise<void> {
    const [pid] = (await readFile(join(platform.folder, 'data', 'attempts', `${jobId}.1`, 'process'), 'utf8')).split(
      ' ',
    );
    const child = Number(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
    process.kill(child, 'SIGKILL');
  }
});
