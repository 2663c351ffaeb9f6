import { findLeftovers, reap, runtimeHome } from '../../infra/processes/index.js';

/** Ends the platform as Ctrl-C does. That nothing is left running is a promise of its own, so a breach of it is told. */
export default async function tearDown(): Promise<void> {
  const platform = globalThis.forkpointPlatformUnderTest;
  if (!platform) return;
  if (platform.exitCode === null && platform.signalCode === null) {
    const ended = new Promise((finish) => platform.once('exit', finish));
    platform.kill('SIGINT');
    await ended;
  }
  const home = runtimeHome('.forkpoint/journeys');
  const left = findLeftovers(home);
  await reap(home);
  if (left.length > 0) throw new Error(`stopping left running: ${left.map(({ command }) => command).join('; ')}`);
  if (platform.exitCode !== 0) throw new Error(`the platform ended with code ${platform.exitCode}, not 0`);
}
