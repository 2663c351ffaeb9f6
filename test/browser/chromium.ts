import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from '@playwright/test';

/** Of the distribution, in the order of what is tried. */
const USUAL_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of the machine, or Playwright's own; where there is none it is installed from the one or the other. */
export async function findChromium(): Promise<string> {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  const found = known();
  if (found) return found;
  console.log('Chromium: installing ...');
  const isRoot = process.getuid?.() === 0;
  if (isRoot && run('apt-get', 'update', '-qq')) run('apt-get', 'install', '-y', '-qq', 'chromium');
  const fromDistribution = known();
  if (fromDistribution) return fromDistribution;
  run(process.execPath, 'node_modules/@playwright/test/cli.js', 'install', 'chromium');
  const installed = known();
  if (installed) return installed;
  throw new Error(
    'There is no Chromium and none could be installed. As root: apt-get install chromium; or name one: CHROMIUM=/path/to/it.',
  );
}

function known(): string | undefined {
  return [...USUAL_PATHS, chromium.executablePath()].find((path) => existsSync(path));
}

function run(command: string, ...args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
}
