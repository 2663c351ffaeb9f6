import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, newId } from '#libs/kernel';
import { ObjectStore } from '#platform/storage';
import { testStore } from '#test/harness';
import { CheckpointCache, type ServedCheckpoint, servedFiles } from './checkpoint-cache.js';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const BASE = {
  'config.json': '{}',
  'tokenizer.json': '{"version":"1.0"}',
  'chat_template.jinja': '{{ messages }}',
  'model.safetensors': 'weights',
};

describe('checkpoints on disk', () => {
  let root: string;
  let cache: CheckpointCache;
  const clock = new ManualClock();
  const store = new ObjectStore(testStore());
  let reads: string[];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'forkpoint-cache-'));
    reads = [];
    const counting = {
      getStream: (key: string) => {
        reads.push(key.slice(key.lastIndexOf('/') + 1));
        return store.getStream(key);
      },
    };
    cache = new CheckpointCache(counting, root, clock);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function stored(
    contents: Record<string, string>,
    change: Partial<ServedCheckpoint> = {},
  ): Promise<ServedCheckpoint> {
    const id = newId('ckpt');
    const files = await Promise.all(
      Object.entries(contents).map(async ([path, content]) => {
        const objectKey = `org/${newId('org')}/checkpoints/${id}/files/${path.replaceAll('/', '-').replaceAll('..', 'up')}`;
        await store.put(objectKey, content);
        return { path, bytes: content.length, sha256: sha256(content), objectKey };
      }),
    );
    const tokenizerSha256 = sha256(contents['tokenizer.json'] ?? '');
    const templateSha256 =
      contents['chat_template.jinja'] === undefined ? null : sha256(contents['chat_template.jinja']);
    return { id, kind: 'base', tokenizerSha256, templateSha256, files, ...change };
  }

  it('are fetched whole and once, also when asked for twice at a time', async () => {
    const base = await stored({ ...BASE, 'optimizer.pt': 'pickle', 'modeling_custom.py': 'code' });
    const [folder, again] = await Promise.all([cache.folder(base), cache.folder(base)]);
    expect(again).toBe(folder);
    expect((await readdir(folder)).sort()).toEqual(Object.keys(BASE).sort());
    expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe('weights');
    await cache.folder(base);
    expect(reads.sort()).toEqual(Object.keys(BASE).sort());
  });

  it('share files of equal content', async () => {
    await cache.folder(await stored(BASE));
    reads = [];
    await cache.folder(await stored({ ...BASE, 'model.safetensors': 'other weights' }));
    expect(reads).toEqual(['model.safetensors']);
  });

  it('are not there when a byte differs from the manifest', async () => {
    const base = await stored(BASE);
    const weights = base.files.find((file) => file.path === 'model.safetensors')!;
    await store.put(weights.objectKey, 'weights of another');
    await expect(cache.folder(base)).rejects.toMatchObject({ code: 'ENGINE_FILE_CORRUPT' });
    await expect(stat(join(root, 'checkpoints', base.id))).rejects.toThrow('ENOENT');
    expect((await readdir(join(root, 'files'))).filter((name) => name.endsWith('.part'))).toEqual([]);
    await store.put(weights.objectKey, 'weights');
    expect(await cache.folder(base)).toBe(join(root, 'checkpoints', base.id));
  });

  it('are refused where tokenizer or template are not those frozen in them', async () => {
    const differs = { code: 'ENGINE_CONTENT_DIFFERS' };
    expect(() => servedFiles({ id: 'c', kind: 'base', tokenizerSha256: '', templateSha256: null, files: [] })).toThrow(
      'config.json',
    );
    await expect(cache.folder(await stored(BASE, { tokenizerSha256: sha256('another') }))).rejects.toMatchObject(
      differs,
    );
    await expect(cache.folder(await stored(BASE, { templateSha256: sha256('another') }))).rejects.toMatchObject(
      differs,
    );
    const { 'model.safetensors': _, ...withoutWeights } = BASE;
    await expect(cache.folder(await stored(withoutWeights))).rejects.toMatchObject({ code: 'ENGINE_FILES_MISSING' });
  });

  it('take of an adapter nothing but its weights and their shape', async () => {
    const contents = {
      'adapter_config.json': '{}',
      'adapter_model.safetensors': 'a',
      'tokenizer.json': 't',
      'README.md': 'r',
    };
    const folder = await cache.folder(await stored(contents, { kind: 'adapter' }));
    expect((await readdir(folder)).sort()).toEqual(['adapter_config.json', 'adapter_model.safetensors']);
  });

  it('never lie outside their folder, whatever their files are called', async () => {
    const base = await stored({ ...BASE, '../../../escape/model.safetensors': 'x', 'model.safetensors/../../y': 'y' });
    const folder = await cache.folder(base);
    expect((await readdir(folder)).sort()).toEqual(Object.keys(BASE).sort());
    await expect(cache.folder({ ...base, id: '../../escape' })).rejects.toThrow('not a checkpoint id');
  });

  it('make room for others, those longest unused first, but for those in use', async () => {
    const weights = (letter: string) => ({ ...BASE, 'model.safetensors': letter.repeat(1000) });
    const [a, b, c] = [await stored(weights('a')), await stored(weights('b')), await stored(weights('c'))];
    for (const checkpoint of [a, b, c]) {
      clock.advance(1000);
      await cache.folder(checkpoint);
    }
    clock.advance(1000);
    await cache.folder(b);
    expect(await cache.prune(10_000, new Set())).toEqual([]);
    expect(await cache.prune(2_500, new Set([a.id]))).toEqual([c.id]);
    expect((await readdir(join(root, 'checkpoints'))).sort()).toEqual([a.id, b.id].sort());
    expect(await readdir(join(root, 'files'))).not.toContain(sha256('c'.repeat(1000)));
    expect(await readFile(join(root, 'checkpoints', a.id, 'config.json'), 'utf8')).toBe('{}');
  });
});
