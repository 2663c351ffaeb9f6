import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import {
  type DatabaseLogin,
  type Environment,
  embeddedEnvironment,
  postgresUrl,
  S3_BUCKET,
  S3_REGION,
  s3Endpoint,
  VALKEY_DATABASES,
  valkeyUrl,
} from '../../infra/embedded/index.js';
import type { TestServersInfo } from './test-servers.js';

const VARIABLE = 'FORKPOINT_TEST_SERVERS';

/** Jest's workers inherit the environment of the run. */
export function handOver(info: TestServersInfo): void {
  process.env[VARIABLE] = JSON.stringify(info);
}

function servers(): TestServersInfo {
  const text = process.env[VARIABLE];
  if (!text) throw new Error('the test servers do not run: run specs with npm run test:unit');
  return JSON.parse(text) as TestServersInfo;
}

export interface TestDatabase {
  name: string;
  urls: Record<DatabaseLogin, string>;
  /** Close every connection to it before. */
  drop(): Promise<void>;
}

/** A migrated, empty database of this spec's own, on the real PostgreSQL. Drop it when the spec is done. */
export async function testDatabase(): Promise<TestDatabase> {
  const { ports, secrets, template } = servers();
  const server = { port: ports.postgres, secrets };
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await asOwner(server, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return {
    name,
    urls: {
      owner: postgresUrl(server, 'owner', name),
      app: postgresUrl(server, 'app', name),
      relay: postgresUrl(server, 'relay', name),
      reconciler: postgresUrl(server, 'reconciler', name),
      gateway: postgresUrl(server, 'gateway', name),
      intake: postgresUrl(server, 'intake', name),
    },
    drop: async () => {
      // Waits up to five seconds for sessions that are just ending; the owner may not end those of other roles.
      await asOwner(server, (client) => client.query(`DROP DATABASE IF EXISTS ${name}`));
    },
  };
}

async function asOwner<T>(
  server: Parameters<typeof postgresUrl>[0],
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: postgresUrl(server, 'owner', 'postgres') });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface TestStore {
  endpoint: string;
  publicEndpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** The real S3 server. Specs share its bucket: keys begin with an organization's id, which no two specs share. */
export function testStore(): TestStore {
  const { ports, secrets } = servers();
  return {
    endpoint: s3Endpoint(ports),
    publicEndpoint: s3Endpoint(ports),
    region: S3_REGION,
    bucket: S3_BUCKET,
    accessKeyId: secrets.s3AccessKeyId,
    secretAccessKey: secrets.s3SecretAccessKey,
  };
}

export interface TestValkey {
  url: string;
  database: number;
}

/** An empty numbered database of the real Valkey. */
export async function testValkey(): Promise<TestValkey> {
  const { ports, secrets } = servers();
  const server = { port: ports.valkey, secrets };
  const counter = new Redis(valkeyUrl(server));
  const database = 1 + ((await counter.incr('forkpoint:test-databases')) % (VALKEY_DATABASES - 1));
  await counter.select(database);
  await counter.flushdb();
  counter.disconnect();
  return { url: valkeyUrl(server, database), database };
}

/** Every variable that a process of the platform reads, for specs that start one. */
export function testEnvironment(database: TestDatabase, valkey: TestValkey): Environment {
  return embeddedEnvironment(servers(), { database: database.name, valkeyDatabase: valkey.database });
}
