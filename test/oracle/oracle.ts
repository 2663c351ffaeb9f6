import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const DIRECTORY = join('test', 'oracle');
/** They need nothing but Python's standard library. */
const PYTHON = existsSync('.venv/bin/python') ? '.venv/bin/python' : 'python3';
/** Histories under way between generator and engine: what runs ahead waits, so that memory stays flat. */
const LINES_UNDER_WAY = 1_000;

export interface Judged {
  /** JSON, as the generator wrote it. */
  history: string;
  /** JSON, as the oracle wrote it. */
  expected: string;
}

export interface Sample {
  seed: number;
  count: number;
}

/** Generated histories with what the oracle makes of each, in their order; generator, oracle and reader run side by side. */
export async function* judgedHistories({ seed, count }: Sample): AsyncGenerator<Judged> {
  const generator = python('generate.py', '--seed', String(seed), '--count', String(count));
  const oracle = python('oracle.py');
  const ended = Promise.all([succeeded(generator, 'generate.py'), succeeded(oracle, 'oracle.py')]);
  // A reader that stops early ends both, and nobody asks any more how they ended.
  ended.catch(() => undefined);
  try {
    yield* judged(generator.stdout!, oracle);
    await ended;
  } finally {
    generator.kill();
    oracle.kill();
  }
}

async function* judged(generated: Readable, oracle: ChildProcess): AsyncGenerator<Judged> {
  const underWay: string[] = [];
  const histories = createInterface({ input: generated });
  // A reader whose input has ended refuses to be told to wait or to go on.
  let hasEnded = false;
  histories.on('line', (history) => {
    underWay.push(history);
    oracle.stdin!.write(`${history}\n`);
    if (!hasEnded && underWay.length >= LINES_UNDER_WAY) histories.pause();
  });
  histories.on('close', () => {
    hasEnded = true;
    oracle.stdin!.end();
  });
  for await (const expected of createInterface({ input: oracle.stdout! })) {
    const history = underWay.shift();
    if (history === undefined) throw new Error('the oracle wrote more results than it was given histories');
    if (!hasEnded && underWay.length < LINES_UNDER_WAY / 2) histories.resume();
    yield { history, expected };
  }
  if (underWay.length > 0) throw new Error(`the oracle left ${underWay.length} histories without a result`);
}

function python(script: string, ...parameters: string[]): ChildProcess {
  const child = spawn(PYTHON, [join(DIRECTORY, script), ...parameters], { stdio: ['pipe', 'pipe', 'inherit'] });
  // A process that ends early closes its pipe; its exit code tells of it.
  child.stdin!.on('error', () => undefined);
  return child;
}

function succeeded(child: ChildProcess, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });
}
