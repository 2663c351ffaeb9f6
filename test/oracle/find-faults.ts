import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';
import { type History, makeInvoices, parseHistory, type Result } from '#libs/billing';
import { canonicalJson } from '#libs/kernel';
import { isSameJson } from './comparison.js';
import { judgedHistories } from './oracle.js';
import { FAULTS, type Fault } from './planted-faults.js';

/**
 * Plants each fault in a copy of the engine and lets the comparison look for it. Prints what each fault came to as JSON, for
 * libs/billing/src/invoicing/planted-faults.spec.ts.
 */
const SAMPLE = { seed: 40, count: 1_000 };
const SOURCE = join('libs', 'billing', 'src', 'invoicing');

/** `foundAfter`: how many histories it took; null where none of them showed it. */
interface Outcome {
  name: string;
  foundAfter: number | null;
}

type Engine = Pick<typeof import('#libs/billing'), 'makeInvoices'>;
interface Case {
  history: History;
  expected: string;
}

async function cases(): Promise<Case[]> {
  const all: Case[] = [];
  for await (const { history, expected } of judgedHistories(SAMPLE)) {
    all.push({ history: parseHistory(JSON.parse(history)), expected });
  }
  return all;
}

/** The engine in a folder of its own, from where `#libs/kernel` leads to the same kernel. */
async function engineWith({ file, find, replace, name }: Fault, folder: string): Promise<Engine> {
  const source = readFileSync(join(SOURCE, file), 'utf8');
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${name}: ${file} holds ${parts.length - 1} times ${find}`);
  cpSync(join('dist', SOURCE), folder, { recursive: true });
  const options = JSON.parse(readFileSync('.swcrc', 'utf8')) as object;
  const { code } = transformSync(parts.join(replace), { ...options, swcrc: false, sourceMaps: false, filename: file });
  writeFileSync(join(folder, file.replace(/\.ts$/, '.js')), code);
  return (await import(pathToFileURL(resolve(folder, 'index.js')).href)) as Engine;
}

/** A fault that throws is none that a comparison has to find: it ends the run. */
function firstFound(engine: Engine, all: readonly Case[]): number | null {
  const position = all.findIndex(({ history, expected }) => !isSame(expected, engine.makeInvoices(history)));
  return position < 0 ? null : position + 1;
}

function isSame(expected: string, result: Result): boolean {
  return isSameJson(expected, canonicalJson(result));
}

const all = await cases();
const workspace = mkdtempSync(join('dist', 'planted-'));
try {
  const outcomes: Outcome[] = [{ name: 'no fault', foundAfter: firstFound({ makeInvoices }, all) }];
  for (const [index, planted] of FAULTS.entries()) {
    const engine = await engineWith(planted, join(workspace, String(index)));
    outcomes.push({ name: planted.name, foundAfter: firstFound(engine, all) });
  }
  console.log(JSON.stringify(outcomes));
} finally {
  rmSync(workspace, { recursive: true });
}
