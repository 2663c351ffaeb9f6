import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { systemClock } from '#libs/kernel';
import { Database, DatabaseModule, type Transaction } from '#platform/database';
import { QueueModule } from '#platform/queue';
import { ObjectStore, StorageModule } from '#platform/storage';
import { createLogger } from '#platform/telemetry';
import {
  type TestDatabase,
  type TestOrganization,
  type TestValkey,
  testDatabase,
  testOrganization,
  testStore,
  testValkey,
} from '#test/harness';
import { startInternalListener } from '../../../apps/api/src/internal/index.js';
import { ComputeService, type ComputeSubmission } from './compute.service.js';
import type { ComputeAttempt, ComputeJob } from './compute-job.js';
import type { ComputeJobState } from './compute-job.state.js';
import type { ComputeMetric } from './curves.js';
import { type ComputeEvent, ComputeHistory } from './history.js';
import { ComputeJobsModule } from './jobs/compute-jobs.module.js';
import { LocalDriver } from './jobs/drivers/local/local-driver.js';

export const SCRIPTED_TRAINER = resolve('libs/compute/src/jobs/scripted-trainer.fixture.mjs');
const LOG_LEVEL = process.env.FORKPOINT_SPEC_LOG ?? 'silent';

export interface WorkerOptions {
  slots?: number;
  command?: readonly string[];
  stopJobsAtEnd?: boolean;
  stopGraceSeconds?: number;
  endPatienceSeconds?: number;
  environment?: Readonly<Record<string, string>>;
}

/** The parts that a compute job needs, each real: database, queue, object store, the api's internal listener, and a worker. */
export class ComputePlatform {
  readonly service = new ComputeService(systemClock);
  readonly history: ComputeHistory;
  private workers: INestApplicationContext[] = [];

  private constructor(
    readonly databaseServer: TestDatabase,
    readonly valkey: TestValkey,
    readonly database: Database,
    readonly store: ObjectStore,
    readonly organization: TestOrganization,
    readonly listener: NestFastifyApplication,
    readonly apiUrl: string,
    readonly folder: string,
  ) {
    this.history = new ComputeHistory(store);
  }

  static async start(): Promise<ComputePlatform> {
    const [databaseServer, valkey] = await Promise.all([testDatabase(), testValkey()]);
    const { app, relay, reconciler } = databaseServer.urls;
    const organization = await testOrganization(databaseServer);
    const database = await new Database({ appUrl: app, narrowUrls: { relay, reconciler } }).connect();
    const listener = await startInternalListener({
      host: '127.0.0.1',
      port: 0,
      gatewayToken: 'no gateway calls here, in these specs',
      logger: createLogger('internal', LOG_LEVEL),
      database: { appUrl: app, narrowUrls: { reconciler } },
      store: testStore(),
    });
    const folder = await mkdtemp(join(tmpdir(), 'compute-'));
    const store = new ObjectStore(testStore());
    const apiUrl = await listener.getUrl();
    return new ComputePlatform(databaseServer, valkey, database, store, organization, listener, apiUrl, folder);
  }

  async stopWorkers(): Promise<void> {
    for (const worker of this.workers) await worker.close();
    this.workers = [];
  }

  async stop(): Promise<void> {
    await this.stopWorkers();
    const driver = this.driver({});
    const keys = await driver.keys();
    for (const key of keys) await driver.cancel(key, 'kill');
    await until(async () => [...(await driver.observe(keys)).values()].every(({ phase }) => phase !== 'running'));
    await this.listener.close();
    await this.database.close();
    this.store.close();
    await this.databaseServer.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async startWorker(options: WorkerOptions = {}): Promise<INestApplicationContext> {
    const { app, relay, reconciler } = this.databaseServer.urls;
    const logger = createLogger('worker', LOG_LEVEL);
    @Module({
      imports: [
        DatabaseModule.forRoot({ appUrl: app, narrowUrls: { relay, reconciler } }),
        StorageModule.forRoot(testStore()),
        QueueModule.forRoot({ url: this.valkey.url, logger, leaseMilliseconds: 2000 }),
        ComputeJobsModule.forRoot({
          driver: this.driver(options),
          logger,
          apiUrl: this.apiUrl,
          stopJobsAtEnd: options.stopJobsAtEnd ?? false,
          stopGraceSeconds: options.stopGraceSeconds ?? 3,
          cancelGraceSeconds: 1,
          endPatienceSeconds: options.endPatienceSeconds ?? 20,
        }),
      ],
    })
    class SpecWorker {}
    const worker = await NestFactory.createApplicationContext(SpecWorker, { logger: false });
    this.workers.push(worker);
    return worker;
  }

  async stopWorker(worker: INestApplicationContext): Promise<void> {
    this.workers = this.workers.filter((each) => each !== worker);
    await worker.close();
  }

  driver({ slots = 1, command = [process.execPath, SCRIPTED_TRAINER], environment }: WorkerOptions): LocalDriver {
    return new LocalDriver({ folder: join(this.folder, 'data', 'attempts'), slots, command, environment });
  }

  tx<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction(this.organization.scope, work);
  }

  /** A job whose process follows these orders (scripted-trainer.fixture.mjs). */
  submit(orders: object = {}, changes: Partial<ComputeSubmission> = {}): Promise<string> {
    const { projectId } = this.organization;
    const submission = { ...trainSubmission(orders), projectId, ...changes } as ComputeSubmission;
    return this.tx((tx) => this.service.submit(tx, submission));
  }

  query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.tx((tx) => tx.query<Row>(sql, parameters));
  }

  /** As if nothing had been heard of it for as long as an attempt may be silent. */
  async expireLease(id: string): Promise<void> {
    await this.query('UPDATE compute_attempts SET lease_expires_at = created_at WHERE compute_job_id = $1', [id]);
  }

  job(id: string): Promise<ComputeJob> {
    return this.tx((tx) => this.service.get(tx, id));
  }

  attempts(id: string): Promise<ComputeAttempt[]> {
    return this.tx((tx) => this.history.attempts(tx, [id])).then(ofOne);
  }

  events(id: string): Promise<ComputeEvent[]> {
    return this.tx((tx) => this.history.events(tx, [id])).then(ofOne);
  }

  series(id: string, name: string): Promise<ComputeMetric[]> {
    return this.tx((tx) => this.history.series(tx, [id], { names: [name] })).then(ofOne);
  }

  async reaches(id: string, ...states: ComputeJobState[]): Promise<ComputeJob> {
    let job = await this.job(id);
    await until(
      async () => {
        job = await this.job(id);
        return states.includes(job.state);
      },
      120_000,
      () => `${id} is ${job.state}, not ${states.join(' or ')}: ${JSON.stringify(job.error)}`,
    );
    return job;
  }

  /** The job has told of this step. */
  async passes(id: string, step: number): Promise<void> {
    await until(async () => ((await this.job(id)).progress?.step ?? 0) >= step, 30_000);
  }

  /** What was published for the job's owner, in order; there is none to take it. */
  messages(id: string, type: string): Promise<Array<Record<string, unknown>>> {
    return this.database.as('relay', async (tx) => {
      const rows = await tx.query('SELECT payload FROM outbox WHERE key = $1 AND type = $2 ORDER BY id', [id, type]);
      return rows.map((row) => row.payload);
    });
  }
}

export function trainSubmission(orders: object): Omit<Extract<ComputeSubmission, { kind: 'train' }>, 'projectId'> {
  const file = { path: 'data.bin', bytes: 1, sha256: '0'.repeat(64), key: 'org/none/data.bin' };
  return {
    kind: 'train',
    ownerId: 'ftjob_spec',
    parameters: {
      base_name: JSON.stringify(orders),
      method: {
        type: 'sft_lora',
        rank: 8,
        alpha: 16,
        target_modules: 'all-linear',
        dropout: 0,
        rslora: false,
        learning_rate: 0.001,
        scheduler: 'cosine',
        warmup_steps: 0,
        batch_size: 4,
        gradient_accumulation: 1,
        n_epochs: 1,
        seed: 1,
        weight_decay: 0,
        max_grad_norm: 1,
        logging_steps: 1,
      },
    },
    inputs: [
      { name: 'base', files: [file] },
      { name: 'prepared', files: [file] },
    ],
    limits: { threads: 1, memory_bytes: 1024 ** 3, wall_seconds: 600 },
  };
}

export async function until(
  condition: () => Promise<boolean>,
  milliseconds = 45_000,
  complaint = () => 'not so',
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`${complaint()} (after ${milliseconds} ms)`);
    await sleep(50);
  }
}

function ofOne<T>([only]: T[]): T {
  return only!;
}
