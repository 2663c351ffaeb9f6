import { spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobSpec } from '#libs/messages';
import type { AttemptExit } from '../../../compute-job.js';
import type { AttemptSubmission, Driver, Observation } from '../driver.js';
import { type ProcessMark, ProcessTable } from './process-table.js';
import { WRAPPER } from './wrapper.js';

export interface LocalDriverOptions {
  /** Private to this driver; outlives the worker. Workers of one machine share it. */
  folder: string;
  slots: number;
  /** `--spec FILE --work FOLDER` is appended. */
  command: readonly string[];
  /** Passed on to trainers beside what the driver sets itself; never secrets. */
  environment?: Readonly<Record<string, string>>;
}

/** What an attempt prints beyond this is dropped. */
export const LOG_LIMIT_BYTES = 4 * 1024 ** 2;
const NICENESS = 10;
/** ulimit counts files in blocks of 512 bytes. 5 GiB: what a single upload takes. */
const FILE_BLOCKS = (5 * 1024 ** 3) / 512;
/** Address space that is reserved and never touched; what is really used is held to the limit by the supervisor. */
const RESERVED_BYTES = 8 * 1024 ** 3;
const CLAIM_PATIENCE_MILLISECONDS = 5000;

/**
 * Attempts as processes of this machine: one folder, one process group and one wrapper each (wrapper.ts). Nothing is kept
 * in memory: after kill -9 of the worker the next one finds running attempts by their folders and goes on with them.
 */
export class LocalDriver implements Driver {
  readonly name = 'local';
  readonly slots: number;
  private readonly root: string;

  constructor(private readonly options: LocalDriverOptions) {
    this.slots = options.slots;
    this.root = resolve(options.folder);
  }

  async submit({ key, spec, token }: AttemptSubmission): Promise<void> {
    const folder = this.folderOf(key);
    await mkdir(join(folder, 'work'), { recursive: true, mode: 0o700 });
    if (await this.isClaimed(folder)) return;
    await writeFile(join(folder, 'spec.json'), JSON.stringify(spec), { mode: 0o600 });
    const args = [folder, String(dataKib(spec)), String(FILE_BLOCKS), String(NICENESS)];
    const command = [...this.options.command, '--spec', join(folder, 'spec.json'), '--work', join(folder, 'work')];
    const wrapper = spawn('/bin/sh', ['-c', WRAPPER, 'wrapper', ...args, ...command], {
      detached: true,
      stdio: 'ignore',
      env: this.environmentOf(folder, spec, token),
    });
    const failure = new Promise<never>((_, reject) => wrapper.once('error', reject));
    wrapper.unref();
    await Promise.race([this.awaitMark(folder), failure]);
  }

  async observe(keys: readonly string[]): Promise<Map<string, Observation>> {
    // First the marks, then the table: what begins in between would else look as if it had ended.
    const marks = await Promise.all(keys.map((key) => readMark(this.folderOf(key))));
    const table = await ProcessTable.read();
    const looks = keys.map(
      async (key, position) => [key, await this.look(key, marks[position] ?? null, table)] as const,
    );
    return new Map(await Promise.all(looks));
  }

  async cancel(key: string, how: 'stop' | 'kill'): Promise<void> {
    const mark = await readMark(this.folderOf(key));
    if (!mark) return;
    const table = await ProcessTable.read();
    if (how === 'stop') {
      if (table.isAlive(mark)) send(mark.pid, 'SIGTERM');
      return;
    }
    // One by one as well: a process of the session may have left the group.
    const { pids } = table.family(mark);
    if (pids.length > 0) send(-mark.pid, 'SIGKILL');
    for (const pid of pids) send(pid, 'SIGKILL');
  }

  async logs(key: string, offset: number, limitBytes: number): Promise<Buffer> {
    const end = Math.min(offset + limitBytes, LOG_LIMIT_BYTES);
    const file = await open(join(this.folderOf(key), 'log')).catch(ignoreMissing);
    if (!file) return Buffer.alloc(0);
    try {
      const buffer = Buffer.alloc(Math.max(0, end - offset));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async keys(): Promise<string[]> {
    return (await readdir(this.root).catch(ignoreMissing)) ?? [];
  }

  async forget(key: string): Promise<void> {
    await rm(this.folderOf(key), { recursive: true, force: true });
  }

  private async look(key: string, mark: ProcessMark | null, table: ProcessTable): Promise<Observation> {
    const folder = this.folderOf(key);
    if (!mark) return { phase: 'absent' };
    await limitLog(folder);
    if (table.isAlive(mark)) return { phase: 'running', residentBytes: table.family(mark).residentBytes };
    // A table is read in a while: of what began in it only one that is read after the end can tell.
    const { pids, residentBytes } = (await ProcessTable.read()).family(mark);
    // What an attempt's own process left running is ended before the attempt counts as gone.
    if (pids.length > 0) {
      await this.cancel(key, 'kill');
      return { phase: 'running', residentBytes };
    }
    return { phase: 'gone', exit: await readExit(folder) };
  }

  private async isClaimed(folder: string): Promise<boolean> {
    return (await stat(join(folder, 'claim')).catch(ignoreMissing)) !== undefined;
  }

  private async awaitMark(folder: string): Promise<void> {
    for (let waited = 0; waited < CLAIM_PATIENCE_MILLISECONDS; waited += 20) {
      if (await readMark(folder)) return;
      await sleep(20);
    }
    throw new Error(`the process of ${folder} did not begin within ${CLAIM_PATIENCE_MILLISECONDS} ms`);
  }

  /** Nothing is inherited but the search path: the worker's environment holds secrets. */
  private environmentOf(folder: string, spec: JobSpec, token: string): NodeJS.ProcessEnv {
    const work = join(folder, 'work');
    return {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: work,
      TMPDIR: work,
      OMP_NUM_THREADS: String(spec.limits.threads),
      OMP_WAIT_POLICY: 'passive',
      TOKENIZERS_PARALLELISM: 'false',
      HF_HUB_OFFLINE: '1',
      PYTHONUNBUFFERED: '1',
      ...this.options.environment,
      FORKPOINT_ATTEMPT_TOKEN: token,
      // By it the supervisor of this machine finds what is left of a platform that was killed.
      FORKPOINT_SUPERVISED: process.env.FORKPOINT_SUPERVISED,
    };
  }

  private folderOf(key: string): string {
    if (!/^[a-z0-9_]+\.\d+$/.test(key)) throw new Error(`"${key}" is no attempt's key`);
    return join(this.root, key);
  }
}

function dataKib({ limits }: JobSpec): number {
  return Math.ceil((limits.memory_bytes + RESERVED_BYTES) / 1024);
}

async function readMark(folder: string): Promise<ProcessMark | null> {
  const text = await readFile(join(folder, 'process'), 'utf8').catch(ignoreMissing);
  const [pid, startTick, bootId] = text?.trim().split(' ') ?? [];
  return pid && startTick && bootId ? { pid: Number(pid), startTick: Number(startTick), bootId } : null;
}

/** The shell tells a signal as 128 and its number. */
async function readExit(folder: string): Promise<AttemptExit> {
  const text = await readFile(join(folder, 'exit'), 'utf8').catch(ignoreMissing);
  if (text === undefined) return { how: 'lost' };
  const code = Number(text);
  if (code <= 128) return { how: 'exited', code };
  return { how: 'signalled', signal: signalName(code - 128) };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

/** The process appends, so what it prints next goes on after the cut. */
async function limitLog(folder: string): Promise<void> {
  const path = join(folder, 'log');
  const size = (await stat(path).catch(ignoreMissing))?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) await truncate(path, LOG_LIMIT_BYTES);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
