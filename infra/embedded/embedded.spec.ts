import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import {
  findLeftovers,
  findStrays,
  listPidFiles,
  type ManagedProcess,
  type RuntimeHome,
  reap,
  runtimeHome,
} from '../processes/index.js';
import { platformPorts } from '../set-up/prerequisites.mjs';
import {
  EmbeddedServers,
  type Environment,
  embeddedEnvironment,
  findFreePortBase,
  loadSecrets,
  portsFrom,
  portsInUse,
  secretsFile,
} from './index.js';

/** Away from the ranges that test runs and platforms take. */
const FIRST_PORT = 22_600;

describe('the embedded servers', () => {
  let home: RuntimeHome;
  let servers: EmbeddedServers;
  let running: ManagedProcess[];
  let environment: Environment;

  beforeAll(async () => {
    home = runtimeHome(mkdtempSync(join(tmpdir(), 'forkpoint-embedded-')));
    const ports = portsFrom(await findFreePortBase(FIRST_PORT, 'embedded'));
    servers = new EmbeddedServers(home, { ports, survivesPowerLoss: true, allowedOrigins: ['http://127.0.0.1:1'] });
    running = await servers.start();
    environment = embeddedEnvironment({ ports, secrets: servers.secrets });
  });

  afterAll(async () => {
    await servers.stop(running);
    expect(findLeftovers(home)).toEqual([]);
    rmSync(home.root, { recursive: true });
  });

  function variable(name: string): string {
    const value = environment[name];
    if (value === undefined) throw new Error(`${name} is not handed out`);
    return value;
  }

  async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async function valkey<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(variable('VALKEY_URL'));
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  function store(): S3Client {
    return new S3Client({
      endpoint: variable('S3_ENDPOINT'),
      region: variable('S3_REGION'),
      forcePathStyle: true,
      credentials: { accessKeyId: variable('S3_ACCESS_KEY_ID'), secretAccessKey: variable('S3_SECRET_ACCESS_KEY') },
    });
  }

  test('listen on the loopback address alone, on no port that a start does not look at first', () => {
    const known = portsInUse(servers.options.ports, 'embedded');
    const listening = running.flatMap(({ record }) => listeningSockets(record.pid));
    expect(listening.length).toBeGreaterThan(6);
    expect(listening.filter(({ address }) => address !== '127.0.0.1')).toEqual([]);
    expect(listening.filter(({ port }) => !known.has(port))).toEqual([]);
  });

  test('know secrets that are generated once and readable by their owner alone', () => {
    expect(statSync(secretsFile(home)).mode & 0o777).toBe(0o600);
    expect(loadSecrets(home)).toEqual(servers.secrets);
    const values = JSON.stringify(servers.secrets).match(/[0-9a-f]{64}/g) ?? [];
    expect(new Set(values).size).toBe(values.length);
  });

  test('give a home of an earlier version the secrets that it lacks, and change none that it has', () => {
    const earlier = runtimeHome(mkdtempSync(join(tmpdir(), 'forkpoint-secrets-')));
    try {
      const { intake, ...database } = servers.secrets.database;
      const { webhookKey, ...known } = { ...servers.secrets, database };
      writeFileSync(secretsFile(earlier), JSON.stringify(known));
      const secrets = loadSecrets(earlier);
      expect(secrets).toMatchObject(known);
      expect([secrets.database.intake, secrets.webhookKey]).toEqual([
        expect.stringMatching(/^[0-9a-f]{64}$/),
        expect.stringMatching(/^[0-9a-f]{64}$/),
      ]);
      expect([secrets.database.intake, secrets.webhookKey]).not.toContain(intake);
      expect([secrets.database.intake, secrets.webhookKey]).not.toContain(webhookKey);
      expect(loadSecrets(earlier)).toEqual(secrets);
    } finally {
      rmSync(earlier.root, { recursive: true });
    }
  });

  test('let nobody but their superuser and the intake of usage pass by row security', async () => {
    const passing = await query(
      variable('DATABASE_OWNER_URL'),
      `SELECT rolname FROM pg_roles WHERE rolname LIKE 'forkpoint%' AND (rolbypassrls OR rolsuper) ORDER BY rolname`,
    );
    expect(passing.map(({ rolname }) => rolname)).toEqual(['forkpoint_intake', 'forkpoint_superuser']);
  });

  test('refuse whoever has no password', async () => {
    const url = new URL(variable('DATABASE_APP_URL'));
    url.password = 'wrong';
    await expect(query(url.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    const stranger = new Redis(variable('VALKEY_URL').replace(/:[^:@]+@/, ':wrong@'), { retryStrategy: () => null });
    stranger.on('error', () => undefined);
    await expect(stranger.ping()).rejects.toThrow();
    stranger.disconnect();
    const object = await fetch(`${variable('S3_ENDPOINT')}/${variable('S3_BUCKET')}?list-type=2`);
    expect(object.status).toBe(403);
  });

  test("answer a browser's question whether it may upload", async () => {
    const response = await fetch(`${variable('S3_ENDPOINT')}/${variable('S3_BUCKET')}/key`, {
      method: 'OPTIONS',
      headers: { origin: 'http://127.0.0.1:1', 'access-control-request-method': 'PUT' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:1');
    const elsewhere = await fetch(`${variable('S3_ENDPOINT')}/${variable('S3_BUCKET')}/key`, {
      method: 'OPTIONS',
      headers: { origin: 'http://elsewhere.example', 'access-control-request-method': 'PUT' },
    });
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('take nothing of their own for strays, whatever connections they serve', async () => {
    const client = new pg.Client({ connectionString: variable('DATABASE_APP_URL') });
    await client.connect();
    expect(findStrays(home)).toEqual([]);
    await client.end();
  });

  test('keep what they acknowledged after kill -9 of all, and come up again on what is left', async () => {
    const objects = store();
    const object = { Bucket: variable('S3_BUCKET'), Key: 'embedded/kept' };
    await query(variable('DATABASE_OWNER_URL'), `CREATE TABLE kept AS SELECT 'kept' AS what`);
    await valkey((client) => client.set('what', 'kept'));
    await objects.send(new PutObjectCommand({ ...object, Body: 'kept' }));
    // Valkey writes its log to disk once a second.
    await valkey((client) => client.call('WAITAOF', '1', '0', '5000'));

    for (const { record } of running) process.kill(record.pid, 'SIGKILL');
    await Promise.all(running.map(({ exited }) => exited));
    expect(listPidFiles(home.run)).toHaveLength(3);
    await reap(home);
    running = await servers.start();

    expect(await query(variable('DATABASE_OWNER_URL'), 'SELECT what FROM kept')).toEqual([{ what: 'kept' }]);
    expect(await valkey((client) => client.get('what'))).toBe('kept');
    const { Body } = await objects.send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe('kept');
    objects.destroy();
  });
});

const LISTENING = '0A';

/** What a process listens on, from the kernel's own tables: no tool has to be installed for it. */
function listeningSockets(pid: number): Array<{ address: string; port: number }> {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map(
      (descriptor) => /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid}/fd/${descriptor}`))?.[1],
    ),
  );
  const sockets = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1),
  );
  return sockets
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && inodes.has(fields[9]))
    .map((fields) => {
      const [address = '', port = ''] = (fields[1] ?? '').split(':');
      return { address: address === '0100007F' ? '127.0.0.1' : address, port: Number.parseInt(port, 16) };
    });
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

describe('the ports of a platform', () => {
  test('are those that the doctor looks at before anything is installed', () => {
    const known = [...portsInUse(portsFrom(21_000), 'all').keys()].sort((a, b) => a - b);
    expect([...platformPorts(21_000)].sort((a, b) => a - b)).toEqual(known);
  });

  test.each([80, 22_701, 21_000.5, Number.NaN])('do not begin at %s', (base) => {
    expect(() => portsFrom(base)).toThrow('FORKPOINT_PORT_BASE');
  });
});
