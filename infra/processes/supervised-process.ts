import { setTimeout as sleep } from 'node:timers/promises';
import { endManaged, type ManagedProcess, type ProcessExit } from './managed-process.js';
import type { ProcessRecord } from './pid-files.js';
import type { RuntimeHome } from './runtime-home.js';

export interface Supervision {
  name: string;
  /** Starts the process and resolves when it is ready; rejects when it can't be made ready, with the process ended. */
  launch(onStarted: (process: ManagedProcess) => void): Promise<ManagedProcess>;
  stopWithinMilliseconds: number;
  onEvent?: (event: string) => void;
}

const FIRST_PAUSE_MILLISECONDS = 250;
const LONGEST_PAUSE_MILLISECONDS = 15_000;
/** Who has run this long is taken to be well again. */
const STABLE_AFTER_MILLISECONDS = 30_000;

/** Keeps one process running: what ends unasked is started again, after pauses that grow while it keeps ending. */
export class SupervisedProcess {
  private current: ManagedProcess | undefined;
  private stopping = false;
  private readonly abort = new AbortController();
  private watching: Promise<void> = Promise.resolve();

  constructor(
    private readonly home: RuntimeHome,
    private readonly supervision: Supervision,
  ) {}

  get name(): string {
    return this.supervision.name;
  }

  get record(): ProcessRecord | undefined {
    return this.current?.record;
  }

  /** The first start has to succeed; only a process that ran once is started again. */
  async start(): Promise<void> {
    this.watching = this.watch(await this.launch());
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.abort.abort();
    await this.endCurrent();
    await this.watching;
    // A launch that was under way when stop was called.
    await this.endCurrent();
  }

  private async watch(first: ManagedProcess): Promise<void> {
    let running: ManagedProcess | null = first;
    let pause = FIRST_PAUSE_MILLISECONDS;
    while (!this.stopping) {
      const began = performance.now();
      if (running) this.tell(`ended unasked (${describeExit(await running.exited)})`);
      if (this.stopping) return;
      if (running && performance.now() - began > STABLE_AFTER_MILLISECONDS) pause = FIRST_PAUSE_MILLISECONDS;
      await sleep(pause, undefined, { signal: this.abort.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
      if (!this.stopping) running = await this.relaunch();
    }
  }

  private async relaunch(): Promise<ManagedProcess | null> {
    try {
      const running = await this.launch();
      this.tell(`runs again (process ${running.record.pid})`);
      return running;
    } catch (error) {
      this.tell(`did not come up again: ${(error as Error).message}`);
      await this.endCurrent();
      return null;
    }
  }

  private launch(): Promise<ManagedProcess> {
    return this.supervision.launch((process) => {
      this.current = process;
    });
  }

  private async endCurrent(): Promise<void> {
    if (this.current) await endManaged(this.home, this.current.record, this.supervision.stopWithinMilliseconds);
  }

  private tell(event: string): void {
    if (!this.stopping) this.supervision.onEvent?.(`${this.name} ${event}`);
  }
}

function describeExit({ code, signal }: ProcessExit): string {
  return signal ? `signal ${signal}` : `exit code ${code}`;
}
