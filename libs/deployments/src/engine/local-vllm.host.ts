import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { isId } from '#libs/kernel';
import { ENGINE_ERRORS } from '../deployments.errors.js';
import type { EngineHost, EnginePlan } from './engine.js';
import { endGroup, isAlive, type ProcessIdentity, parseStat, readBootId } from './process-group.js';
import { type VllmOptions, vllmCommand, vllmEnvironment } from './vllm.command.js';

export interface LocalHostOptions extends VllmOptions {
  /** Runtime state of the platform: process files under run/engines, logs under logs/engines. */
  home: string;
  firstPort: number;
  portCount: number;
  /** Between asking an engine to end and ending it; vLLM takes three seconds. */
  stopGraceMilliseconds?: number;
}

/** Written before the process is launched, so that whatever is launched can be found again. */
interface LaunchRecord {
  engineId: string;
  port: number;
  bootId: string;
}

const STOP_GRACE_MILLISECONDS = 8_000;
const LOGS_KEPT = 20;
const LOG_TAIL_BYTES = 16_384;

/**
 * Engines as processes of this machine. Each leads a process group and outlives the worker that launched it: the next
 * worker finds it by its files and goes on with it.
 */
export class LocalVllmHost implements EngineHost {
  private readonly children = new Map<string, ChildProcess>();

  constructor(
    private readonly options: LocalHostOptions,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  async start(plan: EnginePlan): Promise<{ url: string }> {
    const known = await this.record(plan.engineId);
    if (known && (await this.observe(plan.engineId)).running) return { url: urlOf(known.port) };
    const folder = this.folder(plan.engineId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const port = await this.freePort();
    const record: LaunchRecord = { engineId: plan.engineId, port, bootId: await readBootId() };
    await writeWhole(join(folder, 'launch.json'), JSON.stringify(record));
    await this.launch(plan, port, folder);
    return { url: urlOf(port) };
  }

  async observe(engineId: string): Promise<{ running: true } | { running: false; reason: string }> {
    const child = this.children.get(engineId);
    const identity = await this.identity(engineId);
    if (identity ? await isAlive(identity) : child && child.exitCode === null && child.signalCode === null) {
      return { running: true };
    }
    return { running: false, reason: await this.lastWords(engineId) };
  }

  async stop(engineId: string): Promise<void> {
    const identity = await this.identity(engineId);
    if (identity) await endGroup(identity, this.options.stopGraceMilliseconds ?? STOP_GRACE_MILLISECONDS);
    this.children.delete(engineId);
    await rm(this.folder(engineId), { recursive: true, force: true });
  }

  async stopOthers(engineIds: ReadonlySet<string>): Promise<string[]> {
    const others = (await this.known()).filter((engineId) => !engineIds.has(engineId));
    await Promise.all(others.map((engineId) => this.stop(engineId)));
    return others;
  }

  logFile(engineId: string): string {
    return join(this.options.home, 'logs', 'engines', `${engineId}.log`);
  }

  private async launch(plan: EnginePlan, port: number, folder: string): Promise<void> {
    const { file, args } = vllmCommand(plan, port, this.options);
    await this.pruneLogs();
    const log = await open(this.logFile(plan.engineId), 'a', 0o600);
    try {
      // The shell writes who it is and then becomes the engine, under the same id and start time: at no moment
      // is there an engine that the next worker could not find.
      const child = spawn(
        '/bin/sh',
        ['-c', 'cat /proc/$$/stat > "$0" && exec "$@"', join(folder, 'stat'), file, ...args],
        {
          cwd: folder,
          detached: true,
          env: vllmEnvironment(this.options, this.environment),
          stdio: ['ignore', log.fd, log.fd],
        },
      );
      this.children.set(plan.engineId, child);
      child.on('error', () => undefined);
      child.unref();
    } finally {
      await log.close();
    }
  }

  private folder(engineId: string): string {
    if (!isId('eng', engineId)) throw new Error(`not an engine id: ${engineId}`);
    return join(this.options.home, 'run', 'engines', engineId);
  }

  /** Engines that have files here, running or not. */
  private async known(): Promise<string[]> {
    const names = await readdir(join(this.options.home, 'run', 'engines')).catch(ifAbsent([]));
    return names.filter((name) => isId('eng', name));
  }

  private async record(engineId: string): Promise<LaunchRecord | null> {
    const text = await readFile(join(this.folder(engineId), 'launch.json'), 'utf8').catch(ifAbsent(null));
    return text === null ? null : (JSON.parse(text) as LaunchRecord);
  }

  private async identity(engineId: string): Promise<ProcessIdentity | null> {
    const record = await this.record(engineId);
    const written = await readFile(join(this.folder(engineId), 'stat'), 'utf8').catch(ifAbsent(''));
    // Empty: the shell has not come to write it.
    return record && written !== '' ? { ...parseStat(written), bootId: record.bootId } : null;
  }

  private async freePort(): Promise<number> {
    const { firstPort, portCount } = this.options;
    const records = await Promise.all((await this.known()).map((engineId) => this.record(engineId)));
    const taken = new Set(records.map((record) => record?.port));
    for (let port = firstPort; port < firstPort + portCount; port++) {
      if (!taken.has(port) && (await canListen(port))) return port;
    }
    throw ENGINE_ERRORS.ENGINE_PORTS_TAKEN({ first: firstPort, last: firstPort + portCount - 1 });
  }

  /** The line that says why: the last error in the log, else its last line. */
  private async lastWords(engineId: string): Promise<string> {
    const file = await open(this.logFile(engineId), 'r').catch(ifAbsent(null));
    if (!file) return 'it left no log';
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - LOG_TAIL_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LOG_TAIL_BYTES), 0, LOG_TAIL_BYTES, start);
      const lines = buffer
        .toString('utf8', 0, bytesRead)
        .split('\n')
        .filter((line) => line.trim() !== '');
      const error = lines.findLast((line) => /\b\w*(Error|Exception)\b|must|not installed/.test(line));
      return (error ?? lines.at(-1) ?? 'its log is empty').trim().slice(0, 500);
    } finally {
      await file.close();
    }
  }

  private async pruneLogs(): Promise<void> {
    const folder = join(this.options.home, 'logs', 'engines');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Ids sort by time of creation.
    const old = (await readdir(folder))
      .filter((name) => name.endsWith('.log'))
      .sort()
      .slice(0, -LOGS_KEPT);
    await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
  }
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.part`, text, { mode: 0o600 });
  await rename(`${path}.part`, path);
}

function ifAbsent<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code !== 'ENOENT') throw error;
    return value;
  };
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
