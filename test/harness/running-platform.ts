import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Environment, embeddedEnvironment, loadSecrets, portsFrom } from '../../infra/embedded/index.js';
import { platformProcesses } from '../../infra/platform/processes.js';
import { platformSettings } from '../../infra/platform/settings.js';
import { isRunning, logFileOf, type ProcessRecord, readPidFile, runtimeHome } from '../../infra/processes/index.js';

const VARIABLE = 'FORKPOINT_TEST_PLATFORM';

export interface PlatformInfo {
  home: string;
  portBase: number;
  /** What any client is told: addresses, an API key, users, checkpoints. */
  client: Record<string, string>;
}

export function handOverPlatform(info: PlatformInfo): void {
  process.env[VARIABLE] = JSON.stringify(info);
}

/** Parts that can be killed: the platform's processes and its servers, by the names of their logs. */
export type Part = 'api' | 'gateway' | 'worker' | 'postgres' | 'valkey' | 'seaweedfs';

/** The platform that the journeys share: how to reach it, and how to do it harm. */
export class RunningPlatform {
  private constructor(private readonly info: PlatformInfo) {}

  static get(): RunningPlatform {
    const text = process.env[VARIABLE];
    if (!text) throw new Error('no platform runs: run journeys with npm run test:journeys');
    return new RunningPlatform(JSON.parse(text) as PlatformInfo);
  }

  /** A variable of demo.env: OPENAI_API_KEY, FORKPOINT_GRAPHQL_URL, FORKPOINT_PROJECT, ... */
  client(name: string): string {
    const value = this.info.client[name];
    if (value === undefined) throw new Error(`${name} is not among ${Object.keys(this.info.client).join(', ')}`);
    return value;
  }

  /** For looking behind the scenes: connection strings and keys of the servers. */
  servers(): Environment {
    const home = runtimeHome(this.info.home);
    return embeddedEnvironment({ ports: portsFrom(this.info.portBase), secrets: loadSecrets(home) });
  }

  get home(): string {
    return this.info.home;
  }

  logFile(part: Part): string {
    return logFileOf(runtimeHome(this.info.home), part);
  }

  process(part: Part): ProcessRecord {
    const record = readPidFile(join(this.info.home, 'run'), part);
    if (!record || !isRunning(record)) throw new Error(`${part} does not run`);
    return record;
  }

  /** Sends a signal, by default kill -9; the supervisor starts the part again. */
  kill(part: Part, signal: NodeJS.Signals = 'SIGKILL'): ProcessRecord {
    const record = this.process(part);
    process.kill(record.pid, signal);
    return record;
  }

  /** Waits until a part that was killed runs again, as another process that is ready. */
  async recovered(killed: ProcessRecord, withinMilliseconds = 120_000): Promise<void> {
    const deadline = performance.now() + withinMilliseconds;
    while (performance.now() < deadline) {
      const record = readPidFile(join(this.info.home, 'run'), killed.name);
      if (record && record.pid !== killed.pid && isRunning(record) && (await this.isHealthy(killed.name))) return;
      await sleep(100);
    }
    throw new Error(`${killed.name} did not come back within ${withinMilliseconds / 1000} s`);
  }

  /** The servers have no address to ask; the processes do, and answer only when they can reach the servers. */
  private async isHealthy(name: string): Promise<boolean> {
    const settings = { ...platformSettings(), ports: portsFrom(this.info.portBase) };
    const known = platformProcesses(settings);
    const asked = known.filter((definition) => definition.name === name);
    const answers = (asked.length > 0 ? asked : known).map(({ port }) =>
      fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
        (response) => response.ok,
        () => false,
      ),
    );
    return (await Promise.all(answers)).every(Boolean);
  }
}
