// The way into every command of package.json. It runs on the machine's own Node (20 or newer) and has no dependencies,
// since on a fresh machine nothing is installed yet. It installs, builds, and hands over to the command itself, which
// runs on the pinned Node of node_modules:
//
//   node infra/set-up/bootstrap.mjs COMMAND [ARGUMENTS]     runs dist/infra/commands/COMMAND.js
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { blockers, checkMachine, describe } from './prerequisites.mjs';
import { readText } from './steps.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const [command, ...args] = process.argv.slice(2);

class SetUpFailure extends Error {}

async function main() {
  if (!command || !existsSync(join(root, 'infra/commands', `${command}.ts`))) {
    throw new SetUpFailure(`there is no command "${command ?? ''}": see "scripts" in package.json`);
  }
  process.chdir(root);
  const missing = blockers(checkMachine(root));
  if (missing.length > 0) throw new SetUpFailure(missing.map(describe).join('\n'));
  await ensureInstalled(root, say);
  await ensureBuilt(root, say);
  process.exitCode = await handOver(join(root, 'dist/infra/commands', `${command}.js`));
}

function say(message) {
  console.log(message);
}

/** Runs the command until it ends. Signals are its business: it has servers to stop in order. */
function handOver(script) {
  return new Promise((finish, fail) => {
    const flags = ['--enable-source-maps', '--no-warnings=ExperimentalWarning'];
    const child = spawn(join(root, 'node_modules/.bin/node'), [...flags, script, ...args], { stdio: 'inherit' });
    // The terminal sends Ctrl-C to the child as well; this process stays to give its exit code.
    process.on('SIGINT', () => undefined);
    for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
    const watch = whenOrphaned(() => child.kill('SIGTERM'));
    child.once('error', fail);
    child.once('exit', (code, signal) => {
      clearInterval(watch);
      finish(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/** Where npm is killed without a chance to say so, nobody could end the platform any more: then it ends itself. */
function whenOrphaned(end) {
  const parent = process.ppid;
  // npm runs a script in a shell, which outlives it; some shells step aside for the one command they run.
  const byShell = process.env.npm_lifecycle_event !== undefined && !nameOf(parent).startsWith('npm');
  const npm = byShell ? parentOf(parent) : undefined;
  return setInterval(() => {
    if (process.ppid !== parent || (byShell && parentOf(parent) !== npm)) end();
  }, 1_000);
}

function nameOf(pid) {
  return readText(`/proc/${pid}/comm`) ?? '';
}

function parentOf(pid) {
  const stat = readText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
}

main().catch((error) => {
  console.error(error instanceof SetUpFailure ? error.message : (error.explanation ?? error.stack));
  process.exitCode = 1;
});
