// dist/ mirrors the tree: one compilation of everything that is TypeScript, done again when a source has changed.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, readText, runLogged, runtimeLog } from './steps.mjs';

const SOURCES = ['apps', 'libs', 'migrations', 'infra', 'test', 'bench'];
const STAMP = 'dist/.forkpoint-stamp';

export function isBuilt(root) {
  return readText(join(root, STAMP)) === wantedStamp(root);
}

export async function ensureBuilt(root, say) {
  const wanted = wantedStamp(root);
  if (readText(join(root, STAMP)) === wanted) return;
  const began = performance.now();
  const fresh = join(root, `dist.${process.pid}`);
  await runLogged('The build', join(root, 'node_modules/.bin/node'), compilerArguments(root, fresh), {
    cwd: root,
    log: runtimeLog(root, 'build'),
    remedy: 'npm run lint names the mistake',
  });
  writeFileSync(join(fresh, '.forkpoint-stamp'), wanted);
  // Nothing of a source that is gone stays behind, and nobody ever sees half a build.
  const old = `${fresh}.old`;
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
  renameSync(fresh, join(root, 'dist'));
  rmSync(old, { recursive: true, force: true });
  say(`Built in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
}

function compilerArguments(root, output) {
  const compiler = join(root, 'node_modules/@swc/cli/bin/swc.js');
  const sources = SOURCES.filter((directory) => existsSync(join(root, directory)));
  return [compiler, ...sources, '--out-dir', output, '--config-file', '.swcrc', '--extensions', '.ts', '--quiet'];
}

function wantedStamp(root) {
  const files = SOURCES.flatMap((directory) => sourcesIn(join(root, directory))).sort();
  return hashOf([
    readText(join(root, '.swcrc')) ?? '',
    ...files.flatMap((path) => [path.slice(root.length), readFileSync(path)]),
  ]);
}

function sourcesIn(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesIn(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}
