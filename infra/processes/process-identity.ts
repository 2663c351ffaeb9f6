import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A pid alone may be reused by a stranger; with the moment the process began it names one process for good. */
export interface ProcessIdentity {
  pid: number;
  startToken: string;
}

/** Tells a process from every other that ever had its pid, also across reboots; null when it is gone or a zombie. */
export function processStartToken(pid: number): string | null {
  return process.platform === 'linux' ? linuxStartToken(pid) : portableStartToken(pid);
}

export function identityOf(pid: number): ProcessIdentity | null {
  const startToken = processStartToken(pid);
  return startToken === null ? null : { pid, startToken };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return processStartToken(identity.pid) === identity.startToken;
}

function linuxStartToken(pid: number): string | null {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === null) return null;
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || startTicks === undefined) return null;
  return `${bootId()}:${startTicks}`;
}

function portableStartToken(pid: number): string | null {
  try {
    const [state, ...started] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state === undefined || state.startsWith('Z') ? null : started.join(' ');
  } catch {
    return null;
  }
}

let knownBootId: string | undefined;

function bootId(): string {
  knownBootId ??= readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown-boot';
  return knownBootId;
}

function readProc(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
