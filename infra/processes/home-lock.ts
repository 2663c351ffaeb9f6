import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.js';
import type { RuntimeHome } from './runtime-home.js';

/** A lock that one process holds on a home; a holder that died without letting go does not hold it. */
export class HomeLock {
  private readonly path: string;

  constructor(
    home: RuntimeHome,
    private readonly name: string,
  ) {
    this.path = join(home.run, `${name}.lock`);
  }

  holder(): ProcessIdentity | null {
    const identity = readIdentity(this.path);
    return identity && isRunning(identity) ? identity : null;
  }

  /** Takes the lock, or gives the process that holds it. */
  tryTake(): ProcessIdentity | null {
    const mine = `${this.path}.${process.pid}`;
    writeFileSync(mine, JSON.stringify(identityOf(process.pid)));
    try {
      for (;;) {
        // A link appears whole, with its content, or not at all.
        if (linked(mine, this.path)) return null;
        const holder = this.holder();
        if (holder) return holder;
        this.clearAway();
      }
    } finally {
      rmSync(mine, { force: true });
    }
  }

  async take(patienceMilliseconds: number): Promise<void> {
    const pause = 100;
    for (let waited = 0; ; waited += pause) {
      const holder = this.tryTake();
      if (!holder) return;
      if (waited >= patienceMilliseconds) {
        throw new Error(`process ${holder.pid} has held the lock "${this.name}" for too long (${this.path})`);
      }
      await sleep(pause);
    }
  }

  release(): void {
    if (readIdentity(this.path)?.pid === process.pid) rmSync(this.path, { force: true });
  }

  /** Moves a dead holder's lock aside; should another have taken the lock meanwhile, it gets it back. */
  private clearAway(): void {
    const aside = `${this.path}.dead.${process.pid}`;
    try {
      renameSync(this.path, aside);
    } catch {
      return;
    }
    const identity = readIdentity(aside);
    if (identity && isRunning(identity)) linked(aside, this.path);
    unlinkSync(aside);
  }
}

function linked(existing: string, path: string): boolean {
  try {
    linkSync(existing, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readIdentity(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return null;
  }
}
