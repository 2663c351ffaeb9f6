import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { run } from '../program.js';
import type { Terminal } from '../terminal.js';

export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

class Recorder extends Writable {
  text = '';

  constructor(
    readonly isTTY: boolean,
    readonly columns = 100,
  ) {
    super();
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface RunOptions {
  environment?: Record<string, string>;
  /** What is piped in. */
  input?: string;
  isTTY?: boolean;
}

/** A user with a home of their own, at a terminal or in a script. */
export class TestUser {
  readonly home = mkdtempSync(join(tmpdir(), 'forkpoint-cli-'));

  constructor(readonly environment: Record<string, string> = {}) {}

  /** Runs one command line in this process. */
  async run(words: string[], { environment = {}, input = '', isTTY = false }: RunOptions = {}): Promise<Outcome> {
    const [stdout, stderr] = [new Recorder(isTTY), new Recorder(isTTY)];
    const terminal: Terminal = {
      stdin: Object.assign(new PassThrough(), { isTTY }),
      stdout,
      stderr,
      environment: {
        HOME: this.home,
        XDG_CONFIG_HOME: join(this.home, '.config'),
        ...this.environment,
        ...environment,
      },
      now: () => new Date(),
      onInterrupt: null,
    };
    (terminal.stdin as PassThrough).end(input);
    const exitCode = await run(words, terminal);
    return { exitCode, stdout: stdout.text, stderr: stderr.text };
  }

  /** The result of a command with --json, which prints that and nothing else. */
  // biome-ignore lint/suspicious/noExplicitAny: results are read as their commands print them
  async json(words: string[], options: RunOptions = {}): Promise<any> {
    const { exitCode, stdout, stderr } = await this.run([...words, '--json'], options);
    if (exitCode !== 0 || stderr !== '') throw new Error(`forkpoint ${words.join(' ')}: ${exitCode} ${stderr}`);
    return JSON.parse(stdout);
  }

  leave(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
