// What a machine has to have before anything is installed. Plain JavaScript, since it runs before the packages are there.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { freemem, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { isBuilt } from './build.mjs';
import { isInstalled } from './install.mjs';
import { readText } from './steps.mjs';

/**
 * @typedef {{ subject: string, state: 'ok' | 'warning' | 'missing', found: string, mend?: string }} Finding
 */

const GIB = 1024 ** 3;
// The Python environment takes 3 GB and as much again while it is built; packages, a lineage and data take one each.
const DISK_NEEDED_TO_INSTALL = 7 * GIB;
const DISK_NEEDED_TO_RUN = 2 * GIB;
// Three servers, four processes of ours, one training run and one serving engine.
const MEMORY_NEEDED = 4 * GIB;
const MEMORY_COMFORTABLE = 7 * GIB;
const OLDEST_NODE = [20, 20];

/** @returns {Finding[]} */
export function checkMachine(root) {
  return [checkPlatform(), checkNode(), checkPython(), checkDisk(root), checkMemory()];
}

/** @returns {Promise<Finding[]>} */
export async function checkHome(root) {
  return [checkPackages(root), checkEnvironment(root), ...(await checkRunning(root))];
}

/** @param {Finding[]} findings */
export function blockers(findings) {
  return findings.filter((finding) => finding.state === 'missing');
}

/** @param {Finding} finding */
export function describe({ subject, state, found, mend }) {
  const sign = { ok: 'ok     ', warning: 'warning', missing: 'MISSING' }[state];
  return `${sign}  ${subject}: ${found}${mend ? `\n         what to do: ${mend}` : ''}`;
}

function checkPlatform() {
  const found = `${process.platform} ${process.arch}`;
  if (process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)) return ok('system', found);
  return missing(
    'system',
    found,
    'the embedded serving engine is built for Linux on x64 and arm64: use such a machine',
  );
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const old = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  const found = `${process.versions.node} starts the set-up; the platform runs on the Node of node_modules`;
  return old
    ? missing('Node', process.versions.node, `install Node ${OLDEST_NODE.join('.')} or newer`)
    : ok('Node', found);
}

function checkPython() {
  const probe =
    'import sys, venv, ensurepip; print("%d.%d.%d" % sys.version_info[:3]); sys.exit(sys.version_info[:2] != (3, 11))';
  for (const candidate of ['python3.11', 'python3']) {
    const { status, stdout } = spawnSync(candidate, ['-c', probe], { encoding: 'utf8' });
    if (status === 0) return ok('Python', `${stdout.trim()} with venv (${candidate})`);
  }
  return missing('Python', 'no Python 3.11 with venv', 'on Debian and Ubuntu: apt install python3.11 python3.11-venv');
}

function checkDisk(root) {
  const { bavail, bsize } = statfsSync(root);
  const free = bavail * bsize;
  const needed = existsSync(join(root, '.venv')) ? DISK_NEEDED_TO_RUN : DISK_NEEDED_TO_INSTALL;
  const found = `${gib(free)} free where ${root} lies, ${gib(needed)} needed`;
  return free >= needed ? ok('disk', found) : missing('disk', found, 'make room, or clone to a larger disk');
}

function checkMemory() {
  const available = availableMemory();
  const found = `${gib(available)} of ${gib(totalmem())} available`;
  if (available >= MEMORY_COMFORTABLE) return ok('memory', found);
  if (available >= MEMORY_NEEDED)
    return {
      subject: 'memory',
      state: 'warning',
      found,
      mend: 'close what you do not need: training and serving side by side may be slow',
    };
  return missing('memory', found, `at least ${gib(MEMORY_NEEDED)} have to be available: close other programs`);
}

function availableMemory() {
  const line = readText('/proc/meminfo')?.match(/^MemAvailable:\s+(\d+) kB/m);
  return line ? Number(line[1]) * 1024 : freemem();
}

function checkPackages(root) {
  if (!isInstalled(root))
    return {
      subject: 'npm packages',
      state: 'warning',
      found: 'not installed, or not those of the lock',
      mend: 'nothing: npm start and npm run demo install them',
    };
  return isBuilt(root)
    ? ok('npm packages', 'installed and built')
    : ok('npm packages', 'installed; the next command builds');
}

function checkEnvironment(root) {
  const directory = process.env.FORKPOINT_VENV ?? join(root, '.venv');
  if (existsSync(join(directory, 'forkpoint-stamp'))) return ok('Python environment', directory);
  return {
    subject: 'Python environment',
    state: 'warning',
    found: `not built (${directory})`,
    mend: 'nothing: npm start and npm run demo build it, which takes some minutes once',
  };
}

/** Ports of a platform that runs are its own; those of anything else are in the way. */
async function checkRunning(root) {
  const home = resolve(root, process.env.FORKPOINT_HOME ?? '.forkpoint');
  const holder = JSON.parse(readText(join(home, 'run/platform.lock')) ?? 'null');
  if (holder && isAlive(holder.pid)) return [ok('platform', `runs (process ${holder.pid}); npm run stop ends it`)];
  const leftovers = pidFiles(join(home, 'run')).filter((record) => isAlive(record.pid));
  const findings =
    leftovers.length === 0
      ? []
      : [
          {
            subject: 'leftovers',
            state: 'warning',
            found: `an earlier start left ${leftovers.map((record) => `${record.name} (${record.pid})`).join(', ')} running`,
            mend: 'nothing: the next start ends them; npm run stop does so now',
          },
        ];
  return [...findings, await checkPorts(leftovers.length > 0)];
}

async function checkPorts(leftoversRun) {
  const base = Number(process.env.FORKPOINT_PORT_BASE ?? 21_000);
  const wanted = platformPorts(base);
  const taken = [];
  for (const port of wanted) if (!(await isFree(port))) taken.push(port);
  if (taken.length === 0) return ok('ports', `${base} to ${base + 10} and their gRPC ports are free`);
  if (leftoversRun)
    return {
      subject: 'ports',
      state: 'warning',
      found: `${taken.join(', ')} taken, it seems by the leftovers`,
      mend: 'npm run stop',
    };
  return missing(
    'ports',
    `${taken.join(', ')} taken by another program (see: ss -ltnp)`,
    'end it, or choose others: FORKPOINT_PORT_BASE=22000 npm start',
  );
}

/** A copy, for a machine without packages, of what infra/embedded/ports.ts lays down; a spec holds the two together. */
export function platformPorts(base) {
  const ours = Array.from({ length: 11 }, (_, offset) => base + offset);
  return [...ours, ...ours.slice(6).map((port) => port + 10_000)];
}

function isFree(port) {
  return new Promise((finish) => {
    const server = createServer();
    server.once('error', () => finish(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => finish(true)));
  });
}

function pidFiles(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.pid.json'))
    .map((name) => JSON.parse(readText(join(directory, name)) ?? '{}'));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function ok(subject, found) {
  return { subject, state: 'ok', found };
}

function missing(subject, found, mend) {
  return { subject, state: 'missing', found, mend };
}

function gib(bytes) {
  return `${(bytes / GIB).toFixed(1)} GiB`;
}
