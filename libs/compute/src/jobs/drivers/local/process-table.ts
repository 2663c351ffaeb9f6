import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

/** A process as no other can be: its number, the tick since boot at which it began, and the boot. */
export interface ProcessMark {
  pid: number;
  startTick: number;
  bootId: string;
}

interface Entry {
  pid: number;
  state: string;
  group: number;
  session: number;
  startTick: number;
  residentPages: number;
}

const pageBytes = Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' }));

/** What runs on this machine at one moment, from /proc. */
export class ProcessTable {
  private constructor(
    private readonly bootId: string,
    private readonly entries: readonly Entry[],
  ) {}

  static async read(): Promise<ProcessTable> {
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const stats = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')));
    // A dead process that nobody has waited for is no process.
    const entries = stats
      .filter(Boolean)
      .map(parseStat)
      .filter((entry) => !/^[ZX]$/.test(entry.state));
    return new ProcessTable(bootId, entries);
  }

  isAlive(mark: ProcessMark): boolean {
    return (
      mark.bootId === this.bootId &&
      this.entries.some(({ pid, startTick }) => pid === mark.pid && startTick === mark.startTick)
    );
  }

  /** The processes of the group and session that the marked one began, itself included while it lives. */
  family(mark: ProcessMark): { pids: number[]; residentBytes: number } {
    const leader = this.entries.find(({ pid }) => pid === mark.pid);
    const reused = leader && leader.startTick !== mark.startTick;
    if (mark.bootId !== this.bootId || reused) return { pids: [], residentBytes: 0 };
    const members = this.entries.filter(({ group, session }) => group === mark.pid || session === mark.pid);
    const pages = members.reduce((sum, member) => sum + member.residentPages, 0);
    return { pids: members.map(({ pid }) => pid), residentBytes: pages * pageBytes };
  }
}

/** proc(5): the name in parentheses may hold anything, so fields are counted after it. */
function parseStat(text: string): Entry {
  const pid = Number.parseInt(text, 10);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    state: fields[0]!,
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTick: Number(fields[19]),
    residentPages: Number(fields[21]),
  };
}
