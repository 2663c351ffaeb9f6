import { resolve } from 'node:path';
import { waitUntilReady } from '../embedded/index.js';
import {
  logFileOf,
  type ManagedProcess,
  type RuntimeHome,
  SupervisedProcess,
  startProcess,
} from '../processes/index.js';
import type { PlatformSettings } from './settings.js';

/** A process of the platform: answers /healthz on its port with 200 when it can do its work. */
export interface PlatformProcess {
  name: string;
  script: string;
  port: number;
  readyWithinMilliseconds: number;
  stopWithinMilliseconds: number;
}

/** In the order in which they start; they stop in the order of `STOP_ORDER`. */
export function platformProcesses({ ports }: PlatformSettings): PlatformProcess[] {
  const usual = { readyWithinMilliseconds: 60_000, stopWithinMilliseconds: 10_000 };
  return [
    { name: 'api', script: 'dist/apps/api/src/main.js', port: ports.api, ...usual },
    // Trainers that it tells to save need a while.
    {
      name: 'worker',
      script: 'dist/apps/worker/src/main.js',
      port: ports.worker,
      ...usual,
      stopWithinMilliseconds: 30_000,
    },
    { name: 'gateway', script: 'dist/apps/gateway/src/main.js', port: ports.gateway, ...usual },
  ];
}

/** No new calls, then no new work; the api goes last, since trainers that are told to save report to it. */
export const STOP_ORDER = ['gateway', 'worker', 'strays', 'api'] as const;

export function superviseProcess(
  home: RuntimeHome,
  definition: PlatformProcess,
  environment: NodeJS.ProcessEnv,
  onEvent: (event: string) => void,
): SupervisedProcess {
  return new SupervisedProcess(home, {
    name: definition.name,
    stopWithinMilliseconds: definition.stopWithinMilliseconds,
    onEvent,
    launch: (onStarted) => launch(home, definition, environment, onStarted),
  });
}

async function launch(
  home: RuntimeHome,
  { name, script, port, readyWithinMilliseconds }: PlatformProcess,
  environment: NodeJS.ProcessEnv,
  onStarted: (process: ManagedProcess) => void,
): Promise<ManagedProcess> {
  const logFile = logFileOf(home, name);
  const running = startProcess(home, {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', resolve(script)],
    env: environment,
    logFile,
  });
  onStarted(running);
  await waitUntilReady(running, {
    isReady: () => isHealthy(port),
    withinMilliseconds: readyWithinMilliseconds,
    logFile,
  });
  return running;
}

async function isHealthy(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}
