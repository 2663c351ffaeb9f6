// dist/ mirrors the tree: one compilation of everything that is TypeScript, and dist/portal, the portal's pages. Each is done
// again when a source of it has changed.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, readText, runLogged, runtimeLog } from './steps.mjs';

const SOURCES = ['apps', 'libs', 'migrations', 'infra', 'test', 'bench'];
const STAMP = 'dist/.forkpoint-stamp';
const PORTAL = 'apps/portal';
const PORTAL_OUTPUT = 'dist/portal';
const PORTAL_STAMP = `${PORTAL_OUTPUT}/.forkpoint-stamp`;

export function isBuilt(root) {
  return (
    readText(join(root, STAMP)) === wantedStamp(root) && readText(join(root, PORTAL_STAMP)) === wantedPortalStamp(root)
  );
}

export async function ensureBuilt(root, say) {
  await ensureCompiled(root, say);
  await ensurePortalBuilt(root, say);
}

async function ensureCompiled(root, say) {
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
  if (existsSync(join(root, PORTAL_OUTPUT))) renameSync(join(root, PORTAL_OUTPUT), join(fresh, 'portal'));
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
  renameSync(fresh, join(root, 'dist'));
  rmSync(old, { recursive: true, force: true });
  say(`Built in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
}

async function ensurePortalBuilt(root, say) {
  const wanted = wantedPortalStamp(root);
  if (readText(join(root, PORTAL_STAMP)) === wanted) return;
  const began = performance.now();
  const fresh = join(root, `dist/portal.${process.pid}`);
  await runLogged("The portal's build", join(root, 'node_modules/.bin/node'), [`${PORTAL}/build/build.mjs`, fresh], {
    cwd: root,
    log: runtimeLog(root, 'build-portal'),
    remedy: 'npm run lint names a mistake; npm run build:portal shows a page that grew too large',
  });
  writeFileSync(join(fresh, '.forkpoint-stamp'), wanted);
  rmSync(join(root, PORTAL_OUTPUT), { recursive: true, force: true });
  renameSync(fresh, join(root, PORTAL_OUTPUT));
  say(`Built the portal in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
}

function compilerArguments(root, output) {
  const compiler = join(root, 'node_modules/@swc/cli/bin/swc.js');
  const sources = SOURCES.filter((directory) => existsSync(join(root, directory)));
  return [
    compiler,
    ...sources,
    '--out-dir',
    output,
    '--config-file',
    '.swcrc',
    '--extensions',
    '.ts',
    '--ignore',
    '**/apps/portal/**',
    '--quiet',
  ];
}

function wantedStamp(root) {
  const sources = SOURCES.flatMap((directory) => filesIn(join(root, directory), isCompiled(root)));
  return stampOf(root, [readText(join(root, '.swcrc')) ?? ''], sources);
}

function wantedPortalStamp(root) {
  const { dependencies, devDependencies } = JSON.parse(readText(join(root, 'package.json')));
  const packages = JSON.stringify([dependencies, devDependencies]);
  return stampOf(
    root,
    [packages],
    filesIn(join(root, PORTAL), (path) => !path.endsWith('.md')),
  );
}

function stampOf(root, texts, files) {
  return hashOf([...texts, ...files.sort().flatMap((path) => [path.slice(root.length), readFileSync(path)])]);
}

function isCompiled(root) {
  const portal = join(root, PORTAL);
  return (path) => path.endsWith('.ts') && !path.startsWith(`${portal}/`);
}

function filesIn(directory, isWanted) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path, isWanted);
    return isWanted(path) ? [path] : [];
  });
}
