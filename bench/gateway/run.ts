import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GATEWAY_TOKEN, GatewayWorld, PEPPER } from '../../apps/gateway/src/spec-support/world.js';
import setUp from '../../test/harness/unit-setup.js';
import tearDown from '../../test/harness/unit-teardown.js';
import { streamedAnswers, type Target, wholeAnswers } from './load.js';
import { nginxPrograms, type Ports } from './nginx.js';
import { MEASURED_CORE, OTHER_CORE, type Program, Running } from './processes.js';

/**
 * The gateway beside nginx, on this machine alone. Every figure of the gateway is paired with one of nginx taken just before
 * it; what is reported is the median of the pairs' ratios. See README.md.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    port: { type: 'string', default: '21780' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const first = Number(values.port);
const ports: Ports = {
  wholeEngine: first,
  streamEngine: first + 1,
  wholeProxy: first + 2,
  streamProxy: first + 3,
  gateway: first + 4,
};

interface Figure {
  what: string;
  unit: string;
  nginx: number;
  gateway: number;
  ratio: number;
}

type Measure = (target: Target, process: Running) => Promise<Record<string, [value: number, unit: string]>>;

const WARM_UP_SECONDS = 2;
const CONNECTIONS = 64;
const PACED_STREAMS = 100;
const PACED_INTERVAL_MILLISECONDS = 50;
const FLOOD_STREAMS = 16;
const FLOOD_CHUNKS = 4_000;

const directory = mkdtempSync(join(tmpdir(), 'bench-gateway-'));
const whole =
  (connections: number): Measure =>
  async (target, running) => {
    const before = running.cpuMicroseconds();
    const result = await wholeAnswers(directory, target, { connections, seconds });
    const cpu = (running.cpuMicroseconds() - before) / result.requests;
    const what = `whole answers, ${connections} connection${connections > 1 ? 's' : ''}`;
    return {
      [`${what}: requests`]: [result.requestsPerSecond, '1/s'],
      [`${what}: CPU per request`]: [cpu, 'us'],
      [`${what}: median latency`]: [result.medianMicroseconds, 'us'],
      [`${what}: p99 latency`]: [result.p99Microseconds, 'us'],
    };
  };
const streamed =
  (what: string, streams: number): Measure =>
  async (target, running) => {
    const before = running.cpuMicroseconds();
    const result = await streamedAnswers(target, streams);
    const cpu = (running.cpuMicroseconds() - before) / result.chunks;
    return {
      [`${what}: chunks`]: [result.chunks / result.seconds, '1/s'],
      [`${what}: CPU per chunk`]: [cpu, 'us'],
      [`${what}: median delay`]: [result.medianDelayMicroseconds, 'us'],
      [`${what}: p99 delay`]: [result.p99DelayMicroseconds, 'us'],
    };
  };

async function compare(measure: Measure, nginx: [Target, Running], gateway: [Target, Running]): Promise<Figure[]> {
  const pairs: Array<readonly [Awaited<ReturnType<Measure>>, Awaited<ReturnType<Measure>>]> = [];
  for (let round = 0; round < rounds; round++)
    pairs.push([await measure(...nginx), await measure(...gateway)] as const);
  const names = Object.keys((pairs[0] as (typeof pairs)[0])[0]);
  return names.map((what) => {
    const taken = pairs.map(
      ([one, other]) => [one[what] as [number, string], other[what] as [number, string]] as const,
    );
    return {
      what,
      unit: (taken[0] as (typeof taken)[0])[0][1],
      nginx: median(taken.map(([one]) => one[0])),
      gateway: median(taken.map(([, other]) => other[0])),
      ratio: median(taken.map(([one, other]) => other[0] / one[0])),
    };
  });
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

function node(
  name: string,
  script: string,
  port: number,
  core: number,
  args: string[] = [],
  env: Record<string, string> = {},
): Program {
  return { name, command: process.execPath, args: [script, ...args], port, core, env };
}

const mockEngine = (model: string, chunks: number, interval: number) =>
  node('mock engine', 'dist/bench/gateway/mock-engine.js', ports.streamEngine, OTHER_CORE, [
    String(ports.streamEngine),
    model,
    String(chunks),
    String(interval),
  ]);

async function run(world: GatewayWorld): Promise<Figure[]> {
  const model = world.base.id;
  const { secret: key } = await world.key(world.partner);
  const running: Running[] = [];
  const start = async (program: Program) => {
    const started = await Running.start(program);
    running.push(started);
    return started;
  };
  const engineAt = (port: number) => world.engineAt(`http://127.0.0.1:${port}`);
  try {
    const programs = nginxPrograms(directory, ports, model);
    await start(programs.engine);
    const proxy = await start(programs.proxy);
    const wholeEngine = await engineAt(ports.wholeEngine);
    const gateway = await start(
      node('gateway', 'dist/apps/gateway/src/main.js', ports.gateway, MEASURED_CORE, [], {
        GATEWAY_PORT: String(ports.gateway),
        DATABASE_GATEWAY_URL: world.testing.urls.gateway,
        DATABASE_INTAKE_URL: world.testing.urls.intake,
        API_KEY_PEPPER: PEPPER,
        GATEWAY_TOKEN,
        FORKPOINT_HOME: directory,
        LOG_LEVEL: 'error',
        NODE_ENV: 'production',
      }),
    );
    const figures: Figure[] = [];
    const target = { port: ports.gateway, key, model };
    await wholeAnswers(directory, target, { connections: CONNECTIONS, seconds: WARM_UP_SECONDS });
    for (const connections of [CONNECTIONS, 1]) {
      figures.push(
        ...(await compare(whole(connections), [{ ...target, port: ports.wholeProxy }, proxy], [target, gateway])),
      );
    }
    await world.setEngineState(wholeEngine, 'stopped');
    await engineAt(ports.streamEngine);
    const streams = { ...target, port: ports.streamProxy };
    const chunks = (seconds * 1000) / PACED_INTERVAL_MILLISECONDS;
    const paced = await start(mockEngine(model, chunks, PACED_INTERVAL_MILLISECONDS));
    await streamedAnswers(target, PACED_STREAMS);
    const pacedTitle = `${PACED_STREAMS} streams, a chunk each ${PACED_INTERVAL_MILLISECONDS} ms`;
    figures.push(...(await compare(streamed(pacedTitle, PACED_STREAMS), [streams, proxy], [target, gateway])));
    await paced.stop();
    await start(mockEngine(model, FLOOD_CHUNKS, 0));
    figures.push(
      ...(await compare(
        streamed(`${FLOOD_STREAMS} streams at full speed`, FLOOD_STREAMS),
        [streams, proxy],
        [target, gateway],
      )),
    );
    figures.push({
      what: 'memory afterwards',
      unit: 'MiB',
      nginx: proxy.memoryMegabytes(),
      gateway: gateway.memoryMegabytes(),
      ratio: gateway.memoryMegabytes() / proxy.memoryMegabytes(),
    });
    return figures;
  } finally {
    for (const one of running.reverse()) await one.stop();
  }
}

function show(figures: Figure[]): void {
  const short = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  console.log('\n| | unit | nginx | gateway | gateway / nginx |\n|---|---|---|---|---|');
  for (const { what, unit, nginx, gateway, ratio } of figures) {
    console.log(`| ${what} | ${unit} | ${short(nginx)} | ${short(gateway)} | ${ratio.toFixed(2)} |`);
  }
}

function requirePrograms(): void {
  if (process.platform !== 'linux' || cpus().length < 2) throw new Error('this benchmark needs Linux and two cores');
  for (const [program, argument] of [
    ['nginx', '-v'],
    ['wrk', '-v'],
    ['taskset', '-V'],
  ] as const) {
    try {
      execFileSync(program, [argument], { stdio: 'ignore' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        throw new Error(`${program} is missing: apt-get install nginx-light wrk util-linux`);
      }
    }
  }
}

requirePrograms();
await setUp();
const world = await GatewayWorld.create();
try {
  const figures = await run(world);
  if (values.json) console.log(JSON.stringify(figures));
  else show(figures);
} finally {
  await world.close();
  rmSync(directory, { recursive: true, force: true });
  await tearDown();
}
