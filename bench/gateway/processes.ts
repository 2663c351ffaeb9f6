import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** The measured process has this core to itself; everything else shares the other one. */
export const MEASURED_CORE = 0;
export const OTHER_CORE = 1;

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const READY_MILLISECONDS = 20_000;

export interface Program {
  name: string;
  command: string;
  args: string[];
  port: number;
  core: number;
  env?: Record<string, string>;
}

/** A process on one core, up to when its port answers. */
export class Running {
  private constructor(
    readonly program: Program,
    private readonly child: ChildProcess,
  ) {}

  static async start(program: Program): Promise<Running> {
    const { core, command, args, env, name, port } = program;
    const child = spawn('taskset', ['-c', String(core), command, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...env },
    });
    const running = new Running(program, child);
    const deadline = performance.now() + READY_MILLISECONDS;
    while (!(await answers(port))) {
      if (child.exitCode !== null || performance.now() > deadline)
        throw new Error(`${name} does not listen on port ${port}`);
      await wait(50);
    }
    return running;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const patience = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(patience);
  }

  /** User and system time that it has taken. */
  cpuMicroseconds(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6;
  }

  memoryMegabytes(): number {
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'));
    return Number(rss?.[1]) / 1024;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
