import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel';
import { CatalogFixture, declared, MODEL_FILES, safetensors } from './catalog.fixture.js';
import { findCheckpoint } from './checkpoint.repository.js';
import { filesOf } from './checkpoint-files.repository.js';
import { PublicationHandler } from './jobs/publication.handler.js';
import { manifestSha256 } from './manifest.js';

let fixture: CatalogFixture;
let trainingRunId: string;
let familyId: string;
const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));
let step = 0;
const nextStep = () => ++step;

beforeAll(async () => {
  fixture = await CatalogFixture.create(clock);
  ({ trainingRunId, familyId } = await fixture.family('forge-1'));
});
afterAll(() => fixture?.close());

describe('publishing a checkpoint', () => {
  it('takes what its files say, and is seen by the entitled from then on', async () => {
    await fixture.grant({ familyId });
    const draft = await fixture.draft(trainingRunId, { step: 156 });
    step = 156;
    expect(draft).toMatchObject({ name: 'forge-1-pretrain-000156', status: 'draft' });
    const seen = () => fixture.as(fixture.partner, (tx) => findCheckpoint(tx, draft.name));
    expect(await seen()).toBeNull();
    await fixture.upload(draft);
    const files = declared(MODEL_FILES);
    expect(await fixture.publish(draft.id)).toMatchObject({
      status: 'published',
      publishedAt: clock.now(),
      manifestSha256: manifestSha256(files, 'weights'),
      optimizerManifestSha256: manifestSha256(files, 'optimizer'),
      tokenizerSha256: files.find((file) => file.path === 'tokenizer.json')!.sha256,
      templateSha256: files.find((file) => file.path === 'chat_template.jinja')!.sha256,
      contextLength: 512,
      parameterCount: 262 * 64 + 64,
      architecture: { modelType: 'qwen3', headSize: 32 },
    });
    expect((await seen())?.id).toBe(draft.id);
    expect(await fixture.as(fixture.other, (tx) => findCheckpoint(tx, draft.name))).toBeNull();
  });

  it('says file by file what is wrong, takes the mended ones and reads none twice', async () => {
    const draft = await fixture.draft(trainingRunId, { step: nextStep() });
    const { 'chat_template.jinja': _, ...contents } = MODEL_FILES;
    const weights = contents['model.safetensors']!;
    const otherWeights = Buffer.concat([weights.subarray(0, -1), Buffer.from([1])]);
    const uploads = await fixture.uploads(draft);
    const { url, headers } = uploads.find((upload) => upload.path === 'model.safetensors')!;
    const send = (body: Buffer) => fetch(url, { method: 'PUT', headers, body: new Uint8Array(body) });
    // The signature covers the hash: the store refuses other bytes, before and after the right ones.
    for (const body of [otherWeights, weights, otherWeights])
      expect([body === weights, (await send(body)).ok]).toEqual([body === weights, body === weights]);
    await fixture.upload(draft, contents);
    // What a faulty store would keep is found all the same.
    await fixture.store.put(keyOf(draft.id, 'model.safetensors'), otherWeights);
    const failed = await fixture.publish(draft.id);
    expect(failed.status).toBe('draft');
    expect(failed.publicationProblems).toEqual([
      { path: 'chat_template.jinja', problem: 'was not uploaded' },
      {
        path: 'model.safetensors',
        problem: expect.stringMatching(/^has the SHA-256 [0-9a-f]{64}; [0-9a-f]{64} was declared$/),
      },
    ]);
    const left = await fixture.uploads(failed);
    expect(left.map((upload) => upload.path)).toEqual(['chat_template.jinja', 'model.safetensors']);
    // Verified files are not read again: one that is gone by now is not missed.
    await fixture.store.delete(keyOf(draft.id, 'optimizer/adamw.safetensors'));
    await fixture.upload(failed);
    expect(await fixture.publish(draft.id)).toMatchObject({ status: 'published', publicationProblems: [] });
  });

  it('bears being told twice, and stays as it is afterwards', async () => {
    const checkpoint = await fixture.published(trainingRunId, { step: nextStep() });
    clock.advance(1000);
    expect(await fixture.publish(checkpoint.id)).toEqual(checkpoint);
    const [file] = (await fixture.as(fixture.lab, (tx) => filesOf(tx, [checkpoint.id])))[0]!;
    const changes: Array<[string, unknown[]]> = [
      ['UPDATE checkpoints SET context_length = 1 WHERE id = $1', [checkpoint.id]],
      [`UPDATE checkpoints SET status = 'draft', published_at = NULL WHERE id = $1`, [checkpoint.id]],
      ['UPDATE checkpoints SET parent_checkpoint_id = NULL WHERE id = $1', [checkpoint.id]],
      [`UPDATE checkpoint_files SET sha256 = repeat('0', 64) WHERE checkpoint_id = $1`, [checkpoint.id]],
      ['UPDATE checkpoint_files SET verified_at = NULL WHERE checkpoint_id = $1', [checkpoint.id]],
      [
        `INSERT INTO checkpoint_files VALUES ($1, 'more', $2, 'weights', 1, repeat('0', 64), 'key', NULL)`,
        [checkpoint.id, fixture.lab.organizationId],
      ],
      ['DELETE FROM checkpoint_files WHERE checkpoint_id = $1', [checkpoint.id]],
      ['DELETE FROM checkpoints WHERE id = $1', [checkpoint.id]],
    ];
    for (const [sql, parameters] of changes)
      await expect(fixture.as(fixture.lab, (tx) => tx.query(sql, parameters))).rejects.toThrow(
        /does not change|permission denied/,
      );
    expect(file?.verifiedAt).toEqual(expect.any(Date));
  });

  it('can be taken back while it is a draft, bytes and name, and not afterwards', async () => {
    const step = nextStep();
    const draft = await fixture.draft(trainingRunId, { step });
    const child = await fixture.draft(trainingRunId, { step: nextStep(), parentCheckpointId: draft.id });
    await fixture.upload(draft);
    const discard = (id: string) => fixture.as(fixture.lab, (tx) => fixture.publication.discard(tx, id));
    await expect(discard(draft.id)).rejects.toMatchObject({ code: 'CHECKPOINT_HAS_CHILD' });
    await discard(child.id);
    await discard(draft.id);
    const message = { payload: { checkpointId: draft.id } } as never;
    await new PublicationHandler(fixture.verification, fixture.store).remove(message, fixture.lab.scope);
    expect(await fixture.store.head(keyOf(draft.id, 'config.json'))).toBeNull();
    const again = await fixture.published(trainingRunId, { step });
    await expect(discard(again.id)).rejects.toMatchObject({ code: 'CHECKPOINT_STATE' });
  });

  it.each<[string, Record<string, Buffer>, RegExp]>([
    ['config.json', { 'config.json': Buffer.from('{}') }, /can't be read at model_type/],
    ['model.safetensors', { 'model.safetensors': Buffer.from('PK not safetensors') }, /safetensors/],
    ['model.safetensors', { 'model.safetensors': safetensors({ a: [4] }).subarray(0, -1) }, /is cut off/],
    ['model.safetensors', { 'model.safetensors': safetensors({}) }, /no tensors/],
    [
      'tokenizer_config.json',
      { 'tokenizer_config.json': Buffer.from('{"chat_template":"x"}') },
      /holds a chat template/,
    ],
  ])('refuses a %s that can not be used (%#)', async (path, change, problem) => {
    const { 'chat_template.jinja': _, ...without } = MODEL_FILES;
    const contents = { ...(path === 'tokenizer_config.json' ? without : MODEL_FILES), ...change };
    const draft = await fixture.draft(trainingRunId, { step: nextStep(), files: declared(contents) });
    await fixture.upload(draft, contents);
    const { status, publicationProblems } = await fixture.publish(draft.id);
    expect(status).toBe('draft');
    expect(publicationProblems).toEqual([{ path, problem: expect.stringMatching(problem) }]);
  });
});

describe('a declaration of files', () => {
  const files = declared(MODEL_FILES);
  const [config, ...rest] = files as [(typeof files)[0], ...typeof files];
  it.each([
    ['config.json is missing', rest],
    ['tokenizer.json is missing', files.filter((file) => file.path !== 'tokenizer.json')],
    ['no weights', files.filter((file) => file.path !== 'model.safetensors')],
    ['named twice', [...files, config]],
    ['relative path', [...files, { ...config, path: '../config.json' }]],
    ['relative path', [...files, { ...config, path: '/etc/passwd' }]],
    ['pickled', [...files, { ...config, path: 'pytorch_model.bin' }]],
    ['SHA-256', [...files, { ...config, path: 'x', sha256: 'ABC' }]],
    ['split it into shards', [...files, { ...config, path: 'x', bytes: 6 * 1024 ** 3 }]],
    ['over 1048576 bytes', [{ ...config, bytes: 1024 ** 2 + 1 }, ...rest]],
  ])('is refused: %s', async (problem, declaredFiles) => {
    const draft = fixture.draft(trainingRunId, { step: nextStep(), files: declaredFiles });
    await expect(draft).rejects.toMatchObject({
      code: 'CHECKPOINT_FILES_INVALID',
      message: expect.stringContaining(problem),
    });
  });

  it('has one address, whatever order the files come in', () => {
    expect(manifestSha256([...files].reverse(), 'weights')).toBe(manifestSha256(files, 'weights'));
    expect(manifestSha256(rest, 'weights')).not.toBe(manifestSha256(files, 'weights'));
    expect(manifestSha256([], 'weights')).toBeNull();
  });
});

function keyOf(checkpointId: string, path: string): string {
  return `org/${fixture.lab.organizationId}/checkpoints/${checkpointId}/files/${path}`;
}
