import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePortBase, portsFrom } from '../../infra/embedded/index.js';
import { demoVariables } from '../../infra/platform/demo-environment.js';
import { readyFile } from '../../infra/platform/platform.js';
import { platformSettings } from '../../infra/platform/settings.js';
import { createRuntimeHome, reap, runtimeHome } from '../../infra/processes/index.js';
import { handOverPlatform } from './running-platform.js';

/** Above the ranges of people's own platforms and of the unit tests' servers. */
const FIRST_PORT = 22_360;
/** Training the lineage is most of it, where it is not there yet. */
const READY_WITHIN_MILLISECONDS = 20 * 60_000;

declare global {
  var forkpointPlatformUnderTest: ChildProcess | undefined;
}

/** Before the journeys: one whole platform, started as `npm start` does, empty of what earlier journeys did. */
export default async function setUp(): Promise<void> {
  const home = runtimeHome('.forkpoint/journeys');
  await reap(home);
  rmSync(home.root, { recursive: true, force: true });
  createRuntimeHome(home);
  const portBase = await findFreePortBase(FIRST_PORT, 'all');
  const settings = { ...platformSettings(), home, ports: portsFrom(portBase) };
  const logFile = join(home.logs, 'start.log');
  const log = openSync(logFile, 'a', 0o600);
  const starting = spawn(process.execPath, ['--enable-source-maps', resolve('dist/infra/commands/start.js')], {
    env: { ...process.env, FORKPOINT_HOME: home.root, FORKPOINT_PORT_BASE: String(portBase) },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  globalThis.forkpointPlatformUnderTest = starting;
  await untilReady(starting, readyFile(settings), logFile);
  handOverPlatform({ home: home.root, portBase, client: demoVariables(settings) });
}

async function untilReady(starting: ChildProcess, ready: string, logFile: string): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MILLISECONDS;
  while (performance.now() < deadline) {
    if (readIfPresent(ready) !== null) return;
    if (starting.exitCode !== null || starting.signalCode !== null) {
      throw new Error(`the platform did not start:\n${readIfPresent(logFile)?.slice(-4_000)}\nIts log: ${logFile}`);
    }
    await sleep(200);
  }
  starting.kill('SIGTERM');
  throw new Error(
    `the platform was not ready after ${READY_WITHIN_MILLISECONDS / 60_000} minutes; its log: ${logFile}`,
  );
}

function readIfPresent(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
