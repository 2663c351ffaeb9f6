import { Listr, type ListrTask } from 'listr2';
import { migrate } from '../../migrations/run.js';
import { ensurePythonEnvironment } from '../set-up/python-environment.js';
import { runDemoClient } from './demo-client.js';
import { demoEnvironmentFile, seedResultFile, writeDemoEnvironment } from './demo-environment.js';
import { ensureLineage } from './lineage.js';
import { Platform } from './platform.js';
import { type PlatformSettings, platformSettings, publicOrigin } from './settings.js';

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
    await startSteps(platform).run();
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

function startSteps(platform: Platform): Listr {
  const { settings } = platform;
  const tasks: ListrTask[] = [
    {
      title: 'Clear what an earlier start left behind',
      task: async (_, task) => {
        const { ended } = await platform.takeHome();
        task.title = ended.length === 0 ? 'Nothing is in the way' : `Ended what was left behind: ${ended.join(', ')}`;
      },
    },
    {
      title: 'Python environment (some minutes the first time)',
      task: (_, task) =>
        ensurePythonEnvironment(settings.home, { onLine: (line) => (task.output = line), signal: platform.signal }),
    },
    {
      title: settings.seeded ? 'Base lineage and platform' : 'Platform',
      task: (_, task) => task.newListr(lineageAndPlatform(platform), { concurrent: true, exitOnError: true }),
    },
    {
      title: 'Publish the lineage through the public API',
      enabled: settings.seeded,
      task: async (_, task) => {
        await platform.runScript('seed', 'dist/infra/seed/main.js', {
          what: 'Publishing the lineage',
          remedy: 'the log names the call that was refused; run the same command again',
          env: seedEnvironment(platform),
          onLine: (line) => (task.output = line),
        });
        writeDemoEnvironment(settings);
      },
    },
  ];
  return new Listr(tasks, {
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, showErrorMessage: false, timer: undefined },
    fallbackRendererOptions: { logTitleChange: true },
  }) as Listr;
}

/** Training takes minutes the first time and needs nothing of the platform: they come up side by side. */
function lineageAndPlatform(platform: Platform): ListrTask[] {
  const { settings, signal } = platform;
  return [
    {
      title: 'Base lineage (trained once, then kept)',
      enabled: settings.seeded,
      task: (_, task) => ensureLineage(settings, { onLine: (line) => (task.output = line), signal }),
    },
    { title: 'Platform', task: (_, task) => task.newListr(platformSteps(platform), { concurrent: false }) },
  ];
}

function platformSteps(platform: Platform): ListrTask[] {
  const { settings, servers } = platform;
  return [
    {
      title: 'PostgreSQL, Valkey and SeaweedFS',
      task: () => platform.startServers(),
    },
    {
      title: 'Migrations',
      task: async (_, task) => {
        const ran = await migrate(String(platform.environment['DATABASE_OWNER_URL']));
        task.title = ran.length === 0 ? 'Migrations: up to date' : `Migrations: ran ${ran.length}`;
      },
    },
    {
      title: 'First administrator',
      task: () =>
        platform.runScript('bootstrap', 'dist/apps/api/src/bootstrap.js', {
          what: 'Making the first administrator',
          remedy: 'the log says what was refused',
          env: administrator(settings, servers.secrets.administratorPassword),
        }),
    },
    {
      title: 'api, worker, gateway',
      task: (_, task) => platform.startProcesses((name) => (task.output = `${name} is ready`)),
    },
  ];
}

function administrator(settings: PlatformSettings, password: string): Record<string, string> {
  return {
    FORKPOINT_ADMIN_EMAIL: settings.administratorEmail,
    FORKPOINT_ADMIN_PASSWORD: password,
    FORKPOINT_OPERATOR_EMAIL: settings.operatorEmail,
    FORKPOINT_OPERATOR_PASSWORD: password,
  };
}

/** The script knows the public origin and who may sign in there: what any operator knows. */
export function seedEnvironment({ settings, servers }: Platform): Record<string, string> {
  return {
    ...administrator(settings, servers.secrets.administratorPassword),
    FORKPOINT_ORIGIN: publicOrigin(settings),
    FORKPOINT_GRAPHQL_URL: `${publicOrigin(settings)}/graphql`,
    FORKPOINT_LINEAGE: settings.lineage,
    FORKPOINT_SEED_RESULT: seedResultFile(settings),
  };
}

function addresses(settings: PlatformSettings): string {
  const origin = publicOrigin(settings);
  return [
    '',
    'Forkpoint runs.',
    `  public origin   ${origin}`,
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
  console.log('\nStopping ...');
  await platform.stop();
  console.log('Everything has stopped.');
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
