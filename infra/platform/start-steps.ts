import { Listr, type ListrTask, type ListrTaskWrapper } from 'listr2';
import { migrate } from '../../migrations/run.js';
import { ensurePythonEnvironment } from '../set-up/python-environment.js';
import { writeDemoEnvironment } from './demo-environment.js';
import { ensureLineage } from './lineage.js';
import type { Platform } from './platform.js';
import { SEED_SCRIPT, seedEnvironment, staffEnvironment } from './seeding.js';

type Task = ListrTaskWrapper<unknown, never, never>;

/** What a start does, as a list that shows how far it is. */
export class StartSteps {
  private failure: unknown;

  constructor(private readonly platform: Platform) {}

  async run(): Promise<void> {
    const list = new Listr(this.steps(), {
      registerSignalListeners: false,
      rendererOptions: { collapseSubtasks: false },
      fallbackRendererOptions: { logTitleChange: true },
    });
    await list.run().catch((error: unknown) => {
      throw this.failure ?? error;
    });
  }

  private steps(): ListrTask[] {
    const { settings, signal } = this.platform;
    return [
      this.step('Clear what an earlier start left behind', async (task) => {
        const { ended } = await this.platform.takeHome();
        task.title = ended.length === 0 ? 'Nothing is in the way' : `Ended what was left behind: ${ended.join(', ')}`;
      }),
      this.step('Python environment (some minutes the first time)', (task) =>
        ensurePythonEnvironment(settings.home, { onLine: shownIn(task), signal }),
      ),
      {
        title: settings.seeded ? 'Base lineage and platform' : 'Platform',
        // Training takes minutes the first time and needs nothing of the platform: they come up side by side.
        task: (_, task) => task.newListr(this.lineageAndPlatform(), { concurrent: true, exitOnError: true }),
      },
      ...(settings.seeded
        ? [this.step('Publish the lineage through the public API', (task) => this.publish(task))]
        : []),
    ];
  }

  private lineageAndPlatform(): ListrTask[] {
    const { settings, signal } = this.platform;
    const lineage = this.step('Base lineage (trained once, then kept)', (task) =>
      ensureLineage(settings, { onLine: shownIn(task), signal }),
    );
    const platform: ListrTask = {
      title: 'Servers and processes',
      task: (_, task) => task.newListr(this.platformSteps(), { concurrent: false }),
    };
    return settings.seeded ? [lineage, platform] : [platform];
  }

  private platformSteps(): ListrTask[] {
    return [
      this.step('PostgreSQL, Valkey and SeaweedFS', (task) => {
        const show = shownIn(task);
        return this.platform.startServers((name) => show(`${name} is ready`));
      }),
      this.step('Migrations', async (task) => {
        const ran = await migrate(String(this.platform.environment['DATABASE_OWNER_URL']));
        task.title = ran.length === 0 ? 'Migrations: up to date' : `Migrations: ran ${ran.length}`;
      }),
      this.step('First administrator', () =>
        this.platform.runScript('bootstrap', 'dist/apps/api/src/bootstrap.js', {
          what: 'Making the first administrator',
          remedy: 'the log says what was refused',
          env: staffEnvironment(this.platform.settings, this.platform.servers.secrets),
        }),
      ),
      this.step('api, worker and gateway', (task) => {
        const show = shownIn(task);
        return this.platform.startProcesses((name) => show(`${name} is ready`));
      }),
    ];
  }

  private async publish(task: Task): Promise<void> {
    const { settings, servers } = this.platform;
    await this.platform.runScript('seed', SEED_SCRIPT, {
      what: 'Publishing the lineage',
      remedy: 'the log names the call that was refused; run the same command again',
      env: seedEnvironment(settings, servers.secrets),
      onLine: shownIn(task),
    });
    writeDemoEnvironment(settings);
  }

  /** The list shows a failure's first line, once for each level; the whole of it is told once, by the caller of `run`. */
  private step(title: string, work: (task: Task) => Promise<void>): ListrTask {
    return {
      title,
      task: async (_, task) => {
        try {
          await work(task as Task);
        } catch (error) {
          this.failure ??= error;
          throw new Error((error as Error).message.split('\n')[0]);
        }
      },
    };
  }
}

function shownIn(task: Task): (line: string) => void {
  return (line) => {
    task.output = line;
  };
}
