import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from './index.js';

/** Any number: two processes that migrate at once take turns by it. */
const MIGRATION_LOCK = 7_003_001;

/** Brings the schema to the newest version, as the role that owns it. Gives the names of the migrations that ran. */
export async function migrate(ownerUrl: string): Promise<string[]> {
  const source = await new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations: MIGRATIONS,
    installExtensions: false,
  }).initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await source.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    await lock.release();
    await source.destroy();
  }
}
