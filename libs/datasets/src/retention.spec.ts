import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { DatasetsGraphqlModule } from '#libs/datasets/graphql';
import { DatasetsJobsModule } from '#libs/datasets/jobs';
import { DAY_MILLISECONDS, ManualClock, newId } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import {
  type TestContract,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testContract,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { DatasetsService } from './datasets.service.js';
import { FileReceiver } from './file-receiver.js';
import { ExpirySweeper } from './jobs/expiry-sweeper.js';
import { PurgeHandlers } from './jobs/purge.handlers.js';
import { RetentionSweeper } from './jobs/retention-sweeper.js';

const START = new Date('2026-03-01T00:00:00.000Z');
const clock = new ManualClock(START);
let testing: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let partner: TestOrganization;
let contract: TestContract;

beforeAll(async () => {
  testing = await testDatabase();
  lab = await testOrganization(testing, 'lab');
  graphql = await TestGraphql.start(testing, [DatasetsGraphqlModule, CatalogGraphqlModule, DatasetsJobsModule], clock);
});
afterAll(async () => {
  await graphql?.stop();
  await testing?.drop();
});
beforeEach(async () => {
  clock.set(START);
  partner = await testOrganization(testing);
  contract = await agree(partner, { uploadDays: 90, afterEndDays: 7 });
});

const agree = (who: TestOrganization, retention: object) =>
  testContract({ database: graphql.get(Database), clock, lab, partner: who }, { retention });
const as = <T>(work: (tx: Transaction) => Promise<T>, { scope } = partner) =>
  graphql.get(Database).transaction(scope, work);
const service = () => graphql.get(DatasetsService);
const day = (days: number) => new Date(START.getTime() + days * DAY_MILLISECONDS);

async function receive(who = partner, expiresAfterSeconds?: number) {
  const receiver = graphql.get(FileReceiver);
  const source = (async function* () {
    yield Buffer.from('{}');
  })();
  const received = await receiver.receive(who.scope, { projectId: who.projectId, filename: 'train.jsonl' }, source);
  return as((tx) => receiver.accept(tx, received, { purpose: 'fine-tune', expiresAfterSeconds }), who);
}

async function sweepAt(days: number): Promise<void> {
  clock.set(day(days));
  await graphql.get(RetentionSweeper).sweep();
}

/** Whether the file is there, or by which refusal it is not. */
const asked = (id: string, who = partner) =>
  as((tx) => service().getVersion(tx, id), who).then(
    () => 'there',
    (error) => `${error.code}: ${error.message}`,
  );

async function shown(id: string) {
  const fields = 'status expiresAt keptUntil { at reason } removal { at reason } content { url }';
  const query = `query($id: ID!) { node(id: $id) { ... on DatasetVersion { ${fields} } } }`;
  return (await graphql.ask(graphql.caller(partner), query, { id })).node;
}

const clauseOf = (version: number, name: string) =>
  `the clause "retention.${name}" of version ${version} of the contract Master agreement (${contract.id})`;

test('a file goes so many days after it was complete, and whoever asks is told by which clause', async () => {
  const file = await receive();
  expect(await shown(file.id)).toMatchObject({
    status: 'READY',
    keptUntil: { at: day(90).toISOString(), reason: clauseOf(1, 'uploadDays') },
    removal: null,
  });
  await sweepAt(90 - 0.001);
  expect(await asked(file.id)).toBe('there');
  await sweepAt(90);
  const at = day(90).toISOString();
  expect(await asked(file.id)).toBe(
    `CONTENT_REMOVED: The files of ${file.id} were removed at ${at} by ${clauseOf(1, 'uploadDays')}. What is known of it stays.`,
  );
  expect(await shown(file.id)).toMatchObject({
    ...{ status: 'DELETED', keptUntil: null, content: null },
    removal: { at, reason: clauseOf(1, 'uploadDays') },
  });
  const store = graphql.get(ObjectStore);
  expect(await store.head(file.objectKey)).not.toBeNull();
  await graphql.get(PurgeHandlers).purge({ payload: { versionId: file.id } } as never, partner.scope);
  expect(await store.head(file.objectKey)).toBeNull();
  const entries = await as((tx) =>
    tx.query(`SELECT action, actor_type, target_ids FROM audit_entries WHERE organization_id = :organization`),
  );
  expect(entries).toEqual([
    {
      ...{ action: 'retention.uploadDays', actor_type: 'system' },
      target_ids: [file.id, contract.id, expect.stringMatching(/^cver_/)],
    },
  ]);
  // Once.
  await sweepAt(91);
  expect(await as((tx) => tx.query('SELECT id FROM audit_entries WHERE organization_id = :organization'))).toHaveLength(
    1,
  );
});

test('an amendment holds for what is there: shorter, longer, and no more', async () => {
  const file = await receive();
  clock.set(day(20));
  await contract.amend({ retention: { uploadDays: 30, afterEndDays: null } });
  expect((await shown(file.id)).keptUntil).toEqual({ at: day(30).toISOString(), reason: clauseOf(2, 'uploadDays') });
  const young = await receive();
  await sweepAt(30);
  expect(await asked(file.id)).toContain('of version 2 of the contract');
  await contract.amend({ retention: { uploadDays: null, afterEndDays: null } });
  expect((await shown(young.id)).keptUntil).toBeNull();
  await sweepAt(364);
  expect(await asked(young.id)).toBe('there');
});

test('its own expiry counts where it comes first', async () => {
  const file = await receive(partner, 3600);
  expect((await shown(file.id)).keptUntil).toEqual({
    at: new Date(START.getTime() + 3_600_000).toISOString(),
    reason: 'its own expiry',
  });
  clock.set(day(1));
  await graphql.get(ExpirySweeper).sweep(new AbortController().signal);
  expect(await shown(file.id)).toMatchObject({ status: 'DELETED', removal: null });
});

test('what something reads waits, and the others do not wait for it', async () => {
  const [held, free] = [await receive(), await receive()];
  const holder = newId('ftjob');
  await as((tx) => service().hold(tx, [held.id], holder));
  await sweepAt(100);
  expect(await asked(held.id)).toBe('there');
  expect(await asked(free.id)).toContain('CONTENT_REMOVED');
  await as((tx) => service().release(tx, holder));
  await sweepAt(101);
  expect(await asked(held.id)).toContain('CONTENT_REMOVED');
});

test('results that the platform wrote, other partners and what has no contract any more are left alone', async () => {
  const other = await testOrganization(testing);
  await agree(other, { uploadDays: null, afterEndDays: null });
  const { projectId } = partner;
  const result = { projectId, filename: 'm.csv', objectKey: 'k', bytes: 1, sha256: 'a'.repeat(64) };
  const [theirs, resultId] = [await receive(other), await as((tx) => service().registerResult(tx, result))];
  const old = await receive();
  expect((await shown(resultId)).keptUntil).toEqual({
    at: day(365 + 7).toISOString(),
    reason: clauseOf(1, 'afterEndDays'),
  });
  await sweepAt(366);
  expect([await asked(theirs.id, other), await asked(resultId), await asked(old.id)]).toEqual([
    'there',
    'there',
    'there',
  ]);
});

test('as many as there are go, a batch at a time', async () => {
  const first = await receive();
  await as((tx) =>
    tx.query(
      `INSERT INTO dataset_versions (id, organization_id, project_id, dataset_id, number, filename, purpose, bytes, sha256,
         content_encoding, object_key, status, created_at, created_by)
       SELECT 'file_' || n, organization_id, project_id, dataset_id, 10 + n, filename, purpose, bytes, sha256, content_encoding,
         object_key || n, status, created_at, created_by
       FROM dataset_versions, generate_series(1, 250) n WHERE id = $1 AND organization_id = :organization`,
      [first.id],
    ),
  );
  await sweepAt(90);
  const left = await as((tx) =>
    tx.query(`SELECT id FROM dataset_versions WHERE organization_id = :organization AND status = 'ready'`),
  );
  expect(left).toEqual([]);
});
