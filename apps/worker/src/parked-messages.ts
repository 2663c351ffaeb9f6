import { z } from 'zod';
import { systemClock } from '#libs/kernel';
import { ENVIRONMENT, loadConfig } from '#platform/config';
import { Database } from '#platform/database';
import { Outbox } from '#platform/outbox';

/**
 *   node dist/apps/worker/src/parked-messages.js             lists messages whose handlers failed too often
 *   node dist/apps/worker/src/parked-messages.js retry ID    gives one its attempts back
 */
const { DATABASE_APP_URL, DATABASE_RELAY_URL } = ENVIRONMENT;
const config = loadConfig(z.object({ DATABASE_APP_URL, DATABASE_RELAY_URL }));
const database = new Database({ appUrl: config.DATABASE_APP_URL, narrowUrls: { relay: config.DATABASE_RELAY_URL } });
const outbox = new Outbox(database);
const [command, id] = process.argv.slice(2);

if (command === 'retry' && id) {
  const freed = await outbox.unpark(id, systemClock.now());
  console.log(freed ? `${id} is tried again.` : `${id} is not parked.`);
  process.exitCode = freed ? 0 : 1;
} else {
  for (const message of await outbox.parked(1000)) {
    const { id, type, organizationId, parkedAt, attempts, lastError } = message;
    console.log(
      `${id}  ${type}  ${organizationId}  ${parkedAt.toISOString()}  after ${attempts} attempts\n    ${lastError}`,
    );
  }
}
await database.close();
