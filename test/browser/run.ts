import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { loadSecrets } from '../../infra/embedded/index.js';
import { demoVariables } from '../../infra/platform/demo-environment.js';
import { staffEnvironment } from '../../infra/platform/seeding.js';
import { platformSettings } from '../../infra/platform/settings.js';
import { reap } from '../../infra/processes/index.js';
import { OwnPlatform } from '../harness/own-platform.js';
import { readPlaywrightResults, type Tally } from '../run/results.js';
import { findChromium } from './chromium.js';

export const BROWSER_HOME = '.forkpoint/browser';
/** Playwright's own report of the last run. */
export const BROWSER_RESULTS = resolve(BROWSER_HOME, 'results.json');
/** Beside the ports of the journeys. */
const FIRST_PORT = 22_600;
/** Training the lineage is most of it, where it is not there yet. */
const READY_WITHIN_MILLISECONDS = 20 * 60_000;

/**
 * A platform of their own, as `npm start` makes one; Chromium on it; the end of the platform. Its arguments go to Playwright:
 * `npm run test:browser -- first-fine-tune --headed`.
 */
export async function runBrowserTests(args: readonly string[] = []): Promise<Tally> {
  const chromium = await findChromium();
  const platform = await OwnPlatform.at(BROWSER_HOME, FIRST_PORT);
  // Nobody listens where webhooks go: what is shown of them is that they failed.
  const started = platform.start({ WEBHOOK_ALLOWED_HOSTS: '127.0.0.0/8' });
  try {
    await started.ready(READY_WITHIN_MILLISECONDS);
    const settings = { ...platformSettings(), home: platform.home, ports: platform.ports };
    const client = { ...demoVariables(settings), ...staffEnvironment(settings, loadSecrets(platform.home)) };
    return await runPlaywright(args, { FORKPOINT_BROWSER_PLATFORM: JSON.stringify(client), CHROMIUM: chromium });
  } finally {
    started.signal('SIGINT');
    await started.ended;
    await reap(platform.home);
  }
}

async function runPlaywright(args: readonly string[], environment: Record<string, string>): Promise<Tally> {
  const command = [
    'node_modules/@playwright/test/cli.js',
    'test',
    '--config',
    'test/browser/playwright.config.ts',
    ...args,
  ];
  const child = spawn(process.execPath, command, {
    stdio: 'inherit',
    env: { ...process.env, ...environment, PLAYWRIGHT_JSON_OUTPUT_NAME: BROWSER_RESULTS },
  });
  await new Promise<void>((finish, fail) => {
    child.once('error', fail);
    child.once('close', () => finish());
  });
  return readPlaywrightResults(BROWSER_RESULTS);
}
