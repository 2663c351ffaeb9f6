// What the first steps of a set-up share: stamps that say what was done, and programs whose output goes to a log.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export function hashOf(texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex');
}

export function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export function runtimeLog(root, name) {
  return resolve(root, process.env.FORKPOINT_HOME ?? '.forkpoint', 'logs', `${name}.log`);
}

/** Runs a program to its end; when it fails, says what, why, where its log is and what to do. */
export function runLogged(what, program, args, { cwd, log, remedy }) {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'w', 0o600);
  const started = spawn(program, args, { cwd, stdio: ['ignore', output, output] });
  closeSync(output);
  return new Promise((finish, fail) => {
    const refuse = (reason) => {
      const tail = (readText(log) ?? '').trimEnd().split('\n').slice(-12).join('\n');
      const explanation = `${what} failed: ${reason}\n${tail}\nIts log: ${log}\nWhat to do: ${remedy}`;
      fail(Object.assign(new Error(explanation), { explanation }));
    };
    started.once('error', (error) => refuse(error.message));
    started.once('exit', (code, signal) => (code === 0 ? finish() : refuse(`it ended with ${code ?? signal}`)));
  });
}
