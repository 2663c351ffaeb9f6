import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from '../processes/index.js';
import { withShell } from './platform-environment.js';
import type { PlatformSettings } from './settings.js';

/** Trains the base lineage, or finds it trained: the program itself knows by a hash of its sources. */
export async function ensureLineage(
  settings: PlatformSettings,
  { onLine, signal }: { onLine: (line: string) => void; signal?: AbortSignal },
): Promise<void> {
  await runStep(settings.home, {
    name: 'lineage',
    what: 'Training the base lineage',
    command: join(settings.pythonEnvironment, 'bin/python'),
    args: ['-m', 'forkpoint_trainer.lineage', '--out', settings.lineage],
    env: withShell({ PYTHONUNBUFFERED: '1' }),
    remedy: 'run the same command again: it goes on from the newest whole checkpoint',
    onLine,
    signal,
  });
}

export function isLineageTrained(settings: PlatformSettings): boolean {
  return existsSync(join(settings.lineage, 'lineage.json'));
}
