import { existsSync } from 'node:fs';
import { migrate } from '../../migrations/run.js';
import { loadSecrets, postgresUrl, secretsFile } from '../embedded/index.js';
import { platformSettings } from '../platform/settings.js';

/** `npm run migrate`: the database of DATABASE_OWNER_URL, or that of the platform that runs here. */
const { home, ports } = platformSettings();
const ownerUrl =
  process.env['DATABASE_OWNER_URL'] ??
  (existsSync(secretsFile(home)) ? postgresUrl({ port: ports.postgres, secrets: loadSecrets(home) }, 'owner') : null);
if (ownerUrl === null) {
  console.error('No platform has run here, and DATABASE_OWNER_URL is not set: it names the role that owns the schema.');
  process.exitCode = 1;
} else {
  const ran = await migrate(ownerUrl);
  console.log(ran.length === 0 ? 'The schema is up to date.' : `Ran ${ran.length} migrations: ${ran.join(', ')}`);
}
