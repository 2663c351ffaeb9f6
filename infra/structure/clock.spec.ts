import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = resolve(import.meta.dirname, '../..');
/** PostgreSQL's own clocks, as functions and as keywords. */
const SERVER_CLOCK =
  /(?<![.\w])(?:now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)|\bcurrent_(?:timestamp|date|time)\b/i;

/** Speaks no SQL: `now()` is the reader's clock there, and what it may read is held by its own rules. */
const PORTAL = join('apps', 'portal');

const EXEMPT = [
  // A lease is closed by the clock of the usage that it was held for, so that it is not given back before that is counted.
  'libs/contracts/src/leases/spend-lease.repository.ts',
  // When usage became final is told by one clock for all who write it, under a lock that finalizing waits for: the database's own.
  'libs/usage/src/ended-usage.ts',
  // Closes leases whose gateway died, as the first one does.
  'libs/usage/src/jobs/lost-recorders.ts',
  // Falls back on the server's clock where a connection was given none: somebody at a psql prompt.
  'migrations/030-contracts.ts',
  // Writes what the first one reads.
  'migrations/180-invoices.ts',
  // Storage is counted from the day of the migration on.
  'migrations/361-metered-storage.ts',
];

function sources(...folders: string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    )
    .filter(
      (path) =>
        path.endsWith('.ts') &&
        !path.startsWith(PORTAL) &&
        !path.includes('node_modules') &&
        !/\.(spec|fixture)\.ts$/.test(path),
    );
}

/** What is between backticks or quotes: where SQL stands. */
function texts(source: string): string[] {
  return [...source.matchAll(/`[^`]*`|'[^'\n]*'|"[^"\n]*"/g)].map(([text]) => text);
}

describe('time comes from the injected clock', () => {
  test('in SQL: no statement asks the database for the time', () => {
    const found = sources('apps', 'libs', 'migrations').filter((path) =>
      texts(readFileSync(join(ROOT, path), 'utf8')).some((text) => SERVER_CLOCK.test(text)),
    );
    expect(found.sort()).toEqual(EXEMPT);
    expect('DEFAULT now()').toMatch(SERVER_CLOCK);
    expect('created_at > CURRENT_TIMESTAMP').toMatch(SERVER_CLOCK);
    expect('this.clock.now()').not.toMatch(SERVER_CLOCK);
  });

  test('in code: lint names every use of the machine clock', () => {
    const tree = mkdtempSync(join(tmpdir(), 'forkpoint-clock-'));
    try {
      for (const name of ['infra', 'node_modules', 'biome.json']) symlinkSync(join(ROOT, name), join(tree, name));
      mkdirSync(join(tree, 'libs/catalog/src'), { recursive: true });
      const planted = 'export const times = [Date.now(), new Date(), new Date(0)];\n';
      writeFileSync(join(tree, 'libs/catalog/src/planted.ts'), planted);
      writeFileSync(join(tree, 'libs/catalog/src/planted.spec.ts'), planted);
      expect(lint(tree, 'libs/catalog/src/planted.ts').match(/injected Clock/g)).toHaveLength(2);
      expect(lint(tree, 'libs/catalog/src/planted.spec.ts')).not.toContain('injected Clock');
    } finally {
      rmSync(tree, { recursive: true, force: true });
    }
  });

  function lint(cwd: string, path: string): string {
    try {
      return execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['lint', '--vcs-enabled=false', path], {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  }
});
