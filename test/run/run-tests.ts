import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureLineage } from '../../infra/platform/lineage.js';
import { type PlatformSettings, platformSettings } from '../../infra/platform/settings.js';
import { createRuntimeHome, type RuntimeHome, reap, runtimeHome } from '../../infra/processes/index.js';
import { ensurePythonEnvironment } from '../../infra/set-up/python-environment.js';
import { BROWSER_HOME, BROWSER_RESULTS } from '../browser/run.js';
import { TestServers } from '../harness/test-servers.js';
import { secondsAdded, type Took } from './lanes.js';
import { readJestResults, readPlaywrightResults, readPytestResults, sum, type Tally } from './results.js';

/**
 * Every test there is, in two lanes, each of which takes the next runner when it is free: that costs the least time on two cores.
 * Journeys have the machine to themselves: trainers step back for whatever else runs. Gives the whole count; a runner that
 * fails does not keep the next from running.
 */
export async function runAllTests(): Promise<Tally> {
  try {
    return await setUpAndRun();
  } finally {
    await endServers();
  }
}

async function setUpAndRun(): Promise<Tally> {
  const home = createRuntimeHome(runtimeHome('.forkpoint/test-run'));
  const settings: PlatformSettings = { ...platformSettings(), home };
  const reports = join(home.root, 'reports');
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });

  await ensurePython(home);
  const lineage = trainLineage(settings);
  const unit = (part: number): Runner => ({
    what: `unit ${part}`,
    run: (lane) => runJest('unit', reports, [`--shard=${part}/${UNIT_PARTS}`], lane),
  });
  const [first, ...rest] = Array.from({ length: UNIT_PARTS }, (_, index) => unit(index + 1));
  const tallies = await inLanes([
    first!,
    { what: 'trainer', run: async (lane) => sum([await lineage, await runPytest(settings, reports, lane)]) },
    { what: 'serving', run: (lane) => runJest('serving', reports, ['--runInBand'], lane) },
    // The browsers' platform starts with the lineage.
    { what: 'browser', run: (lane) => lineage.then(() => runBrowser(lane)) },
    ...rest,
  ]);
  return sum([...tallies, await runJest('journeys', reports, ['--runInBand'], Lane.terminal)]);
}

/** So that the lanes end at about the same time. */
const UNIT_PARTS = 6;

interface Runner {
  what: string;
  run: (lane: Lane) => Promise<Tally>;
}

async function inLanes(runners: readonly Runner[]): Promise<Tally[]> {
  const left = [...runners];
  const tallies: Tally[] = [];
  const took: Took[] = [];
  const drain = async (lane: Lane): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const one: Took = { what: next.what, seconds: 0 };
      took.push(one);
      const began = performance.now();
      tallies.push(await next.run(lane));
      one.seconds = (performance.now() - began) / 1000;
    }
  };
  const lanes = [Lane.terminal, Lane.beside];
  await Promise.all(lanes.map(drain));
  // They are the ones that have a limit: .ci/run may be twelve minutes longer for them.
  const added = Math.round(secondsAdded('browser', took, lanes.length));
  console.log(`=== the browser tests lengthened the run by ${added} s, reckoned from what each runner took`);
  return tallies;
}

/** Each runner ends its own servers; after Ctrl-C or a crash of one they are left to us. */
async function endServers(): Promise<void> {
  for (const root of ['.forkpoint/test-run', '.forkpoint/journeys', BROWSER_HOME]) await reap(runtimeHome(root));
  await new TestServers().leave({ keep: process.env['FORKPOINT_TEST_KEEP'] === '1' });
}

async function ensurePython(home: RuntimeHome): Promise<void> {
  console.log('Python environment: building, or finding it built ...');
  await ensurePythonEnvironment(home, { onLine: (line) => console.log(`  ${line}`) });
}

/** Not a test, but a failure of it has to be told: the journeys that need the lineage come later. */
async function trainLineage(settings: PlatformSettings): Promise<Tally> {
  try {
    await ensureLineage(settings, { onLine: () => undefined });
    return { passed: 0, failed: [] };
  } catch (error) {
    console.error((error as Error).message);
    return { passed: 0, failed: [`the lineage: ${(error as Error).message}`] };
  }
}

/** Who has the terminal shows its output as it comes; who runs beside shows it in one piece, at its end. */
enum Lane {
  terminal,
  beside,
}

async function runJest(project: string, reports: string, flags: readonly string[], lane: Lane): Promise<Tally> {
  const report = join(reports, `${[project, ...flags].join('').replace(/\W+/g, '-')}.json`);
  const args = [
    ...['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'],
    // What a spec leaves open is told by Jest, and must not keep the run from its end.
    ...['--selectProjects', project, '--json', '--outputFile', report, '--ci', '--forceExit', ...flags],
  ];
  await run(project, process.execPath, args, lane);
  return readJestResults(report);
}

async function runBrowser(lane: Lane): Promise<Tally> {
  rmSync(BROWSER_RESULTS, { force: true });
  await run('browser', process.execPath, ['dist/test/browser/main.js'], lane);
  return readPlaywrightResults(BROWSER_RESULTS);
}

async function runPytest(settings: PlatformSettings, reports: string, lane: Lane): Promise<Tally> {
  const report = join(reports, 'pytest.xml');
  const python = join(settings.pythonEnvironment, 'bin/python');
  const args = [
    '-m',
    'pytest',
    '-c',
    'apps/trainer/pytest.ini',
    'apps/trainer',
    'test/oracle',
    `--junit-xml=${report}`,
  ];
  await run('trainer', python, args, lane);
  return readPytestResults(report);
}

/** The reports say how it went: an exit code would only repeat it. */
async function run(what: string, command: string, args: readonly string[], lane: Lane): Promise<void> {
  const title = `\n=== ${what} tests`;
  if (lane === Lane.terminal) console.log(title);
  const began = performance.now();
  const held: Buffer[] = [];
  const output = lane === Lane.terminal ? 'inherit' : 'pipe';
  const child = spawn(command, [...args], { stdio: ['ignore', output, output] });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => held.push(chunk));
  await new Promise<void>((finish, fail) => {
    child.once('error', fail);
    child.once('close', () => finish());
  });
  if (lane === Lane.beside) console.log(`${title}\n${Buffer.concat(held).toString('utf8').trimEnd()}`);
  console.log(tookTime(what, began));
}

function tookTime(what: string, began: number): string {
  return `=== ${what} tests took ${Math.round((performance.now() - began) / 1000)} s`;
}
