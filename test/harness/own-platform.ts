import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePortBase, portsFrom } from '../../infra/embedded/index.js';
import { readyFile } from '../../infra/platform/platform.js';
import { platformSettings } from '../../infra/platform/settings.js';
import {
  createRuntimeHome,
  findLeftovers,
  HomeLock,
  type ProcessRecord,
  type RuntimeHome,
  readPidFile,
  reap,
  runtimeHome,
} from '../../infra/processes/index.js';

/** A start of a platform that a journey has for itself, to see how it starts and ends. */
export class OwnPlatform {
  private constructor(
    readonly home: RuntimeHome,
    private readonly portBase: number,
  ) {}

  /** Away from the platform that journeys share. */
  static async at(directory: string, firstPort = 22_480): Promise<OwnPlatform> {
    const home = runtimeHome(directory);
    await reap(home);
    rmSync(home.root, { recursive: true, force: true });
    createRuntimeHome(home);
    return new OwnPlatform(home, await findFreePortBase(firstPort, 'all'));
  }

  /** Runs `npm start`'s command; `environment` may choose what to start. */
  start(environment: Record<string, string> = {}): StartedPlatform {
    const logFile = join(this.home.logs, 'start.log');
    const log = openSync(logFile, 'w', 0o600);
    const command = resolve('dist/infra/commands/start.js');
    const process_ = spawn(process.execPath, ['--enable-source-maps', command], {
      env: {
        ...process.env,
        FORKPOINT_HOME: this.home.root,
        FORKPOINT_PORT_BASE: String(this.portBase),
        ...environment,
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const settings = { ...platformSettings(), home: this.home, ports: portsFrom(this.portBase) };
    return new StartedPlatform(process_, readyFile(settings), logFile);
  }

  get ports(): ReturnType<typeof portsFrom> {
    return portsFrom(this.portBase);
  }

  supervisor(): number | null {
    return new HomeLock(this.home, 'platform').holder()?.pid ?? null;
  }

  part(name: string): ProcessRecord | null {
    return readPidFile(this.home.run, name);
  }

  leftovers(): string[] {
    return findLeftovers(this.home).map(({ name, command }) => `${name}: ${command}`);
  }

  async cleanUp(): Promise<void> {
    await reap(this.home);
    rmSync(this.home.root, { recursive: true, force: true });
  }
}

export class StartedPlatform {
  readonly ended: Promise<number | null>;

  constructor(
    private readonly child: ChildProcess,
    private readonly readyFile: string,
    private readonly logFile: string,
  ) {
    this.ended = new Promise((finish) => child.once('exit', (code) => finish(code)));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  output(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  async ready(withinMilliseconds: number): Promise<void> {
    await this.until(() => this.announcedBy() === this.child.pid, withinMilliseconds);
  }

  /** Waits until the platform says something. */
  async says(text: string, withinMilliseconds = 60_000): Promise<void> {
    await this.until(() => this.output().includes(text), withinMilliseconds);
  }

  /** One that was killed leaves its announcement behind. */
  private announcedBy(): number | null {
    if (!existsSync(this.readyFile)) return null;
    return (JSON.parse(readFileSync(this.readyFile, 'utf8')) as { pid: number }).pid;
  }

  private async until(condition: () => boolean, withinMilliseconds: number): Promise<void> {
    const deadline = performance.now() + withinMilliseconds;
    while (performance.now() < deadline) {
      if (condition()) return;
      if (this.child.exitCode !== null || this.child.signalCode !== null) break;
      await sleep(50);
    }
    if (condition()) return;
    throw new Error(`the platform did not come that far; it said:\n${this.output().slice(-4_000)}`);
  }
}
