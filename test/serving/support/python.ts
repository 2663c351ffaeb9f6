import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const PYTHON = resolve('.venv/bin/python');
const LINEAGE = resolve('.forkpoint/lineage');
/** Enough for a model whose answers differ by prompt. */
const MICRO_TOKENS = 330_000;

/** Runs a program of the Python environment; what it says on standard error is told when it fails. */
export function python(args: string[], input = ''): Promise<string> {
  if (!existsSync(PYTHON)) throw new Error(`${PYTHON} is missing: run apps/trainer/setup.sh`);
  const child = spawn(PYTHON, args, {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OMP_NUM_THREADS: '1',
      OMP_WAIT_POLICY: 'passive',
      HF_HUB_OFFLINE: '1',
    },
    stdio: 'pipe',
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.end(input);
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => {
      if (code === 0) done(Buffer.concat(output).toString());
      else failed(new Error(`python ${args[0]} ended with ${code}: ${Buffer.concat(errors).toString().slice(-2000)}`));
    });
  });
}

/** The newest whole checkpoint of the base lineage, where it has been built; else one that is trained for the purpose. */
export async function baseCheckpoint(folder: string): Promise<{ base: string; data: string }> {
  const known = await newestWhole(LINEAGE);
  if (known && existsSync(join(LINEAGE, 'data', 'train.jsonl'))) return { base: known, data: join(LINEAGE, 'data') };
  const out = join(folder, 'lineage');
  await mkdir(folder, { recursive: true });
  await python(['-m', 'forkpoint_trainer.lineage', '--out', out, '--tokens', String(MICRO_TOKENS)]);
  return { base: (await newestWhole(out))!, data: join(out, 'data') };
}

async function newestWhole(lineage: string): Promise<string | undefined> {
  const names = existsSync(lineage) ? await readdir(lineage) : [];
  const steps = names.filter((name) => name.startsWith('step-') && existsSync(join(lineage, name, 'COMPLETE.json')));
  const newest = steps.sort().at(-1);
  return newest && join(lineage, newest);
}
