import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';
import { type History, makeInvoices, parseHistory, type Result } from '#libs/billing';
import { canonicalJson } from '#libs/kernel';
import { isSameJson } from './comparison.js';
import { judgedHistories } from './oracle.js';
import { FAULTS, type Fault, type FaultFolder } from './planted-faults.js';

/**
 * Plants each fault in a copy of the engine and lets the comparison look for it. Prints what each fault came to as JSON, for
 * libs/billing/src/invoicing/planted-faults.spec.ts.
 */
const SAMPLE = { seed: 40, count: 1_000 };
const FOLDERS: readonly FaultFolder[] = ['libs/billing/src/invoicing', 'libs/contracts/src/pricing'];

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

/**
 * The engine in a folder of its own, with the pricing that it shares beside it; `#libs/...` leads to the same libs as ever, and of
 * libs/contracts to all but that pricing.
 */
async function engineWith({ folder, file, find, replace, name }: Fault, workspace: string): Promise<Engine> {
  const source = readFileSync(join(folder, file), 'utf8');
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${name}: ${file} holds ${parts.length - 1} times ${find}`);
  const copyOf = (original: FaultFolder) => join(workspace, basename(original));
  for (const original of FOLDERS) cpSync(join('dist', original), copyOf(original), { recursive: true });
  const options = JSON.parse(readFileSync('.swcrc', 'utf8')) as object;
  const { code } = transformSync(parts.join(replace), { ...options, swcrc: false, sourceMaps: false, filename: file });
  writeFileSync(join(copyOf(folder), file.replace(/\.ts$/, '.js')), code);
  joinParts(workspace);
  return (await import(pathToFileURL(resolve(workspace, 'invoicing', 'index.js')).href)) as Engine;
}

/** The copied engine imports the copied pricing, and that one everything else from where it is. */
function joinParts(workspace: string): void {
  writeFileSync(
    join(workspace, 'contracts.js'),
    `export * from '#libs/contracts';
     export { exactPriceNanos } from './pricing/exact-price.js';
     export { keptBasisPoints, WHOLE_BASIS_POINTS } from './pricing/discounts.js';
     export { RuleTree } from './pricing/rule-tree.js';`,
  );
  redirect(join(workspace, 'invoicing'), '#libs/contracts', '../contracts.js');
  redirect(join(workspace, 'pricing'), '../contract/terms.js', '#libs/contracts');
}

function redirect(folder: string, from: string, to: string): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    const path = join(folder, file);
    const code = readFileSync(path, 'utf8');
    writeFileSync(path, code.replaceAll(new RegExp(`(["'])${from}\\1`, 'g'), `"${to}"`));
  }
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
