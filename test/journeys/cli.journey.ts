import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { execa } from 'execa';
import { RunningPlatform } from '#test/harness';

const platform = RunningPlatform.get();
const base = platform.client('FORKPOINT_LATEST_CHECKPOINT');
const data = join('.forkpoint', 'lineage', 'data');
const STEPS = 60;

/** Lines that `follow --json` prints. */
type Told =
  | { type: 'status'; status: string }
  | { type: 'progress'; progress: { stage: string; step: number } }
  | { type: 'event'; event: { sequence: number } }
  | { type: 'metric'; metric: { sequence: number; name: string; step: number } }
  | { type: 'end'; job: { id: string; status: string; outputName: string; cost: { nanos: string } } };

describe('forkpoint, from a shell', () => {
  const home = mkdtempSync(join(tmpdir(), 'forkpoint-journey-'));
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  const env = {
    XDG_CONFIG_HOME: home,
    FORKPOINT_ORIGIN: platform.client('FORKPOINT_ORIGIN'),
    FORKPOINT_API_KEY: platform.client('OPENAI_API_KEY'),
    FORKPOINT_PROJECT: platform.client('FORKPOINT_PROJECT'),
  };
  const start = (...words: string[]) => execa(process.execPath, ['apps/cli/bin/forkpoint.mjs', ...words], { env });
  // biome-ignore lint/suspicious/noExplicitAny: results are read as their commands print them
  const json = async (...words: string[]): Promise<any> => {
    const { stdout, stderr } = await start(...words, '--json');
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  };
  let file: string;
  let job: string;
  let variant: string;

  it('uploads a file and validates it for a checkpoint', async () => {
    const checkpoints = await json('models', '--kind', 'base', '--order', 'step');
    expect(checkpoints.map(({ name }: { name: string }) => name)).toContain(base);
    file = (await start('upload', join(data, 'train.jsonl'), '--dataset', 'from a shell')).stdout;
    const report = await json('validate', file, '--for', base);
    expect(report).toMatchObject({ status: 'READY', report: { errorCount: 0 }, errors: [] });
    const pieces = report.preview[0].pieces as Array<{ text: string; trained: boolean }>;
    expect(new Set(pieces.map(({ trained }) => trained))).toEqual(new Set([true, false]));
    expect((await start('validate', file, '--for', base)).stdout).toMatch(/⟦.+⟧/s);
  });

  it('names what is wrong in a bad file, with code 1', async () => {
    const path = join(home, 'bad.jsonl');
    writeFileSync(path, '{"prompt": "a", "completion": "b"}\n{"prompt": 1}\nnot JSON\n');
    const { stdout: bad } = await start('upload', path);
    const failed = await execa(process.execPath, ['apps/cli/bin/forkpoint.mjs', 'validate', bad, '--for', base], {
      env,
      reject: false,
    });
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toMatch(/\n +2 +\//);
    expect(failed.stdout).toMatch(/\n +3 +/);
    expect(failed.stderr).toMatch(/^error FILE_INVALID: /);
  });

  it('prices a job, follows it through a restart of the gateway, and tells each thing once', async () => {
    const request = ['--model', base, '--file', file, '--max-steps', String(STEPS), '--checkpoint-every-steps', '15'];
    const quote = await json('quote', ...request);
    expect(quote).toMatchObject({ ready: true, steps: STEPS });

    const told: Told[] = [];
    const following = start('tune', ...request, '--suffix', 'shell', '--cap', '5', '--follow', '--json');
    let killed: ReturnType<RunningPlatform['kill']> | undefined;
    for await (const line of following) {
      const one = JSON.parse(line) as Told;
      told.push(one);
      if (!killed && one.type === 'progress' && one.progress.stage === 'training') killed = platform.kill('gateway');
    }
    expect((await following).stderr).toBe('');
    await platform.recovered(killed!);

    const sequences = told.flatMap((one) =>
      one.type === 'event' ? one.event.sequence : one.type === 'metric' ? one.metric.sequence : [],
    );
    expect(new Set(sequences).size).toBe(sequences.length);
    const losses = told.flatMap((one) =>
      one.type === 'metric' && one.metric.name === 'train_loss' ? one.metric.step : [],
    );
    expect(losses).toEqual(Array.from({ length: STEPS }, (_, step) => step + 1));
    const end = told.at(-1)!;
    if (end.type !== 'end') throw new Error(`the last line is ${JSON.stringify(end)}`);
    expect(end.job).toMatchObject({ status: 'SUCCEEDED', outputName: expect.stringMatching(/^ft:.*:shell:/) });
    expect(BigInt(end.job.cost.nanos)).toBeLessThanOrEqual(BigInt(quote.hardCap.nanos));
    job = end.job.id;
    variant = end.job.outputName;
  });

  it('shows the job, its curves, its log and its place in the lineage', async () => {
    expect(await json('jobs', 'show', job)).toMatchObject({ status: 'SUCCEEDED', attempts: [{ number: 1 }] });
    expect((await start('metrics', job)).stdout).toMatch(/train_loss\n +[\d.]+ │[⠀-⣿]+\n/u);
    expect((await start('logs', job)).stdout.length).toBeGreaterThan(100);
    const tree = (await start('lineage', variant)).stdout;
    expect(tree.indexOf(base)).toBeGreaterThanOrEqual(0);
    expect(tree.indexOf(variant)).toBeGreaterThan(tree.indexOf(base));
  });

  it('evaluates before and after, and compares', async () => {
    const rows = join(home, 'held-out.jsonl');
    const held = readFileSync(join(data, 'evaluation.jsonl'), 'utf8').split('\n').slice(0, 16);
    writeFileSync(rows, held.join('\n'));
    await start('evaluate', 'create', 'from a shell', '--rows', rows, '--max-new-tokens', '110');
    const [before, after] = await json('evaluate', 'run', 'from a shell', base, variant);
    expect([before.status, after.status]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const comparison = await json('evaluate', 'compare', before.id, after.id);
    expect(comparison).toMatchObject({ examples: held.length });
    expect(comparison.wins + comparison.losses + comparison.ties).toBe(held.length);
    expect((await json('evaluate', 'results', after.id, '--limit', '100')).results).toHaveLength(held.length);
  });

  it('deploys, talks to it, switches, rolls back, deletes and sees what it cost', async () => {
    const { deployment } = await json('deploy', variant, '--as', 'shell', '--wait');
    expect(deployment.serving.state).toBe('READY');
    const said = await start(
      'chat',
      deployment.name,
      'Rust: Pump : Integer := 3;',
      '--temperature',
      '0',
      '--max-tokens',
      '40',
    );
    expect(said.stdout).toContain('pump');
    await start('deploy', base, '--as', 'shell');
    expect(await json('deployments', 'show', 'shell')).toMatchObject({ activeRevision: { number: 2 } });
    expect(await json('deployments', 'roll-back', 'shell')).toMatchObject({
      deployment: { activeRevision: { number: 1 } },
    });
    expect((await start('deployments', 'switch', 'shell', '2')).stdout).toContain('revision 2');
    expect((await json('deployments', 'delete', 'shell')).deployment.status).toBe('DELETED');
    const { rows } = await json('usage', '--by', 'model,kind');
    const models = rows.map(({ model }: { model: string }) => model);
    expect(models).toEqual(expect.arrayContaining([variant]));
  });
});
