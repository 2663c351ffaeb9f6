import { setTimeout as sleep } from 'node:timers/promises';
import { platformSettings } from '../platform/settings.js';
import { HomeLock, isRunning, reap } from '../processes/index.js';

/** `npm run stop`: ends a platform that runs in another terminal, and what an earlier one left behind. */
const { home } = platformSettings();
const supervisor = new HomeLock(home, 'platform').holder();
if (supervisor) {
  process.kill(supervisor.pid, 'SIGTERM');
  for (let waited = 0; isRunning(supervisor) && waited < 60_000; waited += 100) await sleep(100);
  if (isRunning(supervisor)) process.kill(supervisor.pid, 'SIGKILL');
}
const leftovers = await reap(home);
const ended = [...(supervisor ? ['the platform'] : []), ...leftovers.map((record) => record.name)];
console.log(ended.length === 0 ? 'Nothing runs here.' : `Ended ${ended.join(', ')}.`);
