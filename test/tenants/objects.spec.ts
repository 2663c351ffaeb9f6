import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isId } from '#libs/kernel';
import { testStore } from '#test/harness';
import { crawl } from './crawl.fixture.js';
import { BEGINNINGS, beginningsOf, freshKeys, objectsOf, partsOf } from './object-keys.fixture.js';
import {
  detours,
  fieldsWithUrls,
  type Presigned,
  signedUrlsIn,
  targetOf,
  URL_GIVERS,
  urlsOfAttempt,
} from './presigned.fixture.js';
import { sendRaw } from './raw-http.fixture.js';
import type { Tenant } from './tenant.fixture.js';
import type { TenantApi } from './tenant-api.fixture.js';
import { rowsOf } from './tenant-rows.fixture.js';
import { askListener } from './trainer.fixture.js';
import { startTwoTenants, type TwoTenants } from './two-tenants.fixture.js';
import { UNSIGNED } from './unsigned.fixture.js';
import { withEitherWall } from './walls.fixture.js';

let tenants: TwoTenants;
let api: TenantApi;
let own: Tenant;
let theirs: Tenant;
let theirKeys: string[];
/** What begins with one of these may be read or written by `own`; the base is the lab's, and shared. */
let ownPrefix: string;
let basePrefix: string;
let labPrefix: string;

beforeAll(async () => {
  tenants = await startTwoTenants();
  ({ api, own, theirs } = tenants);
  const { lab } = tenants;
  ownPrefix = `org/${own.organizationId}/`;
  labPrefix = `org/${lab.organizationId}/`;
  basePrefix = `${labPrefix}checkpoints/${lab.base.id}/files/`;
  theirKeys = [...(await objectsOf(api, theirs.organizationId)).keys()];
});
afterAll(() => tenants?.stop());

const { bucket, publicEndpoint } = testStore();
const ID = /[a-z]+_[0-9a-z]{26}/g;

describe('the keys of objects', () => {
  test('are of known forms, and name nothing but things of the organization that they begin with', async () => {
    for (const tenant of [own, theirs, { ...tenants.lab, ids: null }]) {
      const rows = JSON.stringify(await rowsOf(api.database, tenant));
      const known = new Set(rows.match(ID));
      const keys = [...(await objectsOf(api, tenant.organizationId)).keys()];
      expect(keys.length).toBeGreaterThan(3);
      for (const key of keys) {
        const parts = partsOf(key);
        expect([key, parts?.organizationId]).toEqual([key, tenant.organizationId]);
        expect([key, known.has(parts!.owner)]).toEqual([key, true]);
      }
    }
  });

  test('begin in the whole bucket as is known, whichever spec has stored it', async () => {
    const others = (await beginningsOf('')).filter((name) => !(name in BEGINNINGS));
    const misnamed = (await beginningsOf('org/')).filter((name) => !isId('org', name.slice(0, -1)));
    expect(await freshKeys(api, [...others, ...misnamed.map((name) => `org/${name}`)])).toEqual([]);
  });

  test('in an organization’s rows are its own, but for those of the base that it works on', async () => {
    for (const tenant of [own, theirs]) {
      const text = JSON.stringify(await rowsOf(api.database, tenant));
      const keys = text.match(/org\/org_[^"\\]*/g) ?? [];
      expect(keys.length).toBeGreaterThan(10);
      const prefixes = [`org/${tenant.organizationId}/`, basePrefix];
      expect(keys.filter((key) => !prefixes.some((prefix) => key.startsWith(prefix)))).toEqual([]);
    }
  });
});

withEitherWall(
  () => api.database,
  () => {
    describe('a presigned request', () => {
      test('of every field that gives one has its case in test/tenants/presigned.fixture.ts', () => {
        expect(Object.keys(URL_GIVERS).sort()).toEqual(fieldsWithUrls(api.schema).sort());
      });

      test.each([...Object.entries(URL_GIVERS), ['an attempt', urlsOfAttempt] as const])(
        'of %s reaches one object of whoever asked, and no other',
        async (name, give) => {
          const requests = await give(tenants);
          expect(requests.length).toBeGreaterThan(0);
          const prefixes = name === 'Checkpoint.pendingUploads' ? [labPrefix] : [ownPrefix, basePrefix];
          for (const request of requests) {
            const target = targetOf(request.url);
            expect([target.bucket, target.origin]).toEqual([bucket, publicEndpoint]);
            expect([target.key, prefixes.some((prefix) => target.key.startsWith(prefix))]).toEqual([target.key, true]);
            expect(partsOf(target.key)).not.toBeNull();
            const before = await everything();
            await expectNoDetour(request);
            expect(await everything()).toEqual(before);
            // As it was given, it is granted.
            const { pathname } = new URL(request.url);
            expect(await send(request, pathname)).toMatchObject({ status: 200 });
          }
        },
      );

      test('of another tenant is in no answer', async () => {
        const { answers } = await crawl(api, own.administrator);
        const urls = [...answers.values()].flatMap(signedUrlsIn);
        expect(urls.length).toBeGreaterThan(3);
        const keys = urls.map((url) => targetOf(url).key);
        expect(keys.filter((key) => ![ownPrefix, basePrefix].some((prefix) => key.startsWith(prefix)))).toEqual([]);
      });

      const everything = async () =>
        new Map([...(await objectsOf(api, own.organizationId)), ...(await objectsOf(api, theirs.organizationId))]);

      function send({ method, url, headers, body }: Presigned, path: string, more: Record<string, string> = {}) {
        const { origin, query } = targetOf(url);
        return sendRaw(origin, { method, path: `${path}${query}`, headers: { ...headers, ...more }, body });
      }

      async function expectNoDetour(request: Presigned): Promise<void> {
        const target = targetOf(request.url);
        const [first] = theirKeys;
        const paths = Object.entries(detours(target, first!));
        for (const [name, path] of [...paths, ...theirKeys.map((key) => [key, `/${bucket}/${key}`] as const)]) {
          const { status, body } = await send(request, path);
          const isRefused = [400, 403, 405].includes(status);
          expect([name, isRefused, body.includes(theirs.canary)]).toEqual([name, true, false]);
        }
        // S3 copies on its own side what this header names.
        const copy = await send(request, `/${bucket}/${target.key}`, { 'x-amz-copy-source': `/${bucket}/${first}` });
        if (request.method === 'PUT') expect(copy.status).toBe(403);
        expect(copy.body).not.toContain(theirs.canary);
      }
    });
  },
);

describe('an attempt’s trainer', () => {
  const urls = (payload: object, attempt: { id: string; token: string } = own.attempt) =>
    askListener(api, attempt, 'urls', { reads: [], writes: [], ...payload });
  const file = { bytes: 1, sha256: 'a'.repeat(64) };

  test.each([
    '../2/output/x',
    'output/../../2/x',
    '..',
    'output/..',
    './x',
    '/x',
    '//x',
    'output//x',
    'output/',
    '%2e%2e/2/x',
    '..%2f2/x',
    'output%2f..%2f..',
    '..\\2\\x',
    'x\u0000/../..',
    'x\n',
    '',
    'ａ/../..',
  ])('gets no URL that writes to %j', async (path) => {
    expect(await urls({ writes: [{ ...file, path }] })).toMatchObject({ status: 400 });
  });

  test('gets no URL that reads what is not among its inputs', async () => {
    const paths = [
      '../secret',
      'model.safetensors/../../x',
      '%2e%2e/x',
      ...theirKeys,
      ...theirKeys.map((key) => `../${key}`),
    ];
    for (const path of paths) {
      for (const input of ['base', 'prepared', 'adapter', 'resume', 'theirs']) {
        const { status, body } = await urls({ reads: [{ input, path }] });
        expect([path, [400, 404].includes(status), body.includes('http')]).toEqual([path, true, false]);
      }
    }
  });

  test('gets URLs for nothing but keys below its own attempt, whatever path it names', async () => {
    const segments = [
      '..',
      '.',
      '...',
      '',
      'output',
      'attempts',
      '1',
      '2',
      '%2e%2e',
      '%2f',
      '\\',
      ':',
      ' ',
      '~',
      theirKeys[0]!,
    ];
    const path = fc.array(fc.oneof(fc.constantFrom(...segments), fc.string({ maxLength: 3 })), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('/', ''), async (parts, separator) => {
        const { status, body } = await urls({ writes: [{ ...file, path: parts.join(separator) }] });
        if (status !== 200) return expect(status).toBe(400);
        // `attempts/1` must not begin the name of another folder, such as `attempts/10`.
        const { key } = targetOf(JSON.parse(body).writes[0].url);
        expect(key.startsWith(own.attempt.prefix)).toBe(true);
        expect(partsOf(key)).toEqual({ organizationId: own.organizationId, owner: own.things.ftjob });
      }),
      { numRuns: 200 },
    );
  });

  test('gets nothing for another tenant’s attempt, and nothing with a token that is not the attempt’s', async () => {
    const writes = [{ ...file, path: 'output/x' }];
    for (const attempt of [
      { id: theirs.attempt.id, token: own.attempt.token },
      { id: own.attempt.id, token: theirs.attempt.token },
    ]) {
      expect(await urls({ writes }, attempt)).toMatchObject({ status: 401 });
    }
    expect(await urls({ writes })).toMatchObject({ status: 200 });
  });
});

describe('who has no signature', () => {
  test.each(UNSIGNED.map((request) => [request.method, request.path, request] as const))(
    'is refused %s %s',
    async (method, path, { body, headers = {}, status = 403 }) => {
      const before = await objectsOf(api, theirs.organizationId);
      const filled = (text: string) => text.replace('BUCKET', bucket).replace('KEY', theirKeys[0]!);
      for (const credentials of [{}, own.key, own.administrator]) {
        const request = { method, path: filled(path), headers: { ...headers, ...credentials } };
        const answer = await sendRaw(publicEndpoint, { ...request, body: body && filled(body) });
        // A credential of another form is looked at first.
        expect([status, 403]).toContain(answer.status);
        expect(answer.body).not.toMatch(/<(AccessKeyId|Contents|Bucket)>/);
        expect(answer.body).not.toContain(theirs.canary);
      }
      expect(await objectsOf(api, theirs.organizationId)).toEqual(before);
    },
  );
});
