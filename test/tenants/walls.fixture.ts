import { beforeAll, describe } from '@jest/globals';
import pg from 'pg';
import type { TestDatabase } from '#test/harness';

/**
 * The same asked twice: as everything runs, and with row security off on every table, where what a statement says itself is
 * the only wall. What is asked must leave the other tenant as it was.
 */
export function withEitherWall(database: () => TestDatabase, ask: () => void): void {
  describe('both walls:', ask);
  describe('policy alone:', () => {
    beforeAll(() => disableRowSecurity(database()));
    ask();
  });
}

async function disableRowSecurity({ urls }: TestDatabase): Promise<void> {
  const owner = new pg.Client({ connectionString: urls.owner });
  await owner.connect();
  try {
    const { rows } = await owner.query('SELECT oid::regclass AS table FROM pg_class WHERE relrowsecurity');
    for (const { table } of rows) await owner.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`);
    // Else the wrong passwords of the first round would be answered for in the second.
    await owner.query('TRUNCATE sign_in_throttles');
  } finally {
    await owner.end();
  }
}
