import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createRuntimeHome,
  endManaged,
  findLeftovers,
  findStrays,
  HomeLock,
  identityOf,
  isRunning,
  listPidFiles,
  logFileOf,
  type ManagedProcess,
  type ProcessSpec,
  processStartToken,
  type RuntimeHome,
  reap,
  runStep,
  runtimeHome,
  SetUpError,
  SupervisedProcess,
  startProcess,
  writePidFile,
} from './index.js';

let home: RuntimeHome;

beforeEach(() => {
  home = createRuntimeHome(runtimeHome(mkdtempSync(join(tmpdir(), 'forkpoint-processes-'))));
});

afterEach(async () => {
  await reap(home, 500);
  rmSync(home.root, { recursive: true });
});

function shell(name: string, script: string): ProcessSpec {
  return { name, command: 'sh', args: ['-c', script], env: process.env, logFile: logFileOf(home, name) };
}

async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 20) {
    if (condition()) return;
    await sleep(20);
  }
  throw new Error(`never happened: ${what}`);
}

describe('the identity of a process', () => {
  test('tells it from a stranger that later has its pid', () => {
    const identity = identityOf(process.pid);
    expect(identity && isRunning(identity)).toBe(true);
    expect(isRunning({ pid: process.pid, startToken: 'another boot:1' })).toBe(false);
  });

  test('ends with the process, also while nobody has collected its exit status', async () => {
    // The shell starts a child and then becomes a program that never collects it.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = Number(await new Promise((finish) => parent.stdout.once('data', finish)));
    await eventually(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), 'the child is a zombie');
    expect(processStartToken(pid)).toBeNull();
    parent.kill('SIGKILL');
  });
});

describe('a managed process', () => {
  test('is known by its pid file, and writes to its log', async () => {
    const { record } = startProcess(home, shell('talker', 'echo here I am; exec sleep 60'));
    expect(listPidFiles(home.run)).toEqual([record]);
    await eventually(() => readFileSync(logFileOf(home, 'talker'), 'utf8') === 'here I am\n', 'the log is written');
    await endManaged(home, record, 1_000);
    expect(isRunning(record)).toBe(false);
    expect(listPidFiles(home.run)).toEqual([]);
  });

  test('is ended by force when it does not heed the signal, with all of its group', async () => {
    const { record } = startProcess(home, shell('stubborn', 'trap "" TERM; sleep 61 & echo $!; wait; sleep 61'));
    const log = () => readFileSync(logFileOf(home, 'stubborn'), 'utf8');
    await eventually(() => log().includes('\n'), 'its child runs');
    const child = identityOf(Number(log()));
    expect(child && isRunning(child)).toBe(true);
    await endManaged(home, record, 200);
    expect(isRunning(record)).toBe(false);
    await eventually(() => child !== null && !isRunning(child), 'its child is gone, too');
  });

  test('that can not be started says so', async () => {
    const { exited } = startProcess(home, { ...shell('missing', ''), command: '/there/is/no/such/program' });
    expect(await exited).toEqual({ code: 127, signal: null });
  });
});

describe('after kill -9 of a supervisor', () => {
  /** A supervisor of its own process, which starts a server that starts another in a session of its own. */
  async function killedSupervisor(): Promise<void> {
    const script = join(home.root, 'supervisor.mjs');
    const processes = join(import.meta.dirname, '../../dist/infra/processes/index.js');
    writeFileSync(
      script,
      `import { runtimeHome, startProcess, logFileOf } from ${JSON.stringify(processes)};
       const home = runtimeHome(${JSON.stringify(home.root)});
       startProcess(home, { name: 'server', command: 'sh', args: ['-c', 'setsid sleep 62 & exec sleep 62'],
         env: process.env, logFile: logFileOf(home, 'server') });
       console.log('started');
       setInterval(() => {}, 1000);`,
    );
    const supervisor = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((finish) => supervisor.stdout.once('data', finish));
    await eventually(() => findStrays(home).some(({ command }) => command === 'sleep 62'), 'the grandchild runs');
    supervisor.kill('SIGKILL');
    await new Promise((finish) => supervisor.once('exit', finish));
  }

  test('the next one finds and ends everything: children by their pid files, grandchildren by what they inherited', async () => {
    await killedSupervisor();
    const leftovers = findLeftovers(home);
    expect(leftovers.map(({ name }) => name)).toEqual(['server', expect.stringMatching(/^process \d+$/)]);
    expect(leftovers.every(isRunning)).toBe(true);
    await reap(home, 1_000);
    expect(leftovers.some(isRunning)).toBe(false);
    expect(findLeftovers(home)).toEqual([]);
    expect(listPidFiles(home.run)).toEqual([]);
  });

  test('a pid that has gone to a stranger is left alone', async () => {
    const stranger = spawn('sleep', ['63']);
    const pid = stranger.pid ?? 0;
    writePidFile(home.run, { name: 'old', command: 'old', pid, startToken: 'earlier boot:1', stopSignal: 'SIGTERM' });
    expect(await reap(home)).toEqual([]);
    expect(listPidFiles(home.run)).toEqual([]);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    stranger.kill('SIGKILL');
  });
});

describe('a supervised process', () => {
  function supervise(script: string, events: string[]): SupervisedProcess {
    return new SupervisedProcess(home, {
      name: 'server',
      stopWithinMilliseconds: 1_000,
      onEvent: (event) => events.push(event),
      launch: async (onStarted: (process: ManagedProcess) => void) => {
        const running = startProcess(home, shell('server', script));
        onStarted(running);
        return running;
      },
    });
  }

  test('is started again when it is killed, and not when it was told to stop', async () => {
    const events: string[] = [];
    const supervised = supervise('exec sleep 64', events);
    await supervised.start();
    const first = supervised.record;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await eventually(() => events.some((event) => event.startsWith('server runs again')), 'it runs again');
    expect(events[0]).toBe('server ended unasked (signal SIGKILL)');
    const second = supervised.record;
    expect(second?.pid).not.toBe(first?.pid);
    await supervised.stop();
    expect(second && isRunning(second)).toBe(false);
    expect(listPidFiles(home.run)).toEqual([]);
  });

  test('that keeps ending is started again after growing pauses, and can still be stopped', async () => {
    const events: string[] = [];
    const supervised = supervise('exit 3', events);
    await supervised.start();
    await sleep(2_000);
    const starts = events.filter((event) => event.startsWith('server runs again')).length;
    // Pauses of 250, 500 and 1000 ms fit into two seconds, with the pause of 2000 ms under way.
    expect(starts).toBeGreaterThanOrEqual(2);
    expect(starts).toBeLessThanOrEqual(3);
    await supervised.stop();
  });
});

describe('the lock of a home', () => {
  test('is held by one process, and not by a dead one', async () => {
    const [lock, other] = [new HomeLock(home, 'test'), new HomeLock(home, 'test')];
    expect(lock.tryTake()).toBeNull();
    expect(other.tryTake()).toEqual(identityOf(process.pid));
    lock.release();
    writeFileSync(join(home.run, 'test.lock'), JSON.stringify({ pid: process.pid, startToken: 'earlier boot:1' }));
    expect(other.holder()).toBeNull();
    expect(other.tryTake()).toBeNull();
    await expect(lock.take(150)).rejects.toThrow(`process ${process.pid} has held the lock "test" for too long`);
  });
});

describe('a step of the set-up', () => {
  const step = { name: 'step', what: 'Baking bread', command: 'sh', env: process.env, remedy: 'light the oven' };

  test('tells the last line of its output while it runs', async () => {
    const lines: string[] = [];
    await runStep(home, {
      ...step,
      args: ['-c', 'echo kneading; sleep 0.5; echo baking; sleep 0.5'],
      onLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(['kneading', 'baking']);
    expect(listPidFiles(home.run)).toEqual([]);
  });

  test('that fails says what failed, why, where its log is and what to do', async () => {
    const failing = runStep(home, { ...step, args: ['-c', 'echo the oven is cold; exit 9'] });
    await expect(failing).rejects.toThrow(SetUpError);
    await expect(failing).rejects.toThrow(
      `Baking bread failed: it ended with code 9\n  | the oven is cold\nIts log: ${logFileOf(home, 'step')}\nWhat to do: light the oven`,
    );
  });

  test('ends before its time when it is told to', async () => {
    const abort = new AbortController();
    const running = runStep(home, { ...step, args: ['-c', 'exec sleep 65'], signal: abort.signal });
    setTimeout(() => abort.abort(), 100);
    await expect(running).rejects.toThrow('it was ended by SIGTERM');
  });
});
