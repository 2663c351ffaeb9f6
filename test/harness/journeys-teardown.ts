import { findLeftovers, reap, runtimeHome } from '../../infra/processes/index.js';
import { JOURNEYS_HOME } from './journeys-setup.js';

/** Ends the platform as Ctrl-C does. That nothing is left running is a promise of its own, so a breach of it is told. */
export default async function tearDown(): Promise<void> {
  const platform = globalThis.forkpointPlatformUnderTest;
  if (!platform) return;
  platform.signal('SIGINT');
  const code = await platform.ended;
  const home = runtimeHome(JOURNEYS_HOME);
  const left = findLeftovers(home);
  await reap(home);
  if (left.length > 0) throw new Error(`stopping left running: ${left.map(({ command }) => command).join('; ')}`);
  if (code !== 0) throw new Error(`the platform ended with code ${code}, not 0`);
}
