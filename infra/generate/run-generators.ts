import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { GENERATORS, type Generator } from './registry.js';

const run = promisify(execFile);

/** Runs every generator. In a check what they wrote is taken back, and the paths that had changed are given. */
export async function runGenerators({ check }: { check: boolean }, generators = GENERATORS): Promise<string[]> {
  const changed: string[] = [];
  for (const generator of generators) {
    const before = generator.writes.map((path) => ({ path, content: readIfPresent(path) }));
    for (const { path } of before) mkdirSync(dirname(path), { recursive: true });
    await runGenerator(generator);
    for (const { path, content } of before) {
      if (readIfPresent(path) === content) continue;
      changed.push(path);
      if (check) restore(path, content);
    }
  }
  return changed;
}

async function runGenerator({ what, command: [script, ...args] }: Generator): Promise<void> {
  try {
    await run(process.execPath, ['--enable-source-maps', join('dist', script), ...args]);
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(`the generator of the ${what} failed (dist/${script}):\n${stderr || String(error)}`, {
      cause: error,
    });
  }
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function restore(path: string, content: string | null): void {
  if (content === null) rmSync(path, { force: true });
  else writeFileSync(path, content);
}
