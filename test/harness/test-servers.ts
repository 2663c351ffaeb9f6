import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedServers, findFreePortBase, type Ports, portsFrom, type Secrets } from '../../infra/embedded/index.js';
import {
  createRuntimeHome,
  HomeLock,
  identityOf,
  isRunning,
  listPidFiles,
  type ProcessIdentity,
  type RuntimeHome,
  reap,
  runtimeHome,
} from '../../infra/processes/index.js';

/** Above the ranges that a platform is usually given. */
const FIRST_TEST_PORT = 22_100;
const LOCK_PATIENCE_MILLISECONDS = 120_000;

/** What specs need to know of the servers; handed to Jest's workers in the environment. */
export interface TestServersInfo {
  home: string;
  ports: Ports;
  secrets: Secrets;
  template: string;
}

/**
 * The real servers of the unit tests, started once for all test runs that overlap in time: the last run to leave stops
 * them, or leaves them for the next where FORKPOINT_TEST_KEEP=1 asks for it.
 */
export class TestServers {
  readonly home: RuntimeHome;
  private readonly lock: HomeLock;
  private readonly users: string;

  constructor(root: string = process.env['FORKPOINT_TEST_HOME'] ?? '.forkpoint/test') {
    this.home = createRuntimeHome(runtimeHome(root));
    this.lock = new HomeLock(this.home, 'test-servers');
    this.users = join(this.home.run, 'users');
  }

  /** Starts the servers, or joins those that run. */
  async enter(): Promise<{ ports: Ports; secrets: Secrets }> {
    return this.locked(async () => {
      const servers = await this.running().then((running) => running ?? this.start());
      mkdirSync(this.users, { recursive: true });
      writeFileSync(join(this.users, `${process.pid}.json`), JSON.stringify(identityOf(process.pid)));
      return { ports: servers.options.ports, secrets: servers.secrets };
    });
  }

  async leave({ keep }: { keep: boolean }): Promise<void> {
    await this.locked(async () => {
      rmSync(join(this.users, `${process.pid}.json`), { force: true });
      if (!keep && this.liveUsers().length === 0) await reap(this.home);
    });
  }

  private async running(): Promise<EmbeddedServers | null> {
    const base = this.readPortBase();
    if (base === null) return null;
    const servers = this.servers(base);
    const alive = listPidFiles(this.home.run).filter(isRunning);
    if (!servers.servers.every(({ name }) => alive.some((record) => record.name === name))) return null;
    const ready = await Promise.all(servers.servers.map((server) => server.isReady().catch(() => false)));
    return ready.every(Boolean) ? servers : null;
  }

  private async start(): Promise<EmbeddedServers> {
    await reap(this.home);
    const base = await findFreePortBase(FIRST_TEST_PORT, 'embedded');
    const servers = this.servers(base);
    // They may outlive this run, for others that joined it.
    for (const running of await servers.start()) running.unref();
    writeFileSync(this.portBaseFile(), String(base));
    return servers;
  }

  private servers(portBase: number): EmbeddedServers {
    const ports = portsFrom(portBase);
    return new EmbeddedServers(this.home, { ports, survivesPowerLoss: false, allowedOrigins: ['http://127.0.0.1'] });
  }

  private async locked<T>(work: () => Promise<T>): Promise<T> {
    await this.lock.take(LOCK_PATIENCE_MILLISECONDS);
    try {
      return await work();
    } finally {
      this.lock.release();
    }
  }

  private liveUsers(): ProcessIdentity[] {
    return readdirSync(this.users)
      .map((file) => JSON.parse(readFileSync(join(this.users, file), 'utf8')) as ProcessIdentity)
      .filter(isRunning);
  }

  private portBaseFile(): string {
    return join(this.home.run, 'port-base');
  }

  private readPortBase(): number | null {
    try {
      return Number(readFileSync(this.portBaseFile(), 'utf8'));
    } catch {
      return null;
    }
  }
}
