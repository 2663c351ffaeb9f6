import { describe, expect, it } from '@jest/globals';
import type { RemoteUpload } from './documents';
import { UploadError } from './upload-error';
import { UploadTask, type UploadWork } from './upload-task';

const PART_BYTES = 4;
const file = () => new File(['aaaabbbbcc'], 'rows.jsonl');

/** What the platform and its store would hold. */
class Platform {
  uploads = new Map<string, RemoteUpload>();
  keys = new Map<string, string>();
  /** What was asked of it, in order. */
  log: string[] = [];
  failNext: UploadError[] = [];
  rejects = false;
  forgetsPartOnce: number | null = null;
  private made = 0;

  readonly work: UploadWork = {
    hash: async (blob) => `hash of ${await blob.text()}`,
    begin: async ({ idempotencyKey, filename, bytes }) => {
      this.refuse();
      const id = this.keys.get(idempotencyKey) ?? `upload ${++this.made}`;
      this.keys.set(idempotencyKey, id);
      if (!this.uploads.has(id)) {
        this.log.push(`begin ${id}`);
        const rest = { failure: null, version: null, arrivedParts: [] };
        this.uploads.set(id, {
          ...rest,
          id,
          filename,
          bytes,
          status: 'OPEN',
          method: 'MULTIPART',
          partBytes: String(PART_BYTES),
          partCount: Math.ceil(Number(bytes) / PART_BYTES),
        });
      }
      return this.get(id);
    },
    read: async (id) => this.get(id),
    signSinglePut: async () => null,
    signPart: async (id, { partNumber }) => ({ method: 'PUT', url: `${id} ${partNumber}`, headers: {} }),
    put: async ({ url }, body, onProgress, signal) => {
      this.refuse();
      const [id, part] = [url.slice(0, url.lastIndexOf(' ')), Number(url.slice(url.lastIndexOf(' ')))];
      onProgress(body.size);
      await new Promise((finish) => setTimeout(finish, 2));
      signal.throwIfAborted();
      this.log.push(`part ${part}`);
      const upload = this.get(id);
      this.uploads.set(id, {
        ...upload,
        arrivedParts: [...upload.arrivedParts, { partNumber: part, bytes: String(body.size) }],
      });
    },
    complete: async (id) => {
      this.log.push('complete');
      this.uploads.set(id, { ...this.get(id), ...this.verdict(id) });
      return { ...this.get(id), status: 'VERIFYING' };
    },
    abort: async (id) => {
      this.uploads.set(id, { ...this.get(id), status: 'ABORTED' });
    },
    wait: async () => undefined,
    newKey: () => `key ${this.keys.size}`,
  };

  private get(id: string): RemoteUpload {
    const upload = this.uploads.get(id);
    if (!upload) throw new Error(`no ${id}`);
    return upload;
  }

  private verdict(id: string): Partial<RemoteUpload> {
    if (this.rejects) return { status: 'REJECTED', failure: { code: 'HASH_DIFFERS', message: 'Other bytes.' } };
    if (this.forgetsPartOnce !== null) {
      const arrivedParts = this.get(id).arrivedParts.filter(({ partNumber }) => partNumber !== this.forgetsPartOnce);
      this.forgetsPartOnce = null;
      return { status: 'OPEN', arrivedParts };
    }
    return { status: 'COMPLETED', version: { id: 'file_1', number: 1, status: 'READY' } };
  }

  private refuse(): void {
    const failure = this.failNext.shift();
    if (failure) throw failure;
  }
}

const lost = () => new UploadError({ code: 'UNREACHABLE', message: 'Gone.', path: [], retryable: true });
const taskOf = (platform: Platform) => new UploadTask('task', file(), 'ds_1', platform.work);

describe('an upload', () => {
  it('sends every part and ends with a version', async () => {
    const platform = new Platform();
    const task = taskOf(platform);
    await task.start();
    expect(platform.log.sort()).toEqual(['begin upload 1', 'complete', 'part 1', 'part 2', 'part 3']);
    expect(task.snapshot()).toMatchObject({ stage: 'done', sentBytes: 10, version: { id: 'file_1', number: 1 } });
  });

  it('goes on after the connection was lost', async () => {
    const platform = new Platform();
    platform.failNext = [lost(), lost(), lost()];
    const stages = new Set<string>();
    const task = taskOf(platform);
    task.subscribe(() => stages.add(task.snapshot().stage));
    await task.start();
    expect(stages).toContain('waiting');
    expect(task.snapshot().stage).toBe('done');
  });

  it('sends only what has not arrived when the same file is chosen again in another tab', async () => {
    const platform = new Platform();
    const first = taskOf(platform);
    first.subscribe(() => platform.log.length >= 2 && first.active && first.pause());
    await first.start();
    expect(first.snapshot().stage).toBe('paused');
    const arrived = platform.uploads.get('upload 1')?.arrivedParts.length ?? 0;
    expect(arrived).toBeGreaterThan(0);
    platform.log = [];
    const second = taskOf(platform);
    await second.start();
    expect(platform.log.filter((entry) => entry.startsWith('part'))).toHaveLength(3 - arrived);
    expect(platform.log.filter((entry) => entry.startsWith('begin'))).toHaveLength(0);
    expect(second.snapshot()).toMatchObject({ stage: 'done', alreadyThere: false });
    expect(second.snapshot().resumedBytes).toBeGreaterThan(0);
  });

  it('goes on after a pause in the same tab', async () => {
    const platform = new Platform();
    const task = taskOf(platform);
    let paused = false;
    task.subscribe(() => {
      if (paused || platform.log.length < 2) return;
      paused = true;
      task.pause();
    });
    await task.start();
    expect(task.snapshot().stage).toBe('paused');
    await task.start();
    expect(task.snapshot()).toMatchObject({ stage: 'done', sentBytes: 10 });
    expect(platform.log.filter((entry) => entry.startsWith('part')).sort()).toEqual(['part 1', 'part 2', 'part 3']);
  });

  it('sends nothing when these bytes are a version already, and all of it when that version was deleted', async () => {
    const platform = new Platform();
    await taskOf(platform).start();
    platform.log = [];
    const again = taskOf(platform);
    await again.start();
    expect(platform.log).toEqual([]);
    expect(again.snapshot()).toMatchObject({ stage: 'done', alreadyThere: true });

    const [id, upload] = [...platform.uploads][0] as [string, RemoteUpload];
    platform.uploads.set(id, { ...upload, version: { id: 'file_1', number: 1, status: 'DELETED' } });
    await taskOf(platform).start();
    expect(platform.log).toContain('begin upload 2');
  });

  it('sends again what the platform says is missing', async () => {
    const platform = new Platform();
    platform.forgetsPartOnce = 2;
    const task = taskOf(platform);
    await task.start();
    expect(platform.log.filter((entry) => entry === 'part 2')).toHaveLength(2);
    expect(task.snapshot().stage).toBe('done');
  });

  it('says why it was rejected', async () => {
    const platform = new Platform();
    platform.rejects = true;
    const task = taskOf(platform);
    await task.start();
    expect(task.snapshot()).toMatchObject({ stage: 'failed', failure: { code: 'HASH_DIFFERS' } });
  });

  it('does not try again what is refused for good', async () => {
    const platform = new Platform();
    platform.failNext = [new UploadError({ code: 'FORBIDDEN', message: 'No.', path: [], retryable: false })];
    const task = taskOf(platform);
    await task.start();
    expect(task.snapshot()).toMatchObject({ stage: 'failed', failure: { code: 'FORBIDDEN' } });
  });

  it('removes what was sent when it is cancelled', async () => {
    const platform = new Platform();
    const task = taskOf(platform);
    task.subscribe(() => platform.log.length === 2 && task.active && void task.cancel());
    await task.start();
    await new Promise((finish) => setTimeout(finish, 5));
    expect(task.snapshot().stage).toBe('cancelled');
    expect(platform.uploads.get('upload 1')?.status).toBe('ABORTED');
  });
});
