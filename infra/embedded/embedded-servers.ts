import {
  createRuntimeHome,
  endManaged,
  logFileOf,
  type ManagedProcess,
  type RuntimeHome,
  startProcess,
} from '../processes/index.js';
import { type EmbeddedServer, waitUntilReady } from './embedded-server.js';
import type { Ports } from './ports.js';
import { EmbeddedPostgres } from './postgres.js';
import { EmbeddedSeaweed } from './seaweedfs.js';
import { loadSecrets, type Secrets } from './secrets.js';
import { EmbeddedValkey } from './valkey.js';

export interface EmbeddedServersOptions {
  ports: Ports;
  survivesPowerLoss: boolean;
  allowedOrigins: readonly string[];
}

/** PostgreSQL, Valkey and SeaweedFS of one home. */
export class EmbeddedServers {
  readonly secrets: Secrets;
  readonly servers: readonly EmbeddedServer[];

  constructor(
    readonly home: RuntimeHome,
    readonly options: EmbeddedServersOptions,
  ) {
    createRuntimeHome(home);
    this.secrets = loadSecrets(home);
    const { ports, survivesPowerLoss, allowedOrigins } = options;
    const { secrets } = this;
    this.servers = [
      new EmbeddedPostgres(home, { port: ports.postgres, secrets, survivesPowerLoss }),
      new EmbeddedValkey(home, { port: ports.valkey, secrets }),
      new EmbeddedSeaweed(home, { ports, secrets, allowedOrigins }),
    ];
  }

  /** Starts all three side by side. When one fails, those that came up are ended before the failure is told. */
  async start(): Promise<ManagedProcess[]> {
    const started: ManagedProcess[] = [];
    const results = await Promise.allSettled(
      this.servers.map((server) => startServer(this.home, server, (process) => started.push(process))),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) {
      await Promise.all(started.map(({ record }) => endManaged(this.home, record, 5_000)));
      throw failed.reason;
    }
    return started;
  }

  async stop(running: readonly ManagedProcess[]): Promise<void> {
    await Promise.all(
      running.map(({ record }) => {
        const server = this.servers.find(({ name }) => name === record.name);
        return endManaged(this.home, record, server?.stopWithinMilliseconds ?? 5_000);
      }),
    );
  }
}

/** Prepares, starts and provisions one server. */
export async function startServer(
  home: RuntimeHome,
  server: EmbeddedServer,
  onStarted: (process: ManagedProcess) => void = () => undefined,
): Promise<ManagedProcess> {
  await server.prepare();
  const running = startProcess(home, server.process());
  onStarted(running);
  await waitUntilReady(running, {
    isReady: () => server.isReady(),
    withinMilliseconds: server.readyWithinMilliseconds,
    logFile: logFileOf(home, server.name),
  });
  await server.provision();
  return running;
}
