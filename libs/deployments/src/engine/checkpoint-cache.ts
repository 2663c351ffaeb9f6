import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Clock, isId } from '#libs/kernel';
import type { ObjectStore } from '#platform/storage';
import { ENGINE_ERRORS } from '../deployments.errors.js';

export interface StoredFile {
  path: string;
  bytes: number;
  sha256: string;
  objectKey: string;
}

export interface ServedCheckpoint {
  id: string;
  kind: 'base' | 'adapter' | 'merged';
  tokenizerSha256: string;
  templateSha256: string | null;
  files: readonly StoredFile[];
}

/** What an engine reads. Other files of a checkpoint are not fetched: no code, no pickles, no tokenizer beside an adapter. */
const BASE_FILES =
  /^(config|generation_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|model\.safetensors\.index)\.json$|^merges\.txt$|^chat_template\.jinja$|^model(-\d{5}-of-\d{5})?\.safetensors$/;
const ADAPTER_FILES = /^adapter_(config\.json|model\.safetensors)$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** Several files at a time keep the link to the store busy without holding many streams open. */
const DOWNLOADS_AT_A_TIME = 4;

/**
 * Checkpoints on this machine's disk. Bytes lie under their SHA-256; a checkpoint is a folder of hard links to them, there
 * whole or not at all. Every byte is hashed on its way in, and no path is made of anything but ids, hashes and names from
 * the lists above.
 */
export class CheckpointCache {
  private readonly underWay = new Map<string, Promise<string>>();

  constructor(
    private readonly store: Pick<ObjectStore, 'getStream'>,
    private readonly root: string,
    private readonly clock: Clock,
  ) {}

  /** The folder that an engine can load. Calls for one checkpoint share one download. */
  folder(checkpoint: ServedCheckpoint): Promise<string> {
    const known = this.underWay.get(checkpoint.id);
    if (known) return known;
    const work = this.assemble(checkpoint).finally(() => this.underWay.delete(checkpoint.id));
    this.underWay.set(checkpoint.id, work);
    return work;
  }

  /** Removes checkpoints longest unused, but for those named, until the rest takes at most this much. */
  async prune(limitBytes: number, kept: ReadonlySet<string>): Promise<string[]> {
    // What is being fetched is not linked yet, and looks like what nobody needs.
    if (this.underWay.size > 0) return [];
    const folders = await Promise.all(
      (await list(join(this.root, 'checkpoints')))
        .filter((name) => isId('ckpt', name))
        .map(async (id) => ({ id, usedAt: (await stat(join(this.root, 'checkpoints', id))).mtimeMs })),
    );
    folders.sort((a, b) => a.usedAt - b.usedAt);
    const removed: string[] = [];
    for (const { id } of folders) {
      if ((await this.bytes()) <= limitBytes) break;
      if (kept.has(id)) continue;
      await rm(join(this.root, 'checkpoints', id), { recursive: true, force: true });
      await this.removeUnlinked();
      removed.push(id);
    }
    return removed;
  }

  private async assemble(checkpoint: ServedCheckpoint): Promise<string> {
    if (!isId('ckpt', checkpoint.id)) throw new Error(`not a checkpoint id: ${checkpoint.id}`);
    const folder = join(this.root, 'checkpoints', checkpoint.id);
    if (!(await exists(folder))) {
      const files = servedFiles(checkpoint);
      await mkdir(join(this.root, 'files'), { recursive: true, mode: 0o700 });
      await inBatches(files, DOWNLOADS_AT_A_TIME, (file) => this.fetch(checkpoint.id, file));
      await this.linkFolder(folder, files);
    }
    const now = this.clock.now();
    await utimes(folder, now, now);
    return folder;
  }

  private async linkFolder(folder: string, files: readonly StoredFile[]): Promise<void> {
    const partial = `${folder}.part`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
    for (const file of files) await link(this.file(file.sha256), join(partial, file.path));
    await rename(partial, folder);
  }

  private async fetch(checkpointId: string, file: StoredFile): Promise<void> {
    const target = this.file(file.sha256);
    if (await exists(target)) return;
    const partial = `${target}.${randomUUID()}.part`;
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(await this.store.getStream(file.objectKey), hashing, createWriteStream(partial, { mode: 0o600 }));
      if (hash.digest('hex') !== file.sha256) {
        throw ENGINE_ERRORS.ENGINE_FILE_CORRUPT({ checkpoint: checkpointId, path: file.path });
      }
      await chmod(partial, 0o400);
      await rename(partial, target);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  private file(sha256: string): string {
    if (!SHA256.test(sha256)) throw new Error(`not a SHA-256: ${sha256}`);
    return join(this.root, 'files', sha256);
  }

  private async bytes(): Promise<number> {
    const files = await this.storedFiles();
    return files.reduce((sum, file) => sum + file.size, 0);
  }

  /** A file that no checkpoint links to has one name left: its hash. */
  private async removeUnlinked(): Promise<void> {
    const unlinked = (await this.storedFiles()).filter((file) => file.nlink === 1);
    await Promise.all(unlinked.map((file) => rm(file.path, { force: true })));
  }

  private async storedFiles(): Promise<Array<{ path: string; size: number; nlink: number }>> {
    const names = (await list(join(this.root, 'files'))).filter((name) => SHA256.test(name));
    return Promise.all(
      names.map(async (name) => {
        const path = join(this.root, 'files', name);
        const { size, nlink } = await stat(path);
        return { path, size, nlink };
      }),
    );
  }
}

/** The files to fetch; refused where one is missing, or where tokenizer or template are not those frozen in the checkpoint. */
export function servedFiles(checkpoint: ServedCheckpoint): StoredFile[] {
  const adapter = checkpoint.kind === 'adapter';
  const files = checkpoint.files.filter((file) => (adapter ? ADAPTER_FILES : BASE_FILES).test(file.path));
  const hashOf = (path: string) => files.find((file) => file.path === path)?.sha256;
  const required = adapter ? ['adapter_config.json', 'adapter_model.safetensors'] : ['config.json', 'tokenizer.json'];
  const missing = required.find((path) => !hashOf(path));
  if (missing) throw ENGINE_ERRORS.ENGINE_FILES_MISSING({ checkpoint: checkpoint.id, missing });
  if (adapter) return files;
  if (!files.some((file) => file.path.endsWith('.safetensors'))) {
    throw ENGINE_ERRORS.ENGINE_FILES_MISSING({ checkpoint: checkpoint.id, missing: '.safetensors file' });
  }
  if (hashOf('tokenizer.json') !== checkpoint.tokenizerSha256) {
    throw ENGINE_ERRORS.ENGINE_CONTENT_DIFFERS({ checkpoint: checkpoint.id, part: 'tokenizer' });
  }
  if (checkpoint.templateSha256 !== null && hashOf('chat_template.jinja') !== checkpoint.templateSha256) {
    throw ENGINE_ERRORS.ENGINE_CONTENT_DIFFERS({ checkpoint: checkpoint.id, part: 'chat template' });
  }
  return files;
}

async function inBatches<T>(items: readonly T[], size: number, work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += size) {
    await Promise.all(items.slice(start, start + size).map(work));
  }
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
