import { runDemoClient } from './demo-client.js';
import { demoEnvironmentFile } from './demo-environment.js';
import { Platform } from './platform.js';
import { type PlatformSettings, platformSettings, publicOrigin } from './settings.js';
import { StartSteps } from './start-steps.js';

const INTERRUPTED = 130;

/** Starts the platform, shows where it is, and keeps it running until a signal comes. */
export function runUntilToldToEnd(): Promise<number> {
  return withPlatform(async (platform, told) => {
    console.log(addresses(platform.settings));
    await told;
    return 0;
  });
}

/** Starts the platform, runs the demonstration against its public origin, and stops everything. */
export function runDemo(): Promise<number> {
  return withPlatform(runDemoClient);
}

async function withPlatform(work: (platform: Platform, told: Promise<void>) => Promise<number>): Promise<number> {
  // Python first: the embedded servers come out of its environment.
  const settings = platformSettings();
  const platform = new Platform(settings, (event) => console.log(`! ${event}`));
  const told = new Promise<void>((resolve) => platform.signal.addEventListener('abort', () => resolve()));
  const stopOnce = onceAsync(() => stopWithWords(platform));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopOnce());
  const orphaned = whenOrphaned(() => void stopOnce());
  let code = 1;
  try {
    await new StartSteps(platform).run();
    platform.announceReady();
    code = await work(platform, told);
  } catch (error) {
    // What fails because we were told to end is no failure to tell.
    if (platform.signal.aborted) code = INTERRUPTED;
    else console.error(`\n${(error as Error).message}`);
  }
  clearInterval(orphaned);
  await stopOnce();
  return code;
}

function addresses(settings: PlatformSettings): string {
  const origin = publicOrigin(settings);
  return [
    '',
    'Forkpoint runs.',
    `  portal          ${origin}`,
    `  OpenAI clients  ${origin}/v1`,
    `  GraphQL         ${origin}/graphql`,
    `  S3              http://127.0.0.1:${settings.ports.s3}`,
    `  logs            ${settings.home.logs}`,
    '',
    ...(settings.seeded
      ? [`  source ${demoEnvironmentFile(settings)}     keys, users and checkpoints for a shell`, '']
      : []),
    'Ctrl-C ends all of it.',
  ].join('\n');
}

async function stopWithWords(platform: Platform): Promise<void> {
  const stopping = platform.holdsHome;
  if (stopping) console.log('\nStopping ...');
  await platform.stop();
  if (stopping) console.log('Everything has stopped.');
}

function onceAsync(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}

/** Whoever started us is gone without a word, and with them the terminal that could end us. */
function whenOrphaned(end: () => void): NodeJS.Timeout {
  const parent = process.ppid;
  return setInterval(() => {
    if (process.ppid !== parent) end();
  }, 1_000);
}
