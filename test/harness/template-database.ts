import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { postgresUrl, type Secrets } from '../../infra/embedded/index.js';
import { migrate } from '../../migrations/run.js';

/** Any number: two test runs that build the template at once take turns by it. */
const TEMPLATE_LOCK = 7_003_002;
const TEMPLATES_KEPT = 4;

/** A migrated database, made once for one state of the migrations; specs get clones of it. Gives its name. */
export async function ensureTemplate(server: { port: number; secrets: Secrets }): Promise<string> {
  const name = `template_${migrationsHash()}`;
  const client = new pg.Client({ connectionString: postgresUrl(server, 'owner', 'postgres') });
  await client.connect();
  try {
    await client.query(`SET lock_timeout = '300s'`);
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    await dropAbandoned(client);
    const known = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (known.rowCount) return name;
    // Under another name until it is whole: a run that dies on the way leaves no half template behind.
    await client.query('DROP DATABASE IF EXISTS template_unfinished WITH (FORCE)');
    await client.query('CREATE DATABASE template_unfinished');
    await migrate(postgresUrl(server, 'owner', 'template_unfinished'));
    await client.query(`ALTER DATABASE template_unfinished RENAME TO ${name}`);
    return name;
  } finally {
    await client.end();
  }
}

/** Test databases carry the pid of their run: those of runs that ended, and templates of old migrations, go. */
async function dropAbandoned(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname ~ '^(test_[0-9]+_|template_[0-9a-f]{12})' ORDER BY oid DESC`,
  );
  const names = rows.map((row) => row.datname);
  const orphans = names.filter((name) => name.startsWith('test_') && !processExists(Number(name.split('_')[1])));
  const outdated = names.filter((name) => name.startsWith('template_')).slice(TEMPLATES_KEPT);
  for (const name of [...orphans, ...outdated]) {
    await client.query(`DROP DATABASE IF EXISTS ${name}`).catch((error: { code?: string }) => {
      // Still in use by what its run left behind: a later run drops it.
      if (error.code !== '55006') throw error;
    });
  }
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function migrationsHash(): string {
  const directory = join(import.meta.dirname, '../../migrations');
  const hash = createHash('sha256');
  for (const entry of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    if (entry.endsWith('.js')) hash.update(entry).update(readFileSync(join(directory, entry)));
  }
  return hash.digest('hex').slice(0, 12);
}
