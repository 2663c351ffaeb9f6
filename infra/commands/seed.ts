import { resolve } from 'node:path';
import { loadSecrets } from '../embedded/index.js';
import { demoEnvironmentFile, writeDemoEnvironment } from '../platform/demo-environment.js';
import { ensureLineage } from '../platform/lineage.js';
import { withShell } from '../platform/platform-environment.js';
import { SEED_SCRIPT, seedEnvironment } from '../platform/seeding.js';
import { platformSettings } from '../platform/settings.js';
import { HomeLock, runStep, SetUpError } from '../processes/index.js';

/** `npm run seed`: publishes the base lineage to a platform that runs here and was started without it. */
const settings = platformSettings();
if (!new HomeLock(settings.home, 'platform').holder()) {
  throw new SetUpError('Seeding', 'no platform runs here', { remedy: 'npm start, in another terminal' });
}
const onLine = (line: string): void => console.log(line);
await ensureLineage(settings, { onLine });
await runStep(settings.home, {
  name: 'seed',
  what: 'Publishing the lineage',
  command: process.execPath,
  args: ['--enable-source-maps', resolve(SEED_SCRIPT)],
  env: withShell(seedEnvironment(settings, loadSecrets(settings.home))),
  remedy: 'the log names the call that was refused; run the same command again',
  onLine,
});
writeDemoEnvironment(settings);
console.log(`source ${demoEnvironmentFile(settings)}`);
