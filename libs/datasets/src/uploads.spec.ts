import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EntitlementService, EntitlementSubjects } from '#libs/contracts';
import { ManualClock, newId } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import { ObjectStore, type PresignedRequest } from '#platform/storage';
import {
  type TestDatabase,
  type TestOrganization,
  testContract,
  testDatabase,
  testOrganization,
  testStore,
} from '#test/harness';
import { findVersions, insertDataset } from './dataset.repository.js';
import { ExpirySweeper } from './jobs/expiry-sweeper.js';
import { PurgeHandlers } from './jobs/purge.handlers.js';
import type { Upload } from './upload.js';
import { UploadVerifier } from './upload-verifier.js';
import { UploadsService } from './uploads.service.js';

// Tens of megabytes are sent and hashed.
const MEBIBYTE = 1024 ** 2;
const sha256Of = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

let testDb: TestDatabase;
let database: Database;
let organization: TestOrganization;
let scope: Scope;
let datasetId: string;
const clock = new ManualClock(new Date());
const store = new ObjectStore(testStore());
let uploads: UploadsService;
let verifier: UploadVerifier;
let purge: PurgeHandlers;

beforeAll(async () => {
  testDb = await testDatabase();
  database = await new Database({
    appUrl: testDb.urls.app,
    narrowUrls: { reconciler: testDb.urls.reconciler, relay: testDb.urls.relay },
    clock,
  }).connect();
  const entitlements = new EntitlementService(clock, new EntitlementSubjects(), 'eu-central');
  uploads = new UploadsService(clock, database, store, entitlements);
  verifier = new UploadVerifier(database, store, uploads);
  purge = new PurgeHandlers(clock, database, store);
});
afterAll(async () => {
  store.close();
  await database.close();
  await testDb.drop();
});
beforeEach(async () => {
  organization = await testOrganization(testDb);
  scope = organization.scope;
  datasetId = newId('ds');
  const { projectId } = organization;
  const dataset = { id: datasetId, projectId, name: 'd', description: '', createdAt: clock.now(), createdBy: 'user' };
  await database.transaction(scope, (tx) => insertDataset(tx, dataset));
});

const begin = (body: Uint8Array, sha256 = sha256Of(body)) =>
  database.transaction(scope, (tx) =>
    uploads.begin(tx, { datasetId, filename: 'train.jsonl', bytes: body.byteLength, sha256 }),
  );
const reload = (id: string) => database.read(scope, (tx) => uploads.get(tx, id));
const versionOf = async (upload: Upload) =>
  (await database.read(scope, (tx) => findVersions(tx, [upload.versionId])))[0] ?? null;

async function send(request: PresignedRequest, body: Uint8Array): Promise<number> {
  return (await fetch(request.url, { method: 'PUT', headers: request.headers, body: body as never })).status;
}

async function sendParts(upload: Upload, body: Buffer, partNumbers: number[]): Promise<void> {
  const bodies = partNumbers.map((number) =>
    body.subarray((number - 1) * upload.partBytes!, number * upload.partBytes!),
  );
  const parts = partNumbers.map((partNumber, position) => ({ partNumber, sha256: sha256Of(bodies[position]!) }));
  await database.transaction(scope, (tx) => uploads.declareParts(tx, upload.id, parts));
  const requests = await uploads.presignParts(scope, upload.id, partNumbers);
  for (const [position, { request }] of requests.entries()) expect(await send(request, bodies[position]!)).toBe(200);
}

async function complete(upload: Upload): Promise<Upload> {
  await database.transaction(scope, (tx) => uploads.complete(tx, upload.id));
  await verifier.verify(scope, upload.id);
  return reload(upload.id);
}

interface Published {
  type: string;
  payload: { uploadId: string };
  available_at: Date;
}

/** Messages of the test's own organization. */
const published = (type: string): Promise<Published[]> =>
  database.as('relay', (tx) =>
    tx.query<Published & Record<string, unknown>>(
      'SELECT type, payload, available_at FROM outbox WHERE organization_id = $1 AND type = $2 ORDER BY id',
      [organization.organizationId, type],
    ),
  );

test('data whose contract keeps it in another region is not taken in, until that is amended', async () => {
  const sides = { database, clock, lab: await testOrganization(testDb, 'lab'), partner: organization };
  const contract = await testContract(sides, { regions: ['us-east'] });
  await expect(begin(randomBytes(10))).rejects.toMatchObject({
    code: 'REGION_NOT_ALLOWED',
    message: expect.stringContaining(`version 1 of the contract Master agreement (${contract.id})`),
  });
  clock.advance(1_000);
  await contract.amend({ regions: ['us-east', 'eu-central'] });
  await expect(begin(randomBytes(10))).resolves.toMatchObject({ status: 'open' });
});

describe('a small file', () => {
  test('is sent by one request and becomes the first version', async () => {
    const body = gzipSync('{"prompt":"a","completion":"b"}\n');
    const upload = await begin(body);
    expect(upload).toMatchObject({ method: 'single_put', partBytes: null, status: 'open' });
    expect(await send((await uploads.presignSinglePut(upload))!, body)).toBe(200);
    expect(await complete(upload)).toMatchObject({ status: 'completed', failure: null });
    expect(await versionOf(upload)).toMatchObject({
      id: upload.versionId,
      datasetId,
      number: 1,
      bytes: body.byteLength,
      sha256: sha256Of(body),
      contentEncoding: 'gzip',
      purpose: 'fine-tune',
      status: 'ready',
    });
    await verifier.verify(scope, upload.id);
    const second = await begin(Buffer.from('{}'));
    await send((await uploads.presignSinglePut(second))!, Buffer.from('{}'));
    await complete(second);
    expect(await versionOf(second)).toMatchObject({ number: 2, contentEncoding: 'identity' });
  });

  test('that did not arrive opens the upload again, and says so', async () => {
    const body = Buffer.from('{}');
    const upload = await begin(body);
    const reopened = await complete(upload);
    expect(reopened).toMatchObject({ status: 'open', failure: { code: 'UPLOAD_INCOMPLETE' } });
    await send((await uploads.presignSinglePut(reopened))!, body);
    expect(await complete(reopened)).toMatchObject({ status: 'completed', failure: null });
  });

  test('over the limit, without a name, or of another organization’s dataset is refused', async () => {
    const input = { datasetId, filename: 'a.jsonl', bytes: 1, sha256: sha256Of(Buffer.from('x')) };
    const refused = (change: object, by = scope) =>
      database.transaction(by, (tx) => uploads.begin(tx, { ...input, ...change })).catch((error) => error.code);
    expect(await refused({ bytes: 5 * 1024 ** 3 + 1 })).toBe('FILE_TOO_LARGE');
    expect(await refused({ filename: '../a' })).toBe('FILE_NAME_INVALID');
    expect(await refused({ sha256: 'ABC' })).toBe('SHA256_INVALID');
    expect(await refused({}, (await testOrganization(testDb)).scope)).toBe('DATASET_NOT_FOUND');
    expect(await refused({}, { ...scope, projectIds: [] })).toBe('DATASET_NOT_FOUND');
  });
});

describe('a large file', () => {
  const body = randomBytes(17 * MEBIBYTE);

  test('goes on from the parts that have arrived', async () => {
    const upload = await begin(body);
    expect(upload).toMatchObject({ method: 'multipart', partBytes: 16 * MEBIBYTE });
    await sendParts(upload, body, [2]);
    const cutOff = await complete(await reload(upload.id));
    expect(cutOff).toMatchObject({ status: 'open', failure: { code: 'UPLOAD_INCOMPLETE' } });
    expect(cutOff.failure?.message).toContain('parts 1');
    const arrived = await uploads.arrivedParts(scope, cutOff);
    expect(arrived.map(({ partNumber, bytes, sha256 }) => [partNumber, bytes, sha256])).toEqual([
      [2, MEBIBYTE, sha256Of(body.subarray(16 * MEBIBYTE))],
    ]);
    await sendParts(cutOff, body, [1]);
    expect(await complete(cutOff)).toMatchObject({ status: 'completed' });
    expect(await versionOf(upload)).toMatchObject({ bytes: body.byteLength, sha256: sha256Of(body) });
  });

  test('whose parts were joined before the worker died is verified by the next', async () => {
    const upload = await begin(body);
    await sendParts(upload, body, [1, 2]);
    await database.transaction(scope, (tx) => uploads.complete(tx, upload.id));
    const { objectKey, multipartId } = await reload(upload.id);
    const parts = (await store.listParts(objectKey, multipartId!)).map((part) => ({
      ...part,
      sha256: sha256Of(body.subarray((part.partNumber - 1) * 16 * MEBIBYTE, part.partNumber * 16 * MEBIBYTE)),
    }));
    await store.completeMultipart(objectKey, multipartId!, parts);
    await verifier.verify(scope, upload.id);
    expect(await reload(upload.id)).toMatchObject({ status: 'completed' });
  });

  test('that is not what was declared is rejected, and its bytes are removed once no request can bring them back', async () => {
    const upload = await begin(body, sha256Of(Buffer.from('something else')));
    await sendParts(upload, body, [1, 2]);
    expect(await complete(upload)).toMatchObject({ status: 'rejected', failure: { code: 'UPLOAD_HASH_MISMATCH' } });
    expect(await versionOf(upload)).toBeNull();
    const [message] = await published('datasets.upload.ended');
    expect(message?.payload.uploadId).toBe(upload.id);
    expect(message!.available_at.getTime() - clock.now().getTime()).toBe(900_000);
    expect(await store.head(upload.objectKey)).not.toBeNull();
    await purge.tidyUp(message as never, scope);
    await purge.tidyUp(message as never, scope);
    expect(await store.head(upload.objectKey)).toBeNull();
  });

  test('of two multipart uploads made at once for it one stays', async () => {
    const upload = await begin(body);
    await database.transaction(scope, (tx) =>
      uploads.declareParts(tx, upload.id, [{ partNumber: 1, sha256: sha256Of(body) }]),
    );
    await Promise.all([1, 1, 1].map((part) => uploads.presignParts(scope, upload.id, [part])));
    const { multipartId } = await reload(upload.id);
    expect(await store.listMultiparts(upload.objectKey)).toEqual([{ key: upload.objectKey, multipartId }]);
  });
});

describe('an upload that nobody completes', () => {
  test('expires, takes no more bytes, and what was sent is removed', async () => {
    const body = randomBytes(17 * MEBIBYTE);
    const upload = await begin(body);
    await sendParts(upload, body, [1]);
    const sweeper = new ExpirySweeper(clock, database, uploads, undefined as never);
    const { signal } = new AbortController();
    await sweeper.sweep(signal);
    expect(await reload(upload.id)).toMatchObject({ status: 'open' });
    clock.advance(24 * 3600_000);
    const late = database.transaction(scope, (tx) => uploads.complete(tx, upload.id));
    await expect(late).rejects.toMatchObject({ code: 'UPLOAD_NOT_OPEN' });
    await sweeper.sweep(signal);
    expect(await reload(upload.id)).toMatchObject({ status: 'expired', endedAt: clock.now() });
    expect(await uploads.presignParts(scope, upload.id, [1])).toEqual([]);
    const [message] = await published('datasets.upload.ended');
    await purge.tidyUp(message as never, scope);
    expect(await store.listMultiparts(upload.objectKey)).toEqual([]);
  });

  test('can be given up, once', async () => {
    const upload = await begin(Buffer.from('x'));
    await database.transaction(scope, (tx) => uploads.abort(tx, upload.id));
    const again = database.transaction(scope, (tx) => uploads.abort(tx, upload.id));
    await expect(again).rejects.toMatchObject({ code: 'UPLOAD_NOT_OPEN' });
    expect(await published('datasets.upload.ended')).toHaveLength(1);
  });
});
