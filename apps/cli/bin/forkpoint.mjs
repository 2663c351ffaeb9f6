#!/usr/bin/env node
// Starts the built command line, with the Node that the package brings along where the machine's own is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const OLDEST_MAJOR = 22;
const program = fileURLToPath(new URL('../../../dist/apps/cli/src/main.js', import.meta.url));

function packagedNode() {
  const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
  return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

if (!existsSync(program)) {
  console.error('error NOT_BUILT: forkpoint is not built yet. Run: npm run build');
  process.exitCode = 2;
} else if (Number(process.versions.node.split('.')[0]) >= OLDEST_MAJOR) {
  await import(pathToFileURL(program).href);
} else {
  const child = spawn(packagedNode(), [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches both: the child decides how it ends, and what it ends with is passed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
