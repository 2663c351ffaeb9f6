import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process that leads a group of its own, as /proc tells of it. A process id alone is not enough: after a restart of ours
 * it may belong to somebody else, so the start time, in clock ticks since the machine started, is kept with it.
 */
export interface ProcessIdentity {
  pid: number;
  startTicks: number;
  bootId: string;
}

const POLL_MILLISECONDS = 50;

export async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Reads /proc/<pid>/stat; the name in parentheses may hold spaces and parentheses of its own. */
export function parseStat(stat: string): { pid: number; state: string; startTicks: number } {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Fields 3 (state) and 22 (start time) of proc(5), counted from 1.
  return { pid: Number.parseInt(stat, 10), state: afterName[0]!, startTicks: Number(afterName[19]) };
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await lookUp(identity)) === 'alive';
}

async function lookUp(identity: ProcessIdentity): Promise<'alive' | 'dead' | 'somebody else'> {
  if (identity.bootId !== (await readBootId())) return 'somebody else';
  const stat = await readFile(`/proc/${identity.pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return 'dead';
  const { state, startTicks } = parseStat(stat);
  if (startTicks !== identity.startTicks) return 'somebody else';
  return state === 'Z' || state === 'X' ? 'dead' : 'alive';
}

/**
 * Ends the leader and everything in its group: asks, waits, then kills. Members may outlive their leader; as long as one
 * does, the kernel gives the leader's id to nobody else.
 */
export async function endGroup(identity: ProcessIdentity, graceMilliseconds: number): Promise<void> {
  if ((await lookUp(identity)) === 'somebody else') return;
  for (const [signal, patience] of [
    ['SIGTERM', graceMilliseconds],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!signalGroup(identity.pid, signal)) return;
    for (let waited = 0; waited < patience; waited += POLL_MILLISECONDS) {
      await sleep(POLL_MILLISECONDS);
      if (!signalGroup(identity.pid, 0)) return;
    }
  }
}

/** False: nobody is left in the group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
