import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ComputeService } from '#libs/compute';
import { newId } from '#libs/kernel';
import { type ComputeOutput, type DataError, type MessagePayload, type PreparationReport } from '#libs/messages';
import { Database, DatabaseModule, type Scope } from '#platform/database';
import { ObjectStore, StorageModule } from '#platform/storage';
import {
  type TestCheckpoint,
  type TestDatabase,
  type TestOrganization,
  testCheckpoint,
  testDatabase,
  testOrganization,
  testStore,
} from '#test/harness';
import { preparationPrefix, versionPrefix } from './dataset.js';
import { findVersions, listFiles } from './dataset.repository.js';
import { DatasetsModule } from './datasets.module.js';
import { DatasetsService } from './datasets.service.js';
import { FileReceiver } from './file-receiver.js';
import { DatasetsJobsModule } from './jobs/datasets-jobs.module.js';
import { ExpirySweeper } from './jobs/expiry-sweeper.js';
import { PreparationHandlers } from './jobs/preparation.handlers.js';
import { PurgeHandlers } from './jobs/purge.handlers.js';
import { PreparationOutput, preparedFiles } from './preparation-output.js';
import { StreamParts } from './stream-parts.js';
import { UploadsService } from './uploads.service.js';

const POLICY = { over_long: 'reject', max_tokens: 128, validation_fraction: 0, seed: 0 } as const;
const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex');

let testDb: TestDatabase;
let lab: TestOrganization;
let partner: TestOrganization;
let scope: Scope;
let checkpoint: TestCheckpoint;
let moduleRef: Awaited<ReturnType<typeof compile>>;

const get = <T>(type: abstract new (...args: never[]) => T): T => moduleRef.get(type, { strict: false });

function compile() {
  const { app: appUrl, reconciler, relay } = testDb.urls;
  return Test.createTestingModule({
    imports: [
      DatabaseModule.forRoot({ appUrl, narrowUrls: { reconciler, relay } }),
      StorageModule.forRoot(testStore()),
      DatasetsModule,
      DatasetsJobsModule,
    ],
  }).compile();
}

beforeAll(async () => {
  testDb = await testDatabase();
  lab = await testOrganization(testDb, 'lab');
  moduleRef = await compile();
  await moduleRef.init();
});
afterAll(async () => {
  await moduleRef.close();
  await testDb.drop();
});
beforeEach(async () => {
  partner = await testOrganization(testDb);
  scope = partner.scope;
  checkpoint = await testCheckpoint(testDb, lab, {
    grantee: partner,
    files: {
      'tokenizer.json': Buffer.from('t'),
      'tokenizer_config.json': Buffer.from('{}'),
      'model.safetensors': Buffer.from('w'),
    },
  });
});

const inTransaction = <T>(work: Parameters<Database['transaction']>[1], by = scope) =>
  get(Database).transaction(by, work) as Promise<T>;

async function receive(text: string, options: { filename?: string; purpose?: string; seconds?: number } = {}) {
  const { filename = 'train.jsonl', purpose = 'fine-tune', seconds: expiresAfterSeconds } = options;
  const source = (async function* () {
    yield Buffer.from(text);
  })();
  const receiver = get(FileReceiver);
  const received = await receiver.receive(scope, { projectId: partner.projectId, filename }, source);
  return get(Database).transaction(scope, (tx) => receiver.accept(tx, received, { purpose, expiresAfterSeconds }));
}

const ensure = (
  versionId: string,
  change: Partial<Parameters<DatasetsService['ensurePrepared']>[1]> = {},
  by = scope,
) =>
  get(Database).transaction(by, (tx) =>
    get(DatasetsService).ensurePrepared(tx, { versionId, checkpointId: checkpoint.id, policy: POLICY, ...change }),
  );

const remove = (id: string) => get(Database).transaction(scope, (tx) => get(DatasetsService).deleteVersion(tx, id));
const versionOf = async (id: string) => (await get(Database).read(scope, (tx) => findVersions(tx, [id])))[0]!;

function messages(type: string) {
  return get(Database).as('relay', (tx) =>
    tx.query<{ payload: Record<string, string> }>(
      'SELECT payload FROM outbox WHERE organization_id = $1 AND type = $2 ORDER BY id',
      [partner.organizationId, type],
    ),
  );
}

const ERROR: DataError = {
  source: 'dataset',
  line: 3,
  pointer: '/messages/1/role',
  code: 'invalid_role',
  message: 'The role is "robot".',
  fix: 'Use system, user or assistant.',
};

function reportOf(outcome: 'ready' | 'invalid', errors: DataError[] = []): PreparationReport {
  return {
    schema_version: 1,
    type: 'preparation',
    outcome,
    policy: POLICY,
    tokenizer_sha256: sha256Of('t'),
    rows: { read: 3, blank_lines: 0, invalid: errors.length, dropped: 0, truncated: 0, train: 3, validation: 0 },
    tokens: { train: 30, train_trained: 12, validation: 0, validation_trained: 0, longest_row: 10, removed: 0 },
    errors: { total: errors.length, by_code: { invalid_role: errors.length }, kept: errors },
    over_long: { total: 0, lines: [], validation_lines: [] },
    lengths: [{ up_to_tokens: 16, rows: 3 }],
  };
}

/** Stores what the trainer would have written, and tells the end as compute does. */
async function conclude(preparation: { id: string; computeJobId: string | null }, report: PreparationReport | null) {
  const end: MessagePayload<'compute.job.ended'> = {
    computeJobId: preparation.computeJobId!,
    kind: 'prepare',
    ownerId: preparation.id,
    outcome: report ? (report.outcome === 'ready' ? 'succeeded' : 'invalid') : 'failed',
    ...(report
      ? { output: await storeOutput(preparation.id, report) }
      : { error: { code: 'internal_error', message: 'It broke.', fix: 'Try again.' } }),
  };
  await get(PreparationHandlers).conclude({ payload: end } as never, scope);
  return get(Database).read(scope, (tx) => get(DatasetsService).getPreparation(tx, preparation.id));
}

async function storeOutput(preparationId: string, report: PreparationReport): Promise<ComputeOutput> {
  const keyPrefix = `${preparationPrefix(partner.organizationId, preparationId)}1/attempts/1/output/`;
  const preview = { schema_version: 1, rows: [] };
  const files = [];
  for (const [path, content] of Object.entries({ 'preview.json': preview, 'report.json': report })) {
    files.push({ path, ...(await get(ObjectStore).put(`${keyPrefix}${path}`, JSON.stringify(content))) });
  }
  const manifest = { schema_version: 1, kind: 'preparation', job_id: 'job', attempt: 1, files } as const;
  return {
    attempt: 1,
    keyPrefix,
    folder: { prefix: 'output', manifest: { ...manifest, files }, manifest_sha256: sha256Of('m') },
  };
}

describe('files', () => {
  test('of one name are versions of one dataset, and are listed newest first', async () => {
    const [first, second, other] = [
      await receive('{"a":1}'),
      await receive('{"a":2}'),
      await receive('{}', { filename: 'b.jsonl' }),
    ];
    expect([first.number, second.number, other.number]).toEqual([1, 2, 1]);
    expect(first.datasetId).toBe(second.datasetId);
    expect(other.datasetId).not.toBe(first.datasetId);
    expect(first).toMatchObject({ bytes: 7, sha256: sha256Of('{"a":1}'), contentEncoding: 'identity' });
    const list = (query: object) =>
      get(Database).read(scope, (tx) => listFiles(tx, { order: 'desc', limit: 10, ...query }));
    expect((await list({})).map((file) => file.id)).toEqual([other.id, second.id, first.id]);
    expect((await list({ order: 'asc', after: first.id })).map((file) => file.id)).toEqual([second.id, other.id]);
    expect(await list({ purpose: 'user_data' })).toEqual([]);
    expect((await list({ limit: 1, after: other.id })).map((file) => file.id)).toEqual([second.id]);
  });

  test('without content, of an unknown purpose or with a wrong expiry are refused, and leave nothing behind', async () => {
    await expect(receive('')).rejects.toMatchObject({ code: 'FILE_EMPTY' });
    expect(await messages('datasets.upload.ended')).toHaveLength(1);
    await expect(receive('x', { purpose: 'vision' })).rejects.toMatchObject({ code: 'PURPOSE_UNSUPPORTED' });
    await expect(receive('x', { seconds: 60 })).rejects.toMatchObject({ code: 'EXPIRY_INVALID' });
    expect(await get(Database).read(scope, (tx) => listFiles(tx, { order: 'desc', limit: 10 }))).toEqual([]);
  });

  test('are seen by nobody else', async () => {
    const file = await receive('{}');
    const stranger = await testOrganization(testDb);
    const strangers: Scope[] = [stranger.scope, { ...scope, projectIds: [stranger.projectId] }, lab.scope];
    for (const other of strangers) {
      expect(await get(Database).read(other, (tx) => findVersions(tx, [file.id]))).toEqual([]);
      const deleted = get(Database).transaction(other, (tx) => get(DatasetsService).deleteVersion(tx, file.id));
      await expect(deleted).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    }
  });
});

describe('what an upload left behind', () => {
  test('is removed, but the version’s own bytes are not', async () => {
    const parts = get(StreamParts);
    const meaning = { purpose: 'fine-tune', expiresAfterSeconds: null } as const;
    const upload = await get(Database).transaction(scope, (tx) =>
      get(UploadsService).beginStreamParts(tx, {
        projectId: partner.projectId,
        filename: 'p.jsonl',
        bytes: 4,
        meaning,
      }),
    );
    const partIds: string[] = [];
    for (const text of ['{"', '"}']) {
      const source = (async function* () {
        yield Buffer.from(text);
      })();
      const part = await parts.receive(scope, upload.id, source);
      await inTransaction((tx) => parts.add(tx, upload.id, part));
      partIds.push(part.id);
    }
    const joined = await parts.join(scope, { uploadId: upload.id, partIds });
    const again = await parts.join(scope, { uploadId: upload.id, partIds });
    await inTransaction((tx) => parts.accept(tx, joined));
    const version = await get(Database).transaction(scope, (tx) => parts.accept(tx, again));
    expect(version).toMatchObject({ bytes: 4, sha256: sha256Of('{""}'), objectKey: joined.content.objectKey });
    await get(ObjectStore).createMultipart(upload.objectKey);
    const ended = await messages('datasets.upload.ended');
    expect(ended).toHaveLength(2);
    for (const message of ended) await get(PurgeHandlers).tidyUp(message as never, scope);
    const left = [];
    const prefix = versionPrefix(partner.organizationId, version.id);
    for await (const object of get(ObjectStore).list(prefix)) left.push(object.key);
    expect(left).toEqual([version.objectKey]);
    expect(await get(ObjectStore).listMultiparts(prefix)).toEqual([]);
  });
});

describe('deleting a file', () => {
  test('leaves a tombstone with its hash, and removes its bytes and what was prepared from them', async () => {
    const file = await receive('{}');
    const preparation = await conclude(await ensure(file.id), reportOf('ready'));
    await remove(file.id);
    const [message] = await messages('datasets.version.deleted');
    for (let time = 0; time < 2; time++) await get(PurgeHandlers).purge(message as never, scope);
    expect(await versionOf(file.id)).toMatchObject({
      status: 'deleted',
      sha256: sha256Of('{}'),
      purgedAt: expect.any(Date),
    });
    expect(await get(ObjectStore).head(file.objectKey)).toBeNull();
    const left = [];
    const prefix = preparationPrefix(partner.organizationId, preparation.id);
    for await (const object of get(ObjectStore).list(prefix)) left.push(object.key);
    expect(left).toEqual([]);
    await expect(remove(file.id)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(ensure(file.id)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  test('is refused while something reads it', async () => {
    const file = await receive('{}');
    const holder = newId('ftjob');
    const service = get(DatasetsService);
    await inTransaction((tx) => service.hold(tx, [file.id], holder));
    await expect(remove(file.id)).rejects.toMatchObject({
      code: 'FILE_IN_USE',
      message: expect.stringContaining(holder),
    });
    const preparation = await ensure(file.id);
    await inTransaction((tx) => service.release(tx, holder));
    await expect(remove(file.id)).rejects.toMatchObject({ code: 'FILE_IN_USE' });
    await conclude(preparation, reportOf('ready'));
    await remove(file.id);
    await expect(inTransaction((tx) => service.hold(tx, [file.id], holder))).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
  });

  test('comes by itself when its time is over', async () => {
    const file = await receive('{}', { seconds: 3600 });
    const sweep = () => get(ExpirySweeper).sweep(new AbortController().signal);
    await sweep();
    expect((await versionOf(file.id)).status).toBe('ready');
    await inTransaction((tx) =>
      tx.query(`UPDATE dataset_versions SET expires_at = created_at WHERE id = $1`, [file.id]),
    );
    await expect(ensure(file.id)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await sweep();
    expect(await versionOf(file.id)).toMatchObject({ status: 'deleted', deletedBy: 'datasets.expiry' });
  });

  test('comes though more than a batch of others can’t go yet', async () => {
    const held = Array.from({ length: 200 }, () => newId('file'));
    const file = await receive('{}', { seconds: 3600 });
    await inTransaction(async (tx) => {
      await tx.query(
        `INSERT INTO dataset_versions (id, organization_id, project_id, filename, purpose, bytes, sha256, content_encoding,
           object_key, status, created_at, created_by)
         SELECT id, :organization, $2, 'results.csv', 'fine-tune-results', 1, repeat('0', 64), 'identity', 'org/' || id, 'ready', $3, 'spec'
         FROM unnest($1::text[]) AS id`,
        [held, partner.projectId, new Date(Date.now() - 60_000)],
      );
      await get(DatasetsService).hold(tx, held, newId('ftjob'));
      const expired = 'UPDATE dataset_versions SET expires_at = created_at WHERE organization_id = :organization';
      await tx.query(expired);
    });
    expect(held.every((id) => id < file.id)).toBe(true);
    await get(ExpirySweeper).sweep(new AbortController().signal);
    expect((await versionOf(file.id)).status).toBe('deleted');
    expect((await versionOf(held[0]!)).status).toBe('ready');
  });
});

describe('a preparation', () => {
  test('is made once for each tokenizer, template and policy, however many ask at once', async () => {
    const file = await receive('{}');
    const [one, ...others] = await Promise.all([ensure(file.id), ensure(file.id), ensure(file.id)]);
    expect(new Set(others.map((preparation) => preparation.id))).toEqual(new Set([one!.id]));
    const longer = await ensure(file.id, { policy: { ...POLICY, max_tokens: 64 } });
    expect(longer.id).not.toBe(one!.id);
    const job = await get(Database).read(scope, (tx) => get(ComputeService).get(tx, one!.computeJobId!));
    expect(job).toMatchObject({ kind: 'prepare', ownerId: one!.id, parameters: { policy: POLICY } });
    expect(job.inputs.map(({ name, files }) => [name, files.map((input) => input.path)])).toEqual([
      ['base', ['tokenizer.json', 'tokenizer_config.json']],
      ['dataset', ['data.jsonl']],
    ]);
  });

  test('that is ready says so once, with its figures and files', async () => {
    const preparation = await ensure((await receive('{}')).id);
    const ready = await conclude(preparation, reportOf('ready'));
    await conclude(preparation, reportOf('invalid', [ERROR]));
    expect(ready).toMatchObject({ status: 'ready', report: { tokens: { train: 30 } }, error: null });
    expect(preparedFiles(ready).map((file) => file.key.split('/').at(-1))).toEqual(['preview.json', 'report.json']);
    const told = await messages('datasets.preparation.ended');
    expect(told.map(({ payload }) => [payload.preparationId, payload.outcome])).toEqual([[ready.id, 'ready']]);
  });

  test('of bad data names the lines; all errors are in the store', async () => {
    const errors = Array.from({ length: 50 }, (_, index) => ({ ...ERROR, line: index + 1 }));
    const invalid = await conclude(await ensure((await receive('{}')).id), reportOf('invalid', errors));
    expect(invalid.status).toBe('invalid');
    expect(invalid.report?.errors.kept).toHaveLength(20);
    expect((await get(PreparationOutput).report(invalid)).errors.kept).toHaveLength(50);
  });

  test('that failed for another reason than the data is tried again, in a folder of its own', async () => {
    const file = await receive('{}');
    const first = await ensure(file.id);
    expect(await conclude(first, null)).toMatchObject({ status: 'failed', error: { code: 'internal_error' } });
    const second = await ensure(file.id);
    expect(second).toMatchObject({ id: first.id, status: 'pending' });
    expect(second.computeJobId).not.toBe(first.computeJobId);
    // The first job's end, told again, is not the second's.
    expect(await conclude(first, null)).toMatchObject({ status: 'pending' });
    expect(await conclude(second, reportOf('ready'))).toMatchObject({ status: 'ready' });
  });

  test('is refused without an entitlement, beyond the context, or for a file of another purpose', async () => {
    const file = await receive('{}');
    const hidden = await testCheckpoint(testDb, lab);
    await expect(ensure(file.id, { checkpointId: hidden.id })).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    const policy = { ...POLICY, max_tokens: 257 };
    await expect(ensure(file.id, { policy })).rejects.toMatchObject({ code: 'PREPARATION_MAX_TOKENS_INVALID' });
    const other = await receive('{}', { purpose: 'user_data' });
    await expect(ensure(other.id)).rejects.toMatchObject({ code: 'FILE_PURPOSE_MISMATCH' });
  });
});
