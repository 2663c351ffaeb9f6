import { Listr, type ListrTask, type ListrTaskWrapper } from 'listr2';
import { migrate } from '../../migrations/run.js';
import { ensurePythonEnvironment } from '../set-up/python-environment.js';
import { seedResultFile, writeDemoEnvironment } from './demo-environment.js';
import { ensureLineage } from './lineage.js';
import type { Platform } from './platform.js';
import { publicOrigin } from './settings.js';

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
          env: this.staff(),
        }),
      ),
      this.step('api, worker and gateway', (task) => {
        const show = shownIn(task);
        return this.platform.startProcesses((name) => show(`${name} is ready`));
      }),
    ];
  }

  private async publish(task: Task): Promise<void> {
    const { settings } = this.platform;
    await this.platform.runScript('seed', 'dist/infra/seed/main.js', {
      what: 'Publishing the lineage',
      remedy: 'the log names the call that was refused; run the same command again',
      // What any operator knows: where the platform is, and who may sign in there.
      env: {
        ...this.staff(),
        FORKPOINT_ORIGIN: publicOrigin(settings),
        FORKPOINT_GRAPHQL_URL: `${publicOrigin(settings)}/graphql`,
        FORKPOINT_LINEAGE: settings.lineage,
        FORKPOINT_SEED_RESULT: seedResultFile(settings),
      },
      onLine: shownIn(task),
    });
    writeDemoEnvironment(settings);
  }

  /** The lab's first two people: one who administers it, one who publishes checkpoints and grants entitlements. */
  private staff(): Record<string, string> {
    const { settings, servers } = this.platform;
    return {
      FORKPOINT_ADMIN_EMAIL: settings.administratorEmail,
      FORKPOINT_ADMIN_PASSWORD: servers.secrets.administratorPassword,
      FORKPOINT_OPERATOR_EMAIL: settings.operatorEmail,
      FORKPOINT_OPERATOR_PASSWORD: servers.secrets.operatorPassword,
    };
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
