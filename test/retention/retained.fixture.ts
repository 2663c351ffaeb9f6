import { Module, type Type } from '@nestjs/common';
import { AuditService } from '#libs/audit';
import { CatalogService } from '#libs/catalog';
import { ComputeModule, ComputeService } from '#libs/compute';
import { ContractsModule, RateService } from '#libs/contracts';
import { ContractsGraphqlModule } from '#libs/contracts/graphql';
import { ContractsJobsModule } from '#libs/contracts/jobs';
import { DeploymentsModule, DeploymentsService } from '#libs/deployments';
import { DeploymentsGraphqlModule } from '#libs/deployments/graphql';
import { EvaluationsService } from '#libs/evaluations';
import { EvaluationsGraphqlModule } from '#libs/evaluations/graphql';
import { EvaluationsJobsModule } from '#libs/evaluations/jobs';
import type { FineTuneJob } from '#libs/fine-tuning';
import { DAY_MILLISECONDS, newId } from '#libs/kernel';
import { Database, systemScope } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { type TestContract, testContract, testListing } from '#test/harness';
import { ComputeRemover } from '../../libs/compute/src/jobs/content-remover.js';
import { Sweeper } from '../../libs/compute/src/jobs/sweeper.js';
import { WorkList } from '../../libs/compute/src/jobs/work-list.js';
import { RetentionRun } from '../../libs/contracts/src/jobs/retention-run.js';
import { PurgeHandlers } from '../../libs/datasets/src/jobs/purge.handlers.js';
import { DeploymentRemover } from '../../libs/deployments/src/jobs/content-remover.js';
import { RunHandlers } from '../../libs/evaluations/src/jobs/run.handlers.js';
import { SuiteBuilder } from '../../libs/evaluations/src/suite-builder.js';
import { FineTuningFixture, type Tuner } from '../../libs/fine-tuning/src/fine-tuning.fixture.js';

/** What the worker's modules of compute and deployments do here, without a cluster and engines. */
@Module({
  imports: [ContractsModule, ComputeModule, DeploymentsModule],
  providers: [ComputeRemover, Sweeper, WorkList, DeploymentRemover],
})
class RemoversModule {}

const flat = (id: string, meter: string) => ({
  ...{ id, meter, match: {} },
  price: { kind: 'flat', priceNanos: '7', perUnits: '2' },
});
const PRICES = [flat('train', 'training_tokens'), flat('evaluate', 'evaluation_tokens')];

/** A partner that has some of everything that it can have, under a contract. */
export interface Retained {
  tuner: Tuner;
  contract: TestContract;
  /** Of the contract. */
  endsAt: Date;
  job: FineTuneJob;
  deploymentId: string;
  suiteId: string;
  runId: string;
}

/** All domains that have content of partners, each part real but for the cluster. */
export class RetainedFixture {
  private constructor(readonly tuning: FineTuningFixture) {}

  static async start(): Promise<RetainedFixture> {
    const doors: Type[] = [
      ContractsGraphqlModule,
      ContractsJobsModule,
      EvaluationsGraphqlModule,
      EvaluationsJobsModule,
      DeploymentsGraphqlModule,
      RemoversModule,
    ];
    const tuning = await FineTuningFixture.start(doors);
    // What is done after a contract has ended has a price, too.
    tuning.clock.advance(1_000);
    const rates = tuning.graphql.get(RateService);
    const lines = (['training_tokens', 'evaluation_tokens'] as const).map((meter) => {
      return { meter, familyId: null, checkpointId: null, priceNanos: 7n, perUnits: 2n };
    });
    await tuning.as(tuning.lab, async (tx) => {
      await rates.publish(tx, { rateCardId: await rates.draft(tx, { name: 'all prices', lines }) });
    });
    return new RetainedFixture(tuning);
  }

  stop(): Promise<void> {
    return this.tuning.stop();
  }

  get<T>(type: abstract new (...args: never[]) => T): T {
    return this.tuning.graphql.get(type);
  }

  get clock() {
    return this.tuning.clock;
  }

  /** A further contract of the same length, accepted now. */
  agree(partner: Tuner, retention: object): Promise<TestContract> {
    const sides = { database: this.get(Database), clock: this.clock, lab: this.tuning.lab, partner };
    return testContract(sides, { prices: PRICES, retention });
  }

  async partner(retention: object): Promise<Retained> {
    const tuner = await this.tuning.tuner();
    const contract = await this.agree(tuner, { uploadDays: null, afterEndDays: null, ...retention });
    const endsAt = new Date(this.clock.now().getTime() + 365 * DAY_MILLISECONDS);
    const job = await this.fineTuned(tuner);
    const deployment = await this.tuning.as(tuner, (tx) =>
      this.get(DeploymentsService).create(tx, {
        ...{ projectId: tuner.projectId, slug: 'mine', checkpoint: job.outputName! },
      }),
    );
    return { tuner, contract, endsAt, job, deploymentId: deployment.id, ...(await this.evaluated(tuner, job)) };
  }

  list({ tuner, job }: Retained, options: { inReview?: boolean } = {}) {
    const { lab, testing } = this.tuning;
    return testListing(testing, {
      ...{ lab, publisher: tuner, base: tuner.checkpoint, variantId: job.outputCheckpointId!, ...options },
    });
  }

  /** As the worker does every ten minutes, with what follows from it. */
  async turn(): Promise<void> {
    await this.get(Sweeper).sweep();
    await this.get(RetentionRun).run();
    await this.purge();
    await this.get(RetentionRun).run();
  }

  /** What deletions of files ask the worker for. */
  async purge(): Promise<void> {
    const messages = await this.get(Database).as('relay', (tx) =>
      tx.query<{ payload: { versionId: string }; organization_id: string }>(
        `SELECT payload, organization_id FROM outbox WHERE type = 'datasets.version.deleted' ORDER BY id`,
      ),
    );
    for (const { payload, organization_id: organizationId } of messages) {
      await this.get(PurgeHandlers).purge({ payload } as never, systemScope('worker', organizationId));
    }
  }

  /** Keys of all objects of an organization. */
  async objects({ organizationId }: Tuner): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.get(ObjectStore).list(`org/${organizationId}/`)) keys.push(key);
    return keys;
  }

  rows(tuner: Tuner, sql: string): Promise<Array<Record<string, unknown>>> {
    return this.tuning.as(tuner, (tx) => tx.query(sql));
  }

  /** What the audit log says was removed: by which clause, and whose ids. */
  async audited(tuner: Tuner): Promise<{ actions: string[]; targets: string[]; intact: boolean }> {
    const entries = await this.rows(
      tuner,
      `SELECT action, target_ids FROM audit_entries
       WHERE organization_id = :organization AND actor_id LIKE '%.retention' ORDER BY sequence`,
    );
    const { intact } = await this.tuning.as(tuner, (tx) => this.get(AuditService).verifyChain(tx));
    const targets = entries.flatMap((entry) => entry['target_ids'] as string[]);
    return { actions: [...new Set(entries.map((entry) => String(entry['action'])))], targets, intact };
  }

  /** Reads a variant's weights from another organization's job, until it is cancelled. */
  async readFrom(reader: Tuner, { tuner, job }: Retained): Promise<() => Promise<void>> {
    const files = await this.tuning.as(tuner, (tx) =>
      this.get(CatalogService).files(tx, job.outputCheckpointId!, 'weights'),
    );
    const compute = this.get(ComputeService);
    const file = (path: string) => ({ ...{ path, bytes: 1, key: `org/x/${path}` }, sha256: 'a'.repeat(64) });
    const id = await this.tuning.as(reader, (tx) =>
      compute.submit(tx, {
        kind: 'evaluate',
        ownerId: newId('evalrun'),
        projectId: reader.projectId,
        parameters: { metric: 'loss', max_new_tokens: 1, batch_size: 1 },
        inputs: [
          { name: 'base', files: [file('model.safetensors')] },
          { name: 'suite', files: [file('rows.jsonl')] },
          { name: 'adapter', files },
        ],
        limits: { threads: 1, memory_bytes: 1024 ** 3, wall_seconds: 60 },
      }),
    );
    return async () => {
      await this.tuning.as(reader, (tx) => compute.cancel(tx, id));
    };
  }

  /** A run whose trainer is done, and of whose end evaluations are told by `tell`. */
  async answered(tuner: Tuner, suiteId: string, checkpoint: string): Promise<{ runId: string; tell(): Promise<void> }> {
    const { id: runId, computeJobId } = await this.tuning.as(tuner, (tx) =>
      this.get(EvaluationsService).createRun(tx, { suiteId, checkpoint }),
    );
    await this.tuning.begin(tuner, computeJobId!);
    const output = await this.tuning.outputOf(tuner, computeJobId!, { kind: 'evaluation' }, ['results.jsonl']);
    const summary = {
      ...{ schema_version: 1, type: 'evaluation', metric: 'exact_match', n: 1, score: 1, standard_error: 0 },
      ...{ mean_loss: 0.5, cut: 0, prompt_tokens: 2, output_tokens: 1, seconds: 1 },
    };
    const result = {
      ...{ index: 0, prompt: 'one', expected: '1', output: '1', score: 1, loss: 0.5 },
      ...{ expected_tokens: 1, output_tokens: 1, cut: false },
    };
    const store = this.get(ObjectStore);
    await store.put(`${output.keyPrefix}summary.json`, JSON.stringify(summary));
    await store.put(`${output.keyPrefix}results.jsonl`, `${JSON.stringify(result)}\n`);
    const told = await this.tuning.end(tuner, computeJobId!, { outcome: 'succeeded', output });
    await this.release(tuner);
    const tell = async () => {
      for (const message of told) await this.get(RunHandlers).ended(message as never, tuner.scope);
    };
    return { runId, tell };
  }

  /** A variant, whose weights and log lie in the store. */
  private async fineTuned(tuner: Tuner): Promise<FineTuneJob> {
    const running = await this.tuning.running(tuner);
    await this.tuning.train(running.computeJobId!, 50, 50);
    const job = await this.tuning.succeed(tuner, running);
    const files = await this.tuning.as(tuner, (tx) =>
      this.get(CatalogService).files(tx, job.outputCheckpointId!, 'weights'),
    );
    for (const { key } of files) await this.get(ObjectStore).put(key, 'w');
    const log = `org/${tuner.organizationId}/fine-tune-jobs/${job.id}/logs/1.log`;
    await this.get(ObjectStore).put(log, 'step 1');
    await this.release(tuner);
    await this.tuning.as(tuner, (tx) =>
      tx.query(
        `UPDATE compute_attempts SET log_key = $2, log_bytes = 6 WHERE compute_job_id = $1 AND organization_id = :organization`,
        [job.computeJobId, log],
      ),
    );
    return job;
  }

  private async evaluated(tuner: Tuner, job: FineTuneJob): Promise<{ suiteId: string; runId: string }> {
    const evaluations = this.get(EvaluationsService);
    const { id: suiteId } = await this.tuning.as(tuner, (tx) =>
      evaluations.createSuite(tx, {
        ...{ projectId: tuner.projectId, name: newId('req'), metric: 'exact_match' },
        rows: [{ prompt: 'one', expected: '1' }],
      }),
    );
    await this.get(SuiteBuilder).build(tuner.scope, suiteId);
    const { runId, tell } = await this.answered(tuner, suiteId, job.outputName!);
    await tell();
    return { suiteId, runId };
  }

  /** Nothing runs any more: the supervisor has seen that, and archived what was printed. */
  private async release(tuner: Tuner): Promise<void> {
    await this.tuning.as(tuner, (tx) =>
      tx.query('UPDATE compute_attempts SET released_at = $1 WHERE organization_id = :organization', [
        this.clock.now(),
      ]),
    );
  }
}
