import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The one directory that holds everything a running platform leaves on disk. */
export interface RuntimeHome {
  root: string;
  data: string;
  logs: string;
  run: string;
}

/** Names the directories without touching the disk. */
export function runtimeHome(root: string = process.env['FORKPOINT_HOME'] ?? '.forkpoint'): RuntimeHome {
  const absolute = resolve(root);
  return {
    root: absolute,
    data: join(absolute, 'data'),
    logs: join(absolute, 'logs'),
    run: join(absolute, 'run'),
  };
}

export function createRuntimeHome(home: RuntimeHome): RuntimeHome {
  mkdirSync(home.root, { recursive: true });
  // PostgreSQL refuses to run as root: then its own user has to pass through to its data, and sees nothing else.
  chmodSync(home.root, runsAsRoot() ? 0o711 : 0o700);
  for (const directory of [home.logs, home.run]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  mkdirSync(home.data, { recursive: true });
  chmodSync(home.data, runsAsRoot() ? 0o711 : 0o700);
  return home;
}

export function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

export function logFileOf(home: RuntimeHome, name: string): string {
  return join(home.logs, `${name}.log`);
}
