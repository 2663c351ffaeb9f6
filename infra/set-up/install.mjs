// npm's packages, as package-lock.json has them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, readText, runLogged, runtimeLog } from './steps.mjs';

/** The stamp lies among the packages: who removes them removes it. */
const STAMP = 'node_modules/.forkpoint-stamp';

export function isInstalled(root) {
  return readText(join(root, STAMP)) === wantedStamp(root);
}

export async function ensureInstalled(root, say) {
  if (isInstalled(root)) return;
  const began = performance.now();
  say('Installing npm packages (the first time takes about a minute) ...');
  // npm itself where npm runs us: it may not be on the PATH under that name.
  const npm = process.env.npm_execpath;
  const [program, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  // Not `npm ci`: it insists on an entry for every platform's optional packages, also where a registry serves only some.
  // --no-save leaves the lock as it is; warnings about the Node version do not concern the pinned one.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  await runLogged('npm install', program, [...first, ...args], {
    cwd: root,
    log: runtimeLog(root, 'npm-install'),
    remedy: 'check the network and the registry (npm config get registry), then run the same command again',
  });
  writeFileSync(join(root, STAMP), wantedStamp(root));
  say(`Installed npm packages in ${Math.round((performance.now() - began) / 1000)} s.`);
}

function wantedStamp(root) {
  const manifest = JSON.parse(readText(join(root, 'package.json')));
  const { dependencies, devDependencies, overrides, allowScripts } = manifest;
  const wanted = JSON.stringify({ dependencies, devDependencies, overrides, allowScripts });
  // Native packages are built for one platform and one path of node.
  return hashOf([wanted, readText(join(root, 'package-lock.json')) ?? '', process.platform, process.arch]);
}
