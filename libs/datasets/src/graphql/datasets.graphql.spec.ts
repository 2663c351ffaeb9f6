import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { DatasetsGraphqlModule } from '#libs/datasets/graphql';
import { newId } from '#libs/kernel';
import type { PreparationPreview, PreparationReport } from '#libs/messages';
import { Database, Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import {
  type TestCheckpoint,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testCheckpoint,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { DatasetsService } from '../datasets.service.js';
import { FileReceiver } from '../file-receiver.js';
import { endPreparation } from '../preparation.repository.js';
import { UploadVerifier } from '../upload-verifier.js';

// Tens of megabytes are sent and hashed.
const MEBIBYTE = 1024 ** 2;
const sha256Of = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');

let database: TestDatabase;
let graphql: TestGraphql;
let lab: TestOrganization;
let partner: TestOrganization;
let who: string;
let checkpoint: TestCheckpoint;

beforeAll(async () => {
  database = await testDatabase();
  lab = await testOrganization(database, 'lab');
  graphql = await TestGraphql.start(database, [DatasetsGraphqlModule, CatalogGraphqlModule]);
});
afterAll(async () => {
  await graphql.stop();
  await database.drop();
});
beforeEach(async () => {
  partner = await testOrganization(database);
  who = graphql.caller(partner);
  checkpoint = await testCheckpoint(database, lab, { grantee: partner, files: { 'tokenizer.json': Buffer.from('t') } });
});

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
}

const send = async ({ method, url, headers }: Sent, body: Uint8Array) =>
  (await fetch(url, { method, headers, body: body as never })).status;

async function createDataset(name = 'pairs'): Promise<string> {
  const { projectId } = partner;
  const { dataset } = await graphql.mutate(who, 'createDataset', { projectId, name }, 'dataset { id }');
  return dataset.id;
}

async function receive(text = '{}'): Promise<string> {
  const receiver = graphql.get(FileReceiver);
  const source = (async function* () {
    yield Buffer.from(text);
  })();
  const file = { projectId: partner.projectId, filename: 'train.jsonl' };
  const received = await receiver.receive(partner.scope, file, source);
  const version = await graphql
    .get(Database)
    .transaction(partner.scope, (tx) => receiver.accept(tx, received, { purpose: 'fine-tune' }));
  return version.id;
}

const UPLOAD = `upload { id method status versionId partBytes partCount failure { code } version { id sha256 number }
  dataset { id } singlePut { method url headers } arrivedParts { partNumber bytes sha256 } }`;

describe('an upload', () => {
  test('of a small file: one request, verified, and its content comes back', async () => {
    const body = Buffer.from('{"prompt":"a","completion":"b"}\n');
    const datasetId = await createDataset();
    const input = { datasetId, filename: 'a.jsonl', bytes: String(body.byteLength), sha256: sha256Of(body) };
    const { upload } = await graphql.mutate(who, 'beginUpload', input, UPLOAD);
    expect(upload).toMatchObject({
      method: 'SINGLE_PUT',
      status: 'OPEN',
      version: null,
      partCount: null,
      arrivedParts: [],
    });
    expect(await send(upload.singlePut, body)).toBe(200);
    const completing = await graphql.mutate(who, 'completeUpload', { uploadId: upload.id }, UPLOAD, 'UploadInput');
    expect(completing.upload).toMatchObject({ status: 'VERIFYING', singlePut: null });
    await graphql.get(UploadVerifier).verify(partner.scope, upload.id);
    const { node } = await graphql.ask(
      who,
      `query($id: ID!) { node(id: $id) { ... on Upload { status version { id number sha256 bytes contentEncoding status
         filename dataset { id name } content { url } } } } }`,
      { id: upload.id },
    );
    expect(node).toEqual({
      status: 'COMPLETED',
      version: {
        id: upload.versionId,
        number: 1,
        sha256: input.sha256,
        bytes: input.bytes,
        contentEncoding: 'IDENTITY',
        status: 'READY',
        filename: 'a.jsonl',
        dataset: { id: datasetId, name: 'pairs' },
        content: { url: expect.any(String) },
      },
    });
    expect(await (await fetch(node.version.content.url)).text()).toBe(body.toString());
  });

  test('in parts: a replayed answer signs anew, and what arrived is told', async () => {
    const body = randomBytes(17 * MEBIBYTE);
    const datasetId = await createDataset();
    const input = { datasetId, filename: 'a.jsonl', bytes: String(body.byteLength), sha256: sha256Of(body) };
    const { upload } = await graphql.mutate(who, 'beginUpload', input, UPLOAD);
    expect(upload).toMatchObject({
      method: 'MULTIPART',
      partBytes: String(16 * MEBIBYTE),
      partCount: 2,
      singlePut: null,
    });
    const bodies = [body.subarray(0, 16 * MEBIBYTE), body.subarray(16 * MEBIBYTE)];
    const presign = {
      idempotencyKey: 'parts',
      uploadId: upload.id,
      parts: bodies.map((part, position) => ({ partNumber: position + 1, sha256: sha256Of(part) })),
    };
    const parts = 'parts { partNumber request { method url headers } }';
    const first = await graphql.mutate(who, 'presignUploadParts', presign, parts);
    const again = await graphql.mutate(who, 'presignUploadParts', presign, parts);
    expect(again.parts.map((part: { partNumber: number }) => part.partNumber)).toEqual([1, 2]);
    expect(await send(first.parts[0].request, bodies[0]!)).toBe(200);
    expect(await send(again.parts[1].request, bodies[1]!)).toBe(200);
    const { node } = await graphql.ask(
      who,
      `query($id: ID!) { node(id: $id) { ... on Upload { arrivedParts { partNumber bytes sha256 } } } }`,
      {
        id: upload.id,
      },
    );
    expect(node.arrivedParts).toEqual(
      bodies.map((part, position) => ({
        partNumber: position + 1,
        bytes: String(part.byteLength),
        sha256: sha256Of(part),
      })),
    );
    const wrong = await graphql.mutate(
      who,
      'presignUploadParts',
      { uploadId: upload.id, parts: [{ partNumber: 3, sha256: sha256Of(body) }] },
      parts,
    );
    expect(wrong.userErrors).toMatchObject([{ code: 'UPLOAD_PART_UNKNOWN', path: ['parts'] }]);
    const aborted = await graphql.mutate(who, 'abortUpload', { uploadId: upload.id }, UPLOAD, 'UploadInput');
    expect(aborted.upload.status).toBe('ABORTED');
    expect((await graphql.mutate(who, 'presignUploadParts', presign, parts)).parts).toEqual([]);
  });
});

describe('datasets', () => {
  test('are refused by name, project and permission', async () => {
    await createDataset('once');
    const refused = async (caller: string, change: object) =>
      (
        await graphql.mutate(
          caller,
          'createDataset',
          { projectId: partner.projectId, name: 'once', ...change },
          'dataset { id }',
        )
      ).userErrors[0];
    expect(await refused(who, {})).toMatchObject({ code: 'DATASET_NAME_TAKEN', path: ['name'] });
    expect(await refused(who, { name: ' ' })).toMatchObject({ code: 'DATASET_NAME_INVALID' });
    const stranger = await testOrganization(database);
    expect(await refused(graphql.caller(stranger), {})).toMatchObject({ code: 'PROJECT_NOT_FOUND' });
    expect(await refused(graphql.caller(partner, ['datasets:read']), {})).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refused(graphql.caller(partner, undefined, []), {})).toMatchObject({ code: 'PROJECT_NOT_FOUND' });
  });

  test('with their versions and preparations take a number of statements that does not grow with them', async () => {
    const query = `{ datasets(first: 10) { nodes { id name versions(first: 10) { nodes { id number dataset { id }
      preparations(first: 2) { nodes { id status } } } } } } }`;
    const count = async () => {
      const statements = jest.spyOn(Transaction.prototype, 'query');
      const { datasets } = await graphql.ask(who, query);
      const number = statements.mock.calls.length;
      statements.mockRestore();
      return { datasets, number };
    };
    await createDataset('first');
    await receive();
    const small = await count();
    for (let index = 0; index < 5; index++) await createDataset(`more ${index}`);
    for (let index = 0; index < 5; index++) await receive(`{"row":${index}}`);
    const large = await count();
    expect(large.datasets.nodes).toHaveLength(7);
    const versions = large.datasets.nodes.flatMap(
      (dataset: { versions: { nodes: object[] } }) => dataset.versions.nodes,
    );
    expect(versions).toHaveLength(6);
    expect(large.number).toBe(small.number);
  });

  test('are seen by their organization and project alone, by every way there is', async () => {
    const datasetId = await createDataset();
    const versionId = await receive();
    const stranger = await testOrganization(database);
    const outsiders = [
      graphql.caller(stranger),
      graphql.caller(lab),
      graphql.caller(partner, ['catalog:read']),
      graphql.caller(partner, undefined, [stranger.projectId]),
    ];
    for (const outsider of outsiders) {
      const { nodes } = await graphql.ask(outsider, 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
        ids: [datasetId, versionId],
      });
      expect(nodes).toEqual([null, null]);
      const payload = await graphql.mutate(outsider, 'deleteDatasetVersion', { versionId }, 'datasetVersion { id }');
      expect(['FILE_NOT_FOUND', 'FORBIDDEN']).toContain(payload.userErrors[0].code);
    }
    for (const outsider of [outsiders[0]!, outsiders[1]!, outsiders[3]!]) {
      const { datasets, datasetVersions } = await graphql.ask(
        outsider,
        '{ datasets { nodes { id } } datasetVersions { nodes { id } } }',
      );
      expect([datasets.nodes, datasetVersions.nodes]).toEqual([[], []]);
    }
  });

  test('leave a tombstone when a version is deleted', async () => {
    const versionId = await receive();
    const selection = 'datasetVersion { id status sha256 deletedAt content { url } }';
    const { datasetVersion, userErrors } = await graphql.mutate(who, 'deleteDatasetVersion', { versionId }, selection);
    expect(userErrors).toEqual([]);
    expect(datasetVersion).toMatchObject({
      id: versionId,
      status: 'DELETED',
      deletedAt: expect.any(String),
      content: null,
    });
    const { datasetVersions } = await graphql.ask(who, '{ datasetVersions { nodes { id status } } }');
    expect(datasetVersions.nodes).toEqual([{ id: versionId, status: 'DELETED' }]);
  });
});

describe('a preparation', () => {
  const policy = { over_long: 'drop', max_tokens: 128, validation_fraction: 0.25, seed: 7 } as const;
  const preview: PreparationPreview = {
    schema_version: 1,
    rows: [
      {
        line: 1,
        split: 'train',
        tokens: 3,
        trained_tokens: 1,
        truncated: false,
        pieces: [{ text: '<|user|>', token_ids: [5], trained: false, special: true }],
      },
    ],
  };

  async function end(preparationId: string, errors: PreparationReport['errors']['kept']): Promise<void> {
    const report: PreparationReport = {
      schema_version: 1,
      type: 'preparation',
      outcome: errors.length ? 'invalid' : 'ready',
      format: 'openai_chat',
      policy,
      tokenizer_sha256: sha256Of(Buffer.from('t')),
      rows: { read: 9, blank_lines: 1, invalid: errors.length, dropped: 2, truncated: 0, train: 5, validation: 2 },
      tokens: { train: 50, train_trained: 20, validation: 9, validation_trained: 4, longest_row: 200, removed: 300 },
      errors: { total: errors.length, by_code: errors.length ? { invalid_role: errors.length } : {}, kept: errors },
      over_long: { total: 2, lines: [3, 8], validation_lines: [] },
      lengths: [{ up_to_tokens: 16, rows: 7 }],
    };
    const keyPrefix = `org/${partner.organizationId}/preparations/${preparationId}/1/attempts/1/output/`;
    const store = graphql.get(ObjectStore);
    const files = [
      { path: 'preview.json', ...(await store.put(`${keyPrefix}preview.json`, JSON.stringify(preview))) },
      { path: 'report.json', ...(await store.put(`${keyPrefix}report.json`, JSON.stringify(report))) },
    ];
    const manifest = { schema_version: 1, kind: 'preparation', job_id: 'j', attempt: 1, files } as const;
    const folder = { prefix: 'output', manifest: { ...manifest, files }, manifest_sha256: sha256Of(Buffer.from('m')) };
    await graphql.get(Database).transaction(partner.scope, async (tx) => {
      const preparation = await graphql.get(DatasetsService).getPreparation(tx, preparationId);
      const output = { attempt: 1, keyPrefix, folder };
      await endPreparation(tx, preparation, { status: report.outcome, at: new Date(), output, report });
    });
  }

  const FIELDS = `id status policy { overLong maxTokens validationFraction seed } version { id } checkpoint { id }
    report { format errorCount errorCounts { code count } overLongCount overLongLines rows { read dropped train validation blankLines }
      tokens { train trainTrained longestRow removed } lengths { upToTokens rows } }
    preview { line split tokens trainedTokens truncated pieces { text tokenIds trained special } }`;

  async function prepare(versionId: string, change: object = {}) {
    const input = {
      versionId,
      checkpoint: checkpoint.name,
      policy: { overLong: 'DROP', maxTokens: 128, validationFraction: 0.25, seed: 7 },
      ...change,
    };
    return graphql.mutate(who, 'prepareDataset', input, `preparation { ${FIELDS} }`);
  }

  test('is asked for by the name of a checkpoint, and shows its report and preview', async () => {
    const versionId = await receive();
    const { preparation } = await prepare(versionId);
    expect(preparation).toMatchObject({
      status: 'PENDING',
      report: null,
      preview: [],
      checkpoint: { id: checkpoint.id },
    });
    expect((await prepare(versionId)).preparation.id).toBe(preparation.id);
    await end(preparation.id, []);
    const ready = (await prepare(versionId)).preparation;
    expect(ready).toEqual({
      id: preparation.id,
      status: 'READY',
      policy: { overLong: 'DROP', maxTokens: 128, validationFraction: 0.25, seed: 7 },
      version: { id: versionId },
      checkpoint: { id: checkpoint.id },
      report: {
        format: 'openai_chat',
        errorCount: 0,
        errorCounts: [],
        overLongCount: 2,
        overLongLines: [3, 8],
        rows: { read: 9, dropped: 2, train: 5, validation: 2, blankLines: 1 },
        tokens: { train: '50', trainTrained: '20', longestRow: 200, removed: '300' },
        lengths: [{ upToTokens: 16, rows: 7 }],
      },
      preview: [
        {
          line: 1,
          split: 'TRAIN',
          tokens: 3,
          trainedTokens: 1,
          truncated: false,
          pieces: [{ text: '<|user|>', tokenIds: [5], trained: false, special: true }],
        },
      ],
    });
  });

  test('of bad data pages through its errors, forward and backward', async () => {
    const { preparation } = await prepare(await receive());
    const errors = Array.from({ length: 45 }, (_, index) => ({
      source: 'dataset' as const,
      line: index + 1,
      pointer: '/messages/0/role',
      code: 'invalid_role' as const,
      message: 'No such role.',
      fix: 'Use another.',
    }));
    await end(preparation.id, errors);
    const query = `query($id: ID!, $first: Int, $after: String, $last: Int) { node(id: $id) { ... on Preparation { status preview { line }
      errors(first: $first, after: $after, last: $last) { nodes { line pointer code source } pageInfo { endCursor hasNextPage hasPreviousPage } } } } }`;
    const lines: number[] = [];
    let after: string | null = null;
    do {
      const { node } = await graphql.ask(who, query, { id: preparation.id, first: 20, after });
      expect(node).toMatchObject({ status: 'INVALID', preview: [] });
      lines.push(...node.errors.nodes.map((error: { line: number }) => error.line));
      after = node.errors.pageInfo.hasNextPage ? node.errors.pageInfo.endCursor : null;
    } while (after);
    expect(lines).toEqual(errors.map((error) => error.line));
    const { node } = await graphql.ask(who, query, { id: preparation.id, last: 2 });
    expect(node.errors).toMatchObject({
      nodes: [{ line: 44 }, { line: 45 }],
      pageInfo: { hasPreviousPage: true, hasNextPage: false },
    });
  });

  test('takes the whole context and rejects what is longer unless told otherwise', async () => {
    const { preparation } = await prepare(await receive(), { policy: undefined });
    expect(preparation.policy).toEqual({ overLong: 'REJECT', maxTokens: 256, validationFraction: 0, seed: 0 });
    const refused = await prepare(await receive(), { checkpoint: newId('ckpt') });
    expect(refused.userErrors).toMatchObject([{ code: 'CHECKPOINT_NOT_FOUND' }]);
    const invalid = await prepare(await receive(), { policy: { validationFraction: 0.9 } });
    expect(invalid.userErrors).toMatchObject([{ code: 'INVALID_INPUT', path: ['policy', 'validationFraction'] }]);
  });
});
