import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The one Python environment: trainer, serving engine, and the two servers that come as Python packages. */
export function pythonEnvironment(): string {
  return resolve(process.env['FORKPOINT_VENV'] ?? '.venv');
}

export function pythonProgram(name: string): string {
  return found(join(pythonEnvironment(), 'bin', name));
}

/** A program that a Python package brings along, in the one directory of binaries made for this platform. */
export function pythonPackageProgram(packageName: string, directory: string, program: string): string {
  const version = onlyEntry(join(pythonEnvironment(), 'lib'), (name) => name.startsWith('python3'));
  const binaries = join(pythonEnvironment(), 'lib', version, 'site-packages', packageName, directory);
  return found(
    join(
      binaries,
      onlyEntry(binaries, (name) => name.startsWith(process.platform)),
      program,
    ),
  );
}

function onlyEntry(directory: string, wanted: (name: string) => boolean): string {
  const entries = existsSync(directory) ? readdirSync(directory) : [];
  return entries.find(wanted) ?? 'none-for-this-platform';
}

function found(path: string): string {
  if (existsSync(path)) return path;
  throw new Error(`${path} is missing: build the Python environment with apps/trainer/setup.sh`);
}
