import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import OpenAI, { NotFoundError, toFile } from 'openai';
import { AuditModule } from '#libs/audit';
import { DatasetsService } from '#libs/datasets';
import { ApiKeyService, IdentityModule, type Permission } from '#libs/identity';
import { Database, DatabaseModule } from '#platform/database';
import { createServer } from '#platform/http';
import { ObjectStore, StorageModule } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import {
  assertOpenAi,
  type TestDatabase,
  type TestOrganization,
  testDatabase,
  testOrganization,
  testStore,
} from '#test/harness';
import { AuthModule } from '../auth/auth.module.js';
import { FilesModule } from './files.module.js';

// Tens of megabytes are sent and hashed.
const PERMISSIONS: Permission[] = ['datasets:read', 'datasets:write'];
const ROW = '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n';

let database: TestDatabase;
let app: NestFastifyApplication;
let origin: string;
let partner: TestOrganization;
let client: OpenAI;

beforeAll(async () => {
  database = await testDatabase();
  const logger = createLogger('test', 'fatal');
  @Module({
    imports: [
      DatabaseModule.forRoot({ appUrl: database.urls.app, narrowUrls: { relay: database.urls.relay } }),
      StorageModule.forRoot(testStore()),
      AuditModule,
      IdentityModule.forRoot({ apiKeyPepper: 'p'.repeat(32), sessionSecret: 's'.repeat(32) }),
      AuthModule.forRoot({ publicOrigin: 'https://forkpoint.example' }),
      FilesModule,
    ],
  })
  class TestModule {}
  app = await createServer(TestModule, { logger });
  await app.listen(0, '127.0.0.1');
  origin = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  partner = await testOrganization(database);
  client = clientWith(await keyOf(partner));
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const clientWith = (apiKey: string, project?: string) =>
  new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0, project });

async function keyOf(owner: TestOrganization, scopes = PERMISSIONS, projectId: string | null = owner.projectId) {
  const { organizationId, scope } = owner;
  const principal = {
    type: 'user',
    id: scope.actor.id,
    organizationId,
    organizationKind: 'partner',
    projectIds: 'all',
    permissions: new Set(PERMISSIONS),
  } as const;
  const request = { name: 'test', scopes, projectId: projectId ?? undefined };
  const key = await app.get(Database).transaction(scope, (tx) => app.get(ApiKeyService).create(tx, principal, request));
  return key.secret;
}

const upload = (content: string | Buffer = ROW, name = 'train.jsonl') =>
  toFile(Buffer.from(content), name).then((file) => client.files.create({ file, purpose: 'fine-tune' }));

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: InstanceType<typeof OpenAI.APIError>) => ({ status: error.status, code: error.code, param: error.param }),
  );

describe('the official client', () => {
  test('uploads a file, finds it, reads it back and deletes it', async () => {
    const file = await upload();
    assertOpenAi('OpenAIFile', file);
    expect(file).toEqual({
      id: expect.stringMatching(/^file_[0-9a-z]{26}$/),
      object: 'file',
      bytes: ROW.length,
      created_at: expect.any(Number),
      filename: 'train.jsonl',
      purpose: 'fine-tune',
      status: 'processed',
    });
    expect(await client.files.retrieve(file.id)).toEqual(file);
    expect((await client.files.waitForProcessing(file.id)).id).toBe(file.id);
    const content = await client.files.content(file.id);
    expect(await content.text()).toBe(ROW);
    expect(content.headers.get('content-length')).toBe(String(ROW.length));
    const deleted = await client.files.delete(file.id);
    assertOpenAi('DeleteFileResponse', deleted);
    expect(deleted).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(client.files.retrieve(file.id)).rejects.toBeInstanceOf(NotFoundError);
    await expect(client.files.content(file.id)).rejects.toBeInstanceOf(NotFoundError);
  });

  test('gets back what it sent, of several parts and compressed', async () => {
    const content = gzipSync(Buffer.from(ROW.repeat(1000)), { level: 0 });
    const large = Buffer.concat(Array.from({ length: 220 }, () => content));
    const file = await upload(large, 'train.jsonl.gz');
    expect(file.bytes).toBe(large.byteLength);
    const stored = Buffer.from(await (await client.files.content(file.id)).arrayBuffer());
    expect(stored.equals(large)).toBe(true);
  });

  test('lists page by page, in both orders, by purpose', async () => {
    const own = await testOrganization(database);
    const lister = clientWith(await keyOf(own));
    const ids: string[] = [];
    for (const purpose of ['fine-tune', 'user_data', 'fine-tune'] as const) {
      const file = await toFile(Buffer.from(ROW), 'a.jsonl');
      ids.push((await lister.files.create({ purpose, file })).id);
    }
    const listed = async (query: object) => {
      const found: string[] = [];
      for await (const file of lister.files.list({ limit: 2, ...query })) found.push(file.id);
      return found;
    };
    expect(await listed({})).toEqual([...ids].reverse());
    expect(await listed({ order: 'asc' })).toEqual(ids);
    expect(await listed({ purpose: 'user_data' })).toEqual([ids[1]]);
    for (const query of ['', '?limit=1', '?purpose=none']) {
      const answer = await fetch(`${origin}/v1/files${query}`, {
        headers: { authorization: `Bearer ${lister.apiKey}` },
      });
      assertOpenAi('ListFilesResponse', await answer.json());
    }
    expect(await refusal(lister.files.list({ limit: 0 }))).toMatchObject({ status: 400, param: 'limit' });
  });

  test('sets an expiry', async () => {
    const file = await toFile(Buffer.from(ROW), 'a.jsonl');
    const expires_after = { anchor: 'created_at', seconds: 3600 } as const;
    const created = await client.files.create({ expires_after, purpose: 'fine-tune', file });
    assertOpenAi('OpenAIFile', created);
    expect(created.expires_at).toBe(created.created_at + 3600);
    const short = client.files.create({ expires_after: { ...expires_after, seconds: 1 }, purpose: 'fine-tune', file });
    expect(await refusal(short)).toEqual({ status: 400, code: 'expiry_invalid', param: 'expires_after' });
  });
});

describe('a refusal has OpenAI’s shape', () => {
  test.each([
    ['an empty file', { file: '', purpose: 'fine-tune' }, { status: 400, code: 'file_empty', param: 'file' }],
    [
      'an unused purpose',
      { file: ROW, purpose: 'vision' },
      { status: 400, code: 'purpose_unsupported', param: 'purpose' },
    ],
    ['no purpose', { file: ROW }, { status: 400, code: 'invalid_form', param: 'purpose' }],
    ['no file', { purpose: 'fine-tune' }, { status: 400, code: 'invalid_form', param: 'file' }],
  ])('%s', async (_, { file, ...fields }: { file?: string; purpose?: string }, expected) => {
    const form = new FormData();
    if (file !== undefined) form.append('file', new Blob([file]), 'a.jsonl');
    for (const [name, value] of Object.entries(fields)) form.append(name, value as string);
    const headers = { authorization: `Bearer ${client.apiKey}` };
    const answer = await fetch(`${origin}/v1/files`, { method: 'POST', headers, body: form });
    const body = (await answer.json()) as { error: { code: string; param: string } };
    assertOpenAi('ErrorResponse', body);
    expect({ status: answer.status, code: body.error.code, param: body.error.param }).toEqual(expected);
  });

  test('nobody, another partner, a key that only reads, and a key of several projects', async () => {
    const file = await upload();
    const stranger = await testOrganization(database);
    const strangers = clientWith(await keyOf(stranger));
    expect(await refusal(clientWith('wrong').files.list())).toMatchObject({ status: 401 });
    const calls = [
      strangers.files.retrieve(file.id),
      strangers.files.delete(file.id),
      strangers.files.content(file.id),
    ];
    const notFound = { status: 404, code: 'file_not_found', param: null };
    expect(await Promise.all(calls.map(refusal))).toEqual([notFound, notFound, notFound]);
    const reader = clientWith(await keyOf(partner, ['datasets:read']));
    expect(await refusal(reader.files.delete(file.id))).toMatchObject({ status: 403, code: 'forbidden' });
    const wide = await keyOf(partner, PERMISSIONS, null);
    const body = { file: await toFile(Buffer.from(ROW), 'a.jsonl'), purpose: 'fine-tune' } as const;
    expect(await refusal(clientWith(wide).files.create(body))).toMatchObject({ status: 400, code: 'project_required' });
    expect((await clientWith(wide, partner.projectId).files.create(body)).object).toBe('file');
  });

  test('a file that is being read; clients are told not to try again', async () => {
    const file = await upload();
    const { scope } = partner;
    await app.get(Database).transaction(scope, (tx) => app.get(DatasetsService).hold(tx, [file.id], 'ftjob_1'));
    const answer = await fetch(`${origin}/v1/files/${file.id}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${client.apiKey}` },
    });
    expect(answer.status).toBe(409);
    expect(answer.headers.get('x-should-retry')).toBe('false');
  });
});

describe('an upload in parts', () => {
  const begin = (bytes: number, uploader = client) =>
    uploader.uploads.create({ bytes, filename: 'big.jsonl', mime_type: 'application/jsonl', purpose: 'fine-tune' });
  const addPart = async (uploadId: string, content: string | Buffer, uploader = client) =>
    uploader.uploads.parts.create(uploadId, { data: await toFile(Buffer.from(content), 'data') });

  test('becomes a file in the order that is told at its end, once', async () => {
    const upload = await begin(ROW.length * 2);
    assertOpenAi('Upload', upload);
    expect(upload).toMatchObject({ object: 'upload', status: 'pending', bytes: ROW.length * 2 });
    expect(upload.file).toBeUndefined();
    const second = await addPart(upload.id, ROW.slice(5) + ROW);
    const first = await addPart(upload.id, ROW.slice(0, 5));
    assertOpenAi('UploadPart', first);
    const md5 = createHash('md5')
      .update(ROW + ROW)
      .digest('hex');
    const complete = (part_ids: string[], checksum = md5) =>
      client.uploads.complete(upload.id, { part_ids, md5: checksum });
    expect(await refusal(complete([second.id, first.id]))).toMatchObject({ status: 400, code: 'upload_md5_mismatch' });
    expect(await refusal(complete([first.id]))).toMatchObject({ code: 'upload_size_mismatch', param: 'part_ids' });
    expect(await refusal(complete([first.id, first.id]))).toMatchObject({ code: 'upload_part_not_found' });
    const [completed, raced] = await Promise.all([complete([first.id, second.id]), complete([first.id, second.id])]);
    assertOpenAi('Upload', completed);
    expect(completed).toMatchObject({ status: 'completed', file: { bytes: ROW.length * 2, filename: 'big.jsonl' } });
    expect(raced.file).toEqual(completed.file);
    expect((await complete([first.id, second.id])).file).toEqual(completed.file);
    expect(await (await client.files.content(completed.file!.id)).text()).toBe(ROW + ROW);
    const answers = await Promise.all([refusal(addPart(upload.id, ROW)), refusal(client.uploads.cancel(upload.id))]);
    expect(answers.map((answer) => answer?.code)).toEqual(['upload_not_open', 'upload_not_open']);
  });

  test('that is cancelled takes no more parts, and tells the worker to tidy up', async () => {
    const upload = await begin(100);
    await addPart(upload.id, 'x');
    const cancelled = await client.uploads.cancel(upload.id);
    assertOpenAi('Upload', cancelled);
    expect(cancelled.status).toBe('cancelled');
    expect(await refusal(addPart(upload.id, 'x'))).toMatchObject({ status: 409, code: 'upload_not_open' });
    const ended = await app
      .get(Database)
      .as('relay', (tx) =>
        tx.query(`SELECT 1 FROM outbox WHERE type = 'datasets.upload.ended' AND payload->>'uploadId' = $1`, [
          upload.id,
        ]),
      );
    expect(ended).toHaveLength(1);
  });

  test('is refused without bytes, over the limit, with an empty part, and to strangers', async () => {
    expect(await refusal(begin(0))).toMatchObject({ code: 'file_empty', param: 'bytes' });
    expect(await refusal(begin(8 * 1024 ** 3))).toMatchObject({ status: 413, code: 'file_too_large' });
    const upload = await begin(10);
    expect(await refusal(addPart(upload.id, ''))).toMatchObject({ code: 'file_empty', param: 'data' });
    const strangers = clientWith(await keyOf(await testOrganization(database)));
    const calls = [
      addPart(upload.id, 'x', strangers),
      strangers.uploads.cancel(upload.id),
      strangers.uploads.complete(upload.id, { part_ids: ['x'] }),
    ];
    const notFound = { status: 404, code: 'upload_not_found' };
    expect(await Promise.all(calls.map(refusal))).toMatchObject([notFound, notFound, notFound]);
  });
});

test('a sender that goes away in the middle leaves no file, and what was stored is swept', async () => {
  const boundary = 'b';
  const head = [`--${boundary}`, 'content-disposition: form-data; name="file"; filename="cut.jsonl"', '', ''].join(
    '\r\n',
  );
  const sending = httpRequest(`${origin}/v1/files`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${client.apiKey}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': 40_000_000,
    },
  });
  sending.on('error', () => undefined);
  sending.write(head);
  sending.write(Buffer.alloc(20_000_000));
  const uploads = () =>
    app
      .get(Database)
      .read(partner.scope, (tx) =>
        tx.query<{ status: string; object_key: string }>(
          `SELECT status, object_key FROM uploads WHERE filename = 'cut.jsonl'`,
        ),
      );
  const until = async (condition: () => Promise<boolean>) => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await until(async () => {
    const [row] = await uploads();
    return row !== undefined && (await app.get(ObjectStore).listMultiparts(row.object_key)).length > 0;
  });
  sending.destroy();
  await until(async () => (await uploads())[0]?.status === 'aborted');
  const [row] = await uploads();
  await until(async () => (await app.get(ObjectStore).listMultiparts(row!.object_key)).length === 0);
  const names = (await client.files.list()).data.map((file) => file.filename);
  expect(names).not.toContain('cut.jsonl');
});

test('every act has an audit entry, refused ones too', async () => {
  const own = await testOrganization(database);
  const auditor = clientWith(await keyOf(own));
  const file = await auditor.files.create({ file: await toFile(Buffer.from(ROW), 'a.jsonl'), purpose: 'fine-tune' });
  await auditor.files.delete(file.id);
  await refusal(auditor.files.delete(file.id));
  const entries = await app
    .get(Database)
    .read(own.scope, (tx) => tx.query('SELECT action, outcome, code, target_ids FROM audit_entries ORDER BY sequence'));
  expect(entries).toEqual([
    { action: 'createFile', outcome: 'done', code: null, target_ids: [file.id] },
    { action: 'deleteFile', outcome: 'done', code: null, target_ids: [file.id] },
    { action: 'deleteFile', outcome: 'refused', code: 'FILE_NOT_FOUND', target_ids: [] },
  ]);
});
