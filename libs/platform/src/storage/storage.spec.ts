import { createHash, randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { newId } from '#libs/kernel';
import { testStore } from '#test/harness';
import { ObjectStore, type PresignedRequest, uploadStream } from './index.js';

// Tens of megabytes are sent and hashed.
const MEBIBYTE = 1024 ** 2;
const store = new ObjectStore(testStore());
const prefix = `org/${newId('org')}/storage/`;
afterAll(async () => {
  await store.deleteAll(prefix);
  store.close();
});

const sha256Of = (body: Uint8Array) => createHash('sha256').update(body).digest('hex');
const declare = (body: Uint8Array) => ({ bytes: body.byteLength, sha256: sha256Of(body) });

function send(request: PresignedRequest, body: Uint8Array, headers = request.headers): Promise<Response> {
  return fetch(request.url, { method: request.method, body: body as never, headers });
}

describe('a presigned PUT', () => {
  const body = randomBytes(1000);

  test('takes the declared bytes, and they come back by a presigned GET under the file name', async () => {
    const key = `${prefix}put/größe "1".jsonl`;
    const put = await send(await store.presignPut(key, declare(body)), body);
    expect(put.status).toBe(200);
    const get = await fetch((await store.presignGet(key, { filename: 'größe "1".jsonl' })).url);
    expect(Buffer.from(await get.arrayBuffer())).toEqual(body);
    expect(get.headers.get('content-disposition')).toBe(
      `attachment; filename="gr__e _1_.jsonl"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.jsonl`,
    );
  });

  test.each([
    ['other bytes of the same length', randomBytes(1000), {}],
    ['fewer bytes', body.subarray(0, 999), { 'content-length': '999' }],
    [
      'other bytes with their own checksum',
      body.toReversed(),
      {
        'x-amz-checksum-sha256': createHash('sha256').update(body.toReversed()).digest('base64'),
      },
    ],
  ])('refuses %s', async (_, sent, headers) => {
    const key = `${prefix}put/refused`;
    const request = await store.presignPut(key, declare(body));
    const response = await send(request, sent, { ...request.headers, ...headers });
    expect([400, 403]).toContain(response.status);
    expect(await store.head(key)).toBeNull();
  });

  test('names the public endpoint, or the internal one for our own processes', async () => {
    const apart = new ObjectStore({ ...testStore(), publicEndpoint: 'https://files.example.com' });
    const key = `${prefix}put/endpoints`;
    expect((await apart.presignPut(key, declare(body))).url).toMatch(/^https:\/\/files\.example\.com\//);
    const internal = await apart.presignPut(key, declare(body), { audience: 'internal' });
    expect((await send(internal, body)).status).toBe(200);
    apart.close();
  });
});

describe('a multipart upload', () => {
  const parts = [Buffer.alloc(5 * MEBIBYTE, 'a'), Buffer.alloc(5 * MEBIBYTE, 'b'), Buffer.from('the end')];

  async function sendParts(key: string, multipartId: string, numbers: number[]) {
    for (const partNumber of numbers) {
      const body = parts[partNumber - 1]!;
      const request = await store.presignPart(key, multipartId, { partNumber, ...declare(body) });
      expect((await send(request, body)).status).toBe(200);
    }
  }

  test('joins parts that came in any order and again, and its own digest is that of the whole', async () => {
    const key = `${prefix}multipart/whole`;
    const multipartId = await store.createMultipart(key);
    await sendParts(key, multipartId, [3, 1, 1, 2]);
    const stored = await store.listParts(key, multipartId);
    expect(stored.map(({ partNumber, bytes }) => [partNumber, bytes])).toEqual(
      parts.map((part, position) => [position + 1, part.byteLength]),
    );
    const uploaded = stored.map((part) => ({ ...part, sha256: sha256Of(parts[part.partNumber - 1]!) }));
    await store.completeMultipart(key, multipartId, uploaded);
    const { head, ...digest } = await store.digest(key);
    expect(digest).toEqual(declare(Buffer.concat(parts)));
    expect(head.toString()).toBe('aaaaaaaaaaaaaaaa');
    expect(await store.listMultiparts(key)).toEqual([]);
  });

  test('refuses a part that differs from its declared hash', async () => {
    const key = `${prefix}multipart/corrupt`;
    const multipartId = await store.createMultipart(key);
    const request = await store.presignPart(key, multipartId, { partNumber: 1, ...declare(parts[0]!) });
    expect((await send(request, parts[1]!)).status).toBe(400);
    expect(await store.listParts(key, multipartId)).toEqual([]);
  });

  test('is not joined with hashes that its parts do not have', async () => {
    const key = `${prefix}multipart/swapped`;
    const multipartId = await store.createMultipart(key);
    await sendParts(key, multipartId, [1, 2]);
    const stored = await store.listParts(key, multipartId);
    const swapped = stored.map((part) => ({ ...part, sha256: sha256Of(parts[2 - part.partNumber]!) }));
    await expect(store.completeMultipart(key, multipartId, swapped)).rejects.toMatchObject({ code: 'PART_REJECTED' });
  });

  test('is found by its key while it is open, and is gone once it is aborted', async () => {
    const key = `${prefix}multipart/aborted`;
    const multipartId = await store.createMultipart(key);
    await sendParts(key, multipartId, [1]);
    expect(await store.listMultiparts(key)).toEqual([{ key, multipartId }]);
    await store.abortMultipart(key, multipartId);
    await store.abortMultipart(key, multipartId);
    expect(await store.listMultiparts(key)).toEqual([]);
    await expect(store.listParts(key, multipartId)).rejects.toMatchObject({ code: 'MULTIPART_NOT_FOUND' });
  });
});

describe('an object', () => {
  test('is put, read in ranges, copied, listed and deleted', async () => {
    const key = `${prefix}object/one & only`;
    expect(await store.put(key, 'hello world', { contentType: 'text/plain' })).toEqual(
      declare(Buffer.from('hello world')),
    );
    expect(await store.head(key)).toMatchObject({ bytes: 11, contentType: 'text/plain' });
    const chunks = await (await store.getStream(key, { range: { start: 6, end: 8 } })).toArray();
    expect(Buffer.concat(chunks).toString()).toBe('wor');
    await store.copy(key, `${prefix}object/copy`);
    const listed: string[] = [];
    for await (const object of store.list(`${prefix}object/`)) listed.push(object.key);
    expect(listed).toEqual([`${prefix}object/copy`, key]);
    await store.delete(key);
    await store.delete(key);
    expect(await store.head(key)).toBeNull();
    expect(await store.getText(`${prefix}object/copy`)).toBe('hello world');
  });

  test('that is missing or too large is refused in words', async () => {
    await expect(store.getText(`${prefix}object/none`)).rejects.toMatchObject({
      code: 'OBJECT_NOT_FOUND',
      status: 404,
    });
    await expect(store.getStream(`${prefix}object/none`)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    await expect(store.copy(`${prefix}object/none`, `${prefix}x`)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    await store.put(`${prefix}object/large`, 'x'.repeat(101));
    await expect(store.getText(`${prefix}object/large`, { limitBytes: 100 })).rejects.toMatchObject({
      code: 'OBJECT_TOO_LARGE',
    });
  });

  test('is not replaced where that was ruled out', async () => {
    const key = `${prefix}object/once`;
    await store.put(key, 'first', { onlyIfAbsent: true });
    await expect(store.put(key, 'second', { onlyIfAbsent: true })).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
    expect(await store.getText(key)).toBe('first');
  });
});

describe('a stream', () => {
  async function* chunks(...bodies: Uint8Array[]) {
    yield* bodies;
  }

  test.each([
    ['nothing', 0],
    ['less than a part', 1000],
    ['exactly a part', 8 * MEBIBYTE],
    ['several parts', 17 * MEBIBYTE + 1],
  ])('of %s is stored whole', async (_, bytes) => {
    const key = `${prefix}stream/${bytes}`;
    const body = Buffer.alloc(bytes, 'stream');
    const source = chunks(body.subarray(0, bytes / 3), body.subarray(bytes / 3));
    expect(await uploadStream(store, key, source, { limitBytes: bytes })).toEqual(declare(body));
    const { head: _head, ...digest } = await store.digest(key);
    expect(digest).toEqual(declare(body));
  });

  test('over the limit, or one that fails, leaves nothing behind', async () => {
    const key = `${prefix}stream/refused`;
    const part = Buffer.alloc(9 * MEBIBYTE);
    await expect(
      uploadStream(store, key, chunks(part, part, part), { limitBytes: 26 * MEBIBYTE }),
    ).rejects.toMatchObject({ code: 'OBJECT_TOO_LARGE', status: 413 });
    const failing = (async function* () {
      yield part;
      yield part;
      throw new Error('the sender went away');
    })();
    await expect(uploadStream(store, key, failing, { limitBytes: 100 * MEBIBYTE })).rejects.toThrow('went away');
    expect(await store.head(key)).toBeNull();
    expect(await store.listMultiparts(key)).toEqual([]);
  });
});
