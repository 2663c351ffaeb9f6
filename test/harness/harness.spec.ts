import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { type TestDatabase, testDatabase, testStore, testValkey } from '#test/harness';

describe('the test harness', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.drop());

  async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  test('gives a migrated database in which the application owns nothing and bypasses nothing', async () => {
    const [role] = await query(
      database.urls.app,
      `SELECT current_user AS name, rolsuper, rolbypassrls, (SELECT count(*)::int FROM pg_tables WHERE tableowner = current_user) AS owned,
              (SELECT count(*)::int FROM pg_tables WHERE tablename = 'outbox') AS outbox
       FROM pg_roles WHERE rolname = current_user`,
    );
    expect(role).toEqual({ name: 'forkpoint_app', rolsuper: false, rolbypassrls: false, owned: 0, outbox: 1 });
  });

  test('gives every caller a database of its own', async () => {
    const other = await testDatabase();
    await query(other.urls.owner, 'CREATE TABLE only_here (id int)');
    await expect(query(database.urls.owner, 'SELECT * FROM only_here')).rejects.toThrow('does not exist');
    await other.drop();
    await expect(query(other.urls.owner, 'SELECT 1')).rejects.toThrow('does not exist');
  });

  test('gives a store that keeps what it is given', async () => {
    const { endpoint, region, bucket: Bucket, accessKeyId, secretAccessKey } = testStore();
    const client = new S3Client({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    await client.send(new PutObjectCommand({ Bucket, Key: 'harness/greeting', Body: 'hello' }));
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'harness/greeting' }));
    expect(await Body?.transformToString()).toBe('hello');
    client.destroy();
  });

  test('gives empty numbered Valkey databases', async () => {
    const [one, other] = await Promise.all([testValkey(), testValkey()]);
    const clients = [new Redis(one.url), new Redis(other.url)] as const;
    await clients[0].set('key', 'of one');
    expect(await clients[1].get('key')).toBeNull();
    for (const client of clients) client.disconnect();
  });
});
