import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedServers, isPortFree, portsInUse, startServer } from '../embedded/index.js';
import {
  createRuntimeHome,
  endProcess,
  findStrays,
  HomeLock,
  reap,
  runStep,
  SetUpError,
  SupervisedProcess,
} from '../processes/index.js';
import { platformEnvironment, withShell } from './platform-environment.js';
import { platformProcesses, STOP_ORDER, superviseProcess } from './processes.js';
import { type PlatformSettings, publicOrigin } from './settings.js';

/** A supervisor that was told to end needs this long at most; a start that follows on its heels waits for it. */
const HOME_PATIENCE_MILLISECONDS = 40_000;
/** A trainer that is told to end saves what it has first. */
const STRAY_GRACE_MILLISECONDS = 15_000;
const PORTS_PATIENCE_MILLISECONDS = 3_000;
const PORTS_POLL_MILLISECONDS = 100;

/** One whole platform on this machine: its embedded servers and its processes, each kept running until `stop`. */
export class Platform {
  readonly servers: EmbeddedServers;
  private readonly lock: HomeLock;
  private readonly supervised: SupervisedProcess[] = [];
  private readonly ending = new AbortController();
  private ours = false;

  constructor(
    readonly settings: PlatformSettings,
    private readonly onEvent: (event: string) => void,
    { survivesPowerLoss = true }: { survivesPowerLoss?: boolean } = {},
  ) {
    createRuntimeHome(settings.home);
    this.lock = new HomeLock(settings.home, 'platform');
    this.servers = new EmbeddedServers(settings.home, {
      ports: settings.ports,
      survivesPowerLoss,
      allowedOrigins: [publicOrigin(settings)],
    });
  }

  get environment(): NodeJS.ProcessEnv {
    return withShell(platformEnvironment(this.settings, this.servers.secrets));
  }

  /** Aborted when the platform is told to stop: steps that run on their own heed it. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  /** False until this supervisor, and no other, has the home: before that nothing in it is ours to end. */
  get holdsHome(): boolean {
    return this.ours;
  }

  /** Makes the home ours, ends what an earlier supervisor left behind, and looks whether the ports are free. */
  async takeHome(): Promise<{ ended: string[] }> {
    await this.lock.take(HOME_PATIENCE_MILLISECONDS).catch((error: Error) => {
      throw new SetUpError('Starting', `a platform runs here already: ${error.message}`, { remedy: 'npm run stop' });
    });
    this.ours = true;
    rmSync(this.readyFile(), { force: true });
    const leftovers = await reap(this.settings.home, STRAY_GRACE_MILLISECONDS);
    await this.refuseTakenPorts();
    return { ended: leftovers.map((record) => record.name) };
  }

  async startServers(onReady: (name: string) => void = () => undefined): Promise<void> {
    await settleAll(
      this.servers.servers.map(async (server) => {
        const supervised = new SupervisedProcess(this.settings.home, {
          name: server.name,
          stopWithinMilliseconds: server.stopWithinMilliseconds,
          onEvent: this.onEvent,
          launch: (onStarted) => startServer(this.settings.home, server, onStarted),
        });
        this.supervised.push(supervised);
        await supervised.start();
        onReady(server.name);
      }),
    );
  }

  async startProcesses(onReady: (name: string) => void = () => undefined): Promise<void> {
    for (const definition of platformProcesses(this.settings)) {
      const supervised = superviseProcess(this.settings.home, definition, this.environment, this.onEvent);
      this.supervised.push(supervised);
      await supervised.start();
      onReady(definition.name);
    }
  }

  /** Runs one of our own scripts to its end, with the platform's environment. */
  async runScript(
    name: string,
    script: string,
    options: { what: string; remedy: string; env?: Record<string, string>; onLine?: (line: string) => void },
  ): Promise<void> {
    await runStep(this.settings.home, {
      name,
      what: options.what,
      command: process.execPath,
      args: ['--enable-source-maps', resolve(script)],
      env: { ...this.environment, ...options.env },
      remedy: options.remedy,
      signal: this.signal,
      ...(options.onLine ? { onLine: options.onLine } : {}),
    });
  }

  /** For whoever waits outside: everything is up, and set up. */
  announceReady(): void {
    const path = this.readyFile();
    writeFileSync(`${path}.new`, JSON.stringify({ origin: publicOrigin(this.settings), pid: process.pid }));
    renameSync(`${path}.new`, path);
  }

  /** Ends everything in order: callers first, then work, then what holds the data. */
  async stop(): Promise<void> {
    this.ending.abort();
    if (!this.ours) return;
    rmSync(this.readyFile(), { force: true });
    for (const name of STOP_ORDER) {
      if (name === 'strays') await this.endStrays();
      else await this.find(name)?.stop();
    }
    await Promise.all(this.servers.servers.map(({ name }) => this.find(name)?.stop()));
    this.releaseHome();
  }

  private releaseHome(): void {
    this.ours = false;
    this.lock.release();
  }

  private readyFile(): string {
    return readyFile(this.settings);
  }

  private find(name: string): SupervisedProcess | undefined {
    return this.supervised.find((supervised) => supervised.name === name);
  }

  /** Trainers and engines: the worker started them in sessions of their own, so that they outlive a crash of its own. */
  private async endStrays(): Promise<void> {
    await Promise.all(findStrays(this.settings.home).map((stray) => endProcess(stray, STRAY_GRACE_MILLISECONDS)));
  }

  private async refuseTakenPorts(): Promise<void> {
    let taken = await this.takenPorts();
    // The threads of a process that was killed let go of its ports a moment after it counts as ended.
    for (let waited = 0; taken.length > 0 && waited < PORTS_PATIENCE_MILLISECONDS; waited += PORTS_POLL_MILLISECONDS) {
      await sleep(PORTS_POLL_MILLISECONDS);
      taken = await this.takenPorts();
    }
    if (taken.length === 0) return;
    this.releaseHome();
    throw new SetUpError('Starting', `another program listens on ${taken.join(', ')}`, {
      remedy: 'end it (ss -ltnp names it), or choose other ports: FORKPOINT_PORT_BASE=22000 npm start',
    });
  }

  private async takenPorts(): Promise<string[]> {
    const ports = [...portsInUse(this.settings.ports, 'all')];
    const free = await Promise.all(ports.map(([port]) => isPortFree(port)));
    return ports.filter((_, index) => !free[index]).map(([port, part]) => `${port} (${part})`);
  }
}

export function readyFile({ home }: PlatformSettings): string {
  return join(home.run, 'ready.json');
}

/** Waits for all, then throws the first failure: nothing goes on in the background while we clean up. */
async function settleAll(work: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
