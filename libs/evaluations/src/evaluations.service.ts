import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CatalogService, type PublishedCheckpoint, VariantDeletionService } from '#libs/catalog';
import { type ComputeInput, ComputeService } from '#libs/compute';
import { contentRemoved, PriceService, ReservationService, ServiceStopService, spenderOf } from '#libs/contracts';
import { DatasetsService } from '#libs/datasets';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { EvaluationMetric } from '#libs/messages';
import type { Transaction } from '#platform/database';
import type { Comparison } from './comparison.js';
import { EVALUATION_ERRORS } from './evaluations.errors.js';
import {
  compareRuns,
  findRuns,
  findSuites,
  holdsOfRuns,
  insertRun,
  insertSuite,
  lockRun,
  moveRun,
} from './evaluations.repository.js';
import type { EvaluationRun } from './run.js';
import { evaluationRunStates } from './run.state.js';
import {
  assertSplit,
  assertSuiteName,
  type EvaluationSuite,
  SUITE_LIMITS,
  type SuiteSource,
  type SuiteSplit,
  suiteKey,
} from './suite.js';
import { toSuiteRow } from './suite-rows.js';

export interface CreateSuite {
  projectId: string;
  name: string;
  description?: string;
  metric: EvaluationMetric;
  maxNewTokens?: number;
  /** One of the two. */
  rows?: readonly unknown[];
  dataset?: { versionId: string; split?: SuiteSplit; rowLimit?: number };
}

const DEFAULT_NEW_TOKENS = 64;
const BATCH_SIZE = 16;
const LIMITS = { threads: 1, memory_bytes: 4 * 1024 ** 3, wall_seconds: 6 * 3600 } as const;

/** Suites, and their runs on checkpoints. */
@Injectable()
export class EvaluationsService implements OnModuleInit {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly catalog: CatalogService,
    private readonly prices: PriceService,
    private readonly reservations: ReservationService,
    private readonly stops: ServiceStopService,
    private readonly datasets: DatasetsService,
    private readonly compute: ComputeService,
    private readonly deletion: VariantDeletionService,
  ) {}

  onModuleInit(): void {
    this.deletion.alsoHeldBy(holdsOfRuns);
  }

  /** The rows are brought into their form by the worker: the suite is ready, or says what is wrong, in a moment. */
  async createSuite(tx: Transaction, input: CreateSuite): Promise<EvaluationSuite> {
    const id = newId('suite');
    const suite: EvaluationSuite = {
      id,
      projectId: input.projectId,
      name: assertSuiteName(input.name),
      description: input.description ?? '',
      metric: input.metric,
      maxNewTokens: input.maxNewTokens ?? DEFAULT_NEW_TOKENS,
      source: await this.sourceOf(tx, id, input),
      status: 'building',
      problem: null,
      objectKey: suiteKey(tx.scope.organizationId, id),
      rowCount: null,
      bytes: null,
      sha256: null,
      createdAt: this.clock.now(),
      createdBy: tx.scope.actor.id,
      removal: null,
    };
    if (!(await insertSuite(tx, suite))) {
      throw EVALUATION_ERRORS.SUITE_NAME_TAKEN({ name: suite.name }, { path: ['name'] });
    }
    tx.publish({ type: 'evaluations.suite.created', payload: { suiteId: id } });
    return suite;
  }

  async getSuite(tx: Transaction, id: string): Promise<EvaluationSuite> {
    const [suite] = await findSuites(tx, [id]);
    if (!suite) throw EVALUATION_ERRORS.SUITE_NOT_FOUND({ id }, { path: ['suiteId'] });
    return suite;
  }

  async getRun(tx: Transaction, id: string): Promise<EvaluationRun> {
    const [run] = await findRuns(tx, [id]);
    if (!run) throw EVALUATION_ERRORS.EVALUATION_RUN_NOT_FOUND({ id });
    return run;
  }

  /** Runs a suite on a checkpoint that the organization may fine-tune, or on what it made of one. */
  async createRun(tx: Transaction, input: { suiteId: string; checkpoint: string }): Promise<EvaluationRun> {
    const suite = await this.usableSuite(tx, input.suiteId);
    await this.stops.assertMayWork(tx, { projectId: suite.projectId });
    const checkpoint = await this.catalog.getUsable(tx, input.checkpoint);
    await this.catalog.assertMay(tx, 'fine_tune', checkpoint);
    const { familyId, baseCheckpointId } = checkpoint;
    // What has no price now can't be billed when it ends.
    const { projectId } = suite;
    const subject = { projectId, familyId, baseCheckpointId, method: null };
    const { price, at } = await this.prices.quote(tx, { meter: 'evaluation_tokens', quantity: 0n, ...subject });
    const createdBy = tx.scope.actor.id;
    // What it will cost shows when it is done: nothing is reserved, but it needs something left.
    await this.reservations.assertLeft(tx, spenderOf({ projectId, createdBy, currency: price.currency }));
    const id = newId('evalrun');
    const run: EvaluationRun = {
      id,
      projectId,
      suiteId: suite.id,
      checkpointId: checkpoint.id,
      checkpointName: checkpoint.name,
      baseCheckpointId,
      familyId,
      status: evaluationRunStates.initial,
      computeJobId: await this.submit(tx, id, suite, checkpoint),
      summary: null,
      output: null,
      error: null,
      evaluationTokens: null,
      costNanos: null,
      currency: price.currency,
      createdAt: at,
      createdBy,
      startedAt: null,
      endedAt: null,
      removal: null,
    };
    await insertRun(tx, run);
    return run;
  }

  /** Example by example: both runs measured the same rows. */
  async compare(
    tx: Transaction,
    { baselineId, candidateId }: { baselineId: string; candidateId: string },
  ): Promise<Comparison & { metric: EvaluationMetric }> {
    const [baseline, candidate] = [await this.getRun(tx, baselineId), await this.getRun(tx, candidateId)];
    const succeeded = baseline.status === 'succeeded' && candidate.status === 'succeeded';
    if (!succeeded || baseline.suiteId !== candidate.suiteId) throw EVALUATION_ERRORS.EVALUATION_RUNS_NOT_COMPARABLE();
    for (const { id, removal } of [baseline, candidate]) if (removal) throw contentRemoved(id, removal);
    const { metric } = await this.getSuite(tx, baseline.suiteId);
    return { ...(await compareRuns(tx, { baselineId, candidateId, metric })), metric };
  }

  /** What is at work ends in its own time; a cancelled run is not billed. */
  async cancelRun(tx: Transaction, id: string): Promise<void> {
    const run = await lockRun(tx, id);
    if (!run) throw EVALUATION_ERRORS.EVALUATION_RUN_NOT_FOUND({ id }, { path: ['runId'] });
    evaluationRunStates.assert(run.status, 'cancelled');
    if (run.computeJobId && (await this.compute.cancel(tx, run.computeJobId)) === 'cancelling') return;
    await moveRun(tx, run, { status: 'cancelled', at: this.clock.now() });
  }

  private async sourceOf(tx: Transaction, suiteId: string, input: CreateSuite): Promise<SuiteSource> {
    const { rows, dataset } = input;
    if (rows && !dataset) return { type: 'rows', rows: givenRows(rows) };
    if (!dataset || rows) throw EVALUATION_ERRORS.SUITE_SOURCE_INVALID();
    const { versionId, split = null, rowLimit = null } = dataset;
    if (split) assertSplit(split);
    const version = await this.datasets.getVersion(tx, versionId);
    if (version.projectId !== input.projectId) throw EVALUATION_ERRORS.SUITE_SOURCE_INVALID({ path: ['dataset'] });
    await this.datasets.hold(tx, [versionId], suiteId);
    return { type: 'dataset_version', versionId, split, rowLimit };
  }

  private async usableSuite(tx: Transaction, id: string): Promise<EvaluationSuite> {
    const suite = await this.getSuite(tx, id);
    if (suite.removal) throw contentRemoved(suite.name, suite.removal);
    if (suite.status === 'building') throw EVALUATION_ERRORS.SUITE_NOT_READY({ path: ['suiteId'] });
    const { problem } = suite;
    if (problem) throw EVALUATION_ERRORS.SUITE_UNUSABLE({ problem: problem.message }, { path: ['suiteId'] });
    return suite;
  }

  private async submit(
    tx: Transaction,
    runId: string,
    suite: EvaluationSuite,
    checkpoint: PublishedCheckpoint,
  ): Promise<string> {
    const weights = (checkpointId: string) => this.catalog.files(tx, checkpointId, 'weights');
    const inputs: ComputeInput[] = [
      { name: 'base', files: await weights(checkpoint.baseCheckpointId) },
      {
        name: 'suite',
        files: [{ path: 'rows.jsonl', key: suite.objectKey, bytes: suite.bytes!, sha256: suite.sha256! }],
      },
    ];
    if (checkpoint.kind === 'adapter') inputs.push({ name: 'adapter', files: await weights(checkpoint.id) });
    return this.compute.submit(tx, {
      kind: 'evaluate',
      ownerId: runId,
      projectId: suite.projectId,
      parameters: { metric: suite.metric, max_new_tokens: suite.maxNewTokens, batch_size: BATCH_SIZE },
      inputs,
      limits: LIMITS,
    });
  }
}

function givenRows(rows: readonly unknown[]) {
  if (rows.length === 0) throw EVALUATION_ERRORS.SUITE_EMPTY({ path: ['rows'] });
  if (rows.length > SUITE_LIMITS.givenRows) {
    throw EVALUATION_ERRORS.SUITE_TOO_LARGE(
      { rows: SUITE_LIMITS.givenRows, bytes: SUITE_LIMITS.bytes },
      { path: ['rows'] },
    );
  }
  return rows.map((row, position) => {
    // They are kept in PostgreSQL until they are built, and its text can't hold it.
    if (JSON.stringify(row).includes('\\u0000')) {
      const problem = 'it holds U+0000: take the rows from a dataset version instead.';
      throw EVALUATION_ERRORS.SUITE_ROW_INVALID({ line: position + 1, problem }, { path: ['rows', position] });
    }
    return toSuiteRow(row, position + 1);
  });
}
