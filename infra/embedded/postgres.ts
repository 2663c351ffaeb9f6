import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { logFileOf, type ProcessSpec, type RuntimeHome } from '../processes/index.js';
import { chownForAccount } from './account-files.js';
import type { EmbeddedServer } from './embedded-server.js';
import { installPostgres, type PostgresInstallation } from './postgres-account.js';
import { DATABASE_LOGINS, type DatabaseLogin, type Secrets } from './secrets.js';

const run = promisify(execFile);
const SUPERUSER = 'forkpoint_superuser';
export const DATABASE_NAME = 'forkpoint';

export interface PostgresOptions {
  port: number;
  secrets: Secrets;
  /** False only where losing the data to a power cut does not matter: tests. A killed process loses nothing. */
  survivesPowerLoss: boolean;
}

export class EmbeddedPostgres implements EmbeddedServer {
  readonly name = 'postgres';
  readonly readyWithinMilliseconds = 60_000;
  readonly stopWithinMilliseconds = 10_000;
  private installation: PostgresInstallation | undefined;

  constructor(
    private readonly home: RuntimeHome,
    private readonly options: PostgresOptions,
  ) {}

  async prepare(): Promise<void> {
    const installation = installPostgres(this.home);
    this.installation = installation;
    if (!existsSync(join(installation.data, 'PG_VERSION'))) await this.initialize(installation);
    // Whoever held it has been reaped; its pid may since belong to a stranger, which PostgreSQL would take for a server.
    rmSync(join(installation.data, 'postmaster.pid'), { force: true });
  }

  process(): ProcessSpec {
    const { programs, data, account } = this.installation ?? unprepared();
    return {
      name: this.name,
      command: join(programs, 'postgres'),
      args: ['-D', data, ...this.settings().flatMap((setting) => ['-c', setting])],
      env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
      cwd: data,
      logFile: logFileOf(this.home, this.name),
      // Fast shutdown: roll back what is open and write a checkpoint, rather than wait for clients to leave.
      stopSignal: 'SIGINT',
      ...(account ? { user: account } : {}),
    };
  }

  async isReady(): Promise<boolean> {
    await this.asSuperuser('postgres', (client) => client.query('SELECT 1'));
    return true;
  }

  async provision(): Promise<void> {
    await this.asSuperuser('postgres', async (client) => {
      for (const [login, role] of Object.entries(DATABASE_LOGINS) as Array<[DatabaseLogin, string]>) {
        const rights = login === 'owner' ? 'CREATEROLE CREATEDB' : 'NOCREATEROLE NOCREATEDB';
        // To COPY; it can read nothing.
        const passing = login === 'intake' ? 'BYPASSRLS' : 'NOBYPASSRLS';
        const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
        const verb = known.rowCount ? 'ALTER' : 'CREATE';
        const password = client.escapeLiteral(this.options.secrets.database[login]);
        await client.query(`${verb} ROLE ${role} LOGIN NOSUPERUSER ${passing} ${rights} PASSWORD ${password}`);
      }
      const known = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE_NAME]);
      if (!known.rowCount) await client.query(`CREATE DATABASE ${DATABASE_NAME} OWNER ${DATABASE_LOGINS.owner}`);
    });
  }

  /** The connection string of one login to one database. */
  url(login: DatabaseLogin, database: string = DATABASE_NAME): string {
    return postgresUrl(this.options, login, database);
  }

  private settings(): string[] {
    const durability = this.options.survivesPowerLoss ? [] : ['fsync=off', 'full_page_writes=off'];
    return [
      'listen_addresses=127.0.0.1',
      `port=${this.options.port}`,
      'unix_socket_directories=',
      'max_connections=200',
      'shared_buffers=128MB',
      'timezone=UTC',
      'log_timezone=UTC',
      'log_line_prefix=%m [%p] %u@%d ',
      // A statement that waits on a lock for good would hold a worker for good.
      'lock_timeout=60s',
      'idle_in_transaction_session_timeout=60s',
      ...durability,
    ];
  }

  /** A directory half made by an initdb that was killed has no PG_VERSION or no finished control file: it is made anew. */
  private async initialize({ programs, data, account }: PostgresInstallation): Promise<void> {
    const scratch = mkdtempSync(join(tmpdir(), 'forkpoint-initdb-'));
    const passwordFile = join(scratch, 'password');
    writeFileSync(passwordFile, this.options.secrets.postgresSuperuser, { mode: 0o600 });
    chownForAccount([scratch, passwordFile], account);
    try {
      await run(
        join(programs, 'initdb'),
        [
          ...['--pgdata', data, '--username', SUPERUSER, '--pwfile', passwordFile],
          ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C'],
          // The same order of text on every machine, whatever locales it has.
          ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
        ],
        { ...(account ?? {}), cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' } },
      );
    } catch (error) {
      const { stderr } = error as { stderr?: string };
      appendFileSync(logFileOf(this.home, this.name), stderr ?? String(error));
      throw new Error(`initdb could not make ${data}: ${stderr ?? String(error)}`, { cause: error });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  private async asSuperuser<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.options.port,
      user: SUPERUSER,
      password: this.options.secrets.postgresSuperuser,
      database,
      connectionTimeoutMillis: 5_000,
    });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

export function postgresUrl(
  options: { port: number; secrets: Secrets },
  login: DatabaseLogin,
  database: string = DATABASE_NAME,
): string {
  return `postgres://${DATABASE_LOGINS[login]}:${options.secrets.database[login]}@127.0.0.1:${options.port}/${database}`;
}

function unprepared(): never {
  throw new Error('PostgreSQL was asked to start before it was prepared');
}
