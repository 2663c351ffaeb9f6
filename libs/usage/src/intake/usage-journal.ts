import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageBatch } from './usage-batch.js';

const FILE_NAME = /^usage-(.+)\.(\d+)\.jsonl$/;

/** More than minutes of the busiest gateway; a gateway cut off from PostgreSQL stops serving before that. */
const LARGEST_JOURNAL_BYTES = 256 * 1024 * 1024;

/**
 * Where usage is durable while PostgreSQL can't be reached: one JSON line per batch, on disk before `append` returns.
 * The lines are applied in order when the database is back, by this process or by the next one in the same directory.
 */
export class UsageJournal {
  private file?: FileHandle;
  private bytes = 0;
  private readonly path: string;

  /** The directory belongs to one process at a time; the next one finds there what this one could not hand over. */
  constructor(private readonly directory: string) {
    this.path = join(directory, `usage-${randomUUID()}.${process.pid}.jsonl`);
  }

  get isEmpty(): boolean {
    return this.bytes === 0;
  }

  async append(batch: UsageBatch): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(batch)}\n`);
    if (this.bytes + line.length > LARGEST_JOURNAL_BYTES) throw new Error(`the usage journal ${this.path} is full`);
    this.file ??= await this.create();
    await this.file.appendFile(line);
    await this.file.datasync();
    this.bytes += line.length;
  }

  /** Applies every line in order and empties the journal. Lines that were applied before a failure are applied again. */
  async drain(apply: (batch: UsageBatch) => Promise<void>): Promise<void> {
    if (this.isEmpty) return;
    for (const batch of await readBatches(this.path)) await apply(batch);
    await this.file?.truncate(0);
    this.bytes = 0;
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
    if (this.isEmpty) await rm(this.path, { force: true });
  }

  /** Journals of processes that are gone. */
  async leftBehind(): Promise<string[]> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const names = await readdir(this.directory);
    return names
      .filter((name) => {
        const pid = FILE_NAME.exec(name)?.[2];
        return pid !== undefined && join(this.directory, name) !== this.path && !isAnotherLiveProcess(Number(pid));
      })
      .map((name) => join(this.directory, name));
  }

  private async create(): Promise<FileHandle> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const file = await open(this.path, 'a', 0o600);
    // The file's own entry must survive as well.
    const directory = await open(this.directory, 'r');
    await directory.sync().finally(() => directory.close());
    return file;
  }
}

/** A last line without its end was being written when the process died: nobody was told that it is durable. */
export async function readBatches(path: string): Promise<UsageBatch[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  lines.pop();
  return lines.map((line, position) => {
    try {
      return UsageBatch.parse(JSON.parse(line));
    } catch (cause) {
      throw new Error(`line ${position + 1} of the usage journal ${path} can't be read`, { cause });
    }
  });
}

/** Kept for a person to look at, out of the way of the next start. */
export function setAside(path: string): Promise<void> {
  return rename(path, `${path}.unreadable`);
}

function isAnotherLiveProcess(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
