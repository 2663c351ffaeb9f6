import { randomBytes } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { AttemptGate, AttemptGateModule } from '#libs/compute';
import {
  ContractAgreementService,
  ContractDraftingService,
  parseTerms,
  RateService,
  type ReservationStatus,
} from '#libs/contracts';
import { FileReceiver } from '#libs/datasets';
import { DatasetsGraphqlModule } from '#libs/datasets/graphql';
import { DatasetsJobsModule } from '#libs/datasets/jobs';
import { type FineTuneJob, type FineTuneRequest, FineTuningService } from '#libs/fine-tuning';
import { FineTuningGraphqlModule } from '#libs/fine-tuning/graphql';
import { FineTuningJobsModule } from '#libs/fine-tuning/jobs';
import { ManualClock, newId, sha256Hex } from '#libs/kernel';
import type { Manifest, PreparationReport, TrainerEvent } from '#libs/messages';
import { Database, type Scope, type Transaction } from '#platform/database';
import type { Message } from '#platform/outbox';
import { ObjectStore } from '#platform/storage';
import {
  type TestCheckpoint,
  type TestCheckpointOptions,
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testCheckpoint,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { RecipeService } from '../../catalog/src/recipe.service.js';
import {
  changeAttempt,
  changeJob,
  findLiveAttempt,
  insertAttempt,
  lockJob,
} from '../../compute/src/compute.repository.js';
import { attemptPrefix, type ComputeJob } from '../../compute/src/compute-job.js';
import { concludeAttempt, endJob, type JobEnd } from '../../compute/src/jobs/conclusion.js';
import { newAttempt } from '../../compute/src/new-attempt.js';
import { Delivery } from './delivery.fixture.js';

export const RECIPE = {
  rank: 16,
  alpha: 32,
  target_modules: ['q_proj', 'v_proj'],
  dropout: 0,
  rslora: false,
  learning_rate: 0.005,
  scheduler: 'cosine',
  warmup_steps: 0,
  batch_size: 2,
  gradient_accumulation: 1,
  n_epochs: 2,
  weight_decay: 0,
  max_grad_norm: 1,
  tokens_per_second: 10,
} as const;

const ARCHITECTURE = { modelType: 'qwen3', headSize: 32, tiedEmbeddings: true };
/** Three steps an epoch, each token read once an epoch: two epochs are six steps and a hundred tokens. */
export const GOOD_REPORT = {
  rows: { read: 5, blank_lines: 0, invalid: 0, dropped: 0, truncated: 0, train: 5, validation: 0 },
  tokens: { train: 50, train_trained: 20, validation: 0, validation_trained: 0, longest_row: 20, removed: 0 },
};

/** A member of an organization who may do everything there, and a checkpoint that the organization may fine-tune. */
export interface Tuner extends TestOrganization {
  who: string;
  checkpoint: TestCheckpoint;
}

interface LiveAttempt {
  id: string;
  token: string;
  eventsTold: number;
}

type WithoutNumber<E> = E extends TrainerEvent ? Omit<E, 'number' | 'at'> : never;
export type Told = WithoutNumber<TrainerEvent>;

/** Fine-tuning with everything it stands on, each part real; the cluster's part is played by the spec, through compute's own doors. */
export class FineTuningFixture {
  readonly messages: Delivery;
  private readonly attempts = new Map<string, LiveAttempt>();

  private constructor(
    readonly testing: TestDatabase,
    readonly graphql: TestGraphql,
    readonly lab: TestOrganization,
    readonly clock: ManualClock,
  ) {
    this.messages = new Delivery(graphql, clock);
  }

  /** `doors`: ways in beside GraphQL. */
  static async start(doors: Type[] = []): Promise<FineTuningFixture> {
    // Of what providers log by themselves.
    process.env['LOG_LEVEL'] = process.env['TEST_LOG'] ?? 'fatal';
    const testing = await testDatabase();
    const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));
    const modules = [
      FineTuningGraphqlModule,
      FineTuningJobsModule,
      DatasetsGraphqlModule,
      DatasetsJobsModule,
      CatalogGraphqlModule,
      AttemptGateModule,
      ...doors,
    ];
    const graphql = await TestGraphql.start(testing, modules, clock);
    const fixture = new FineTuningFixture(testing, graphql, await testOrganization(testing, 'lab'), clock);
    await fixture.publishPrice(7n, 2n);
    return fixture;
  }

  async stop(): Promise<void> {
    await this.graphql.stop();
    await this.testing.drop();
  }

  as<T>({ scope }: Pick<TestOrganization, 'scope'>, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.graphql.get(Database).transaction(scope, work);
  }

  /** From now on, for everybody who has no price of their own. */
  publishPrice(priceNanos: bigint, perUnits: bigint): Promise<void> {
    const rates = this.graphql.get(RateService);
    const line = { meter: 'training_tokens', familyId: null, checkpointId: null, priceNanos, perUnits } as const;
    return this.as(this.lab, async (tx) => {
      await rates.publish(tx, { rateCardId: await rates.draft(tx, { name: 'prices', lines: [line] }) });
    });
  }

  /** Puts a contract in EUR in force with a partner, from now on; the prices are of its terms, in JSON. Gives its id. */
  async agree(partner: TestOrganization, prices: readonly object[]): Promise<string> {
    const [drafting, agreement] = [ContractDraftingService, ContractAgreementService].map((service) =>
      this.graphql.get(service as Type),
    ) as [ContractDraftingService, ContractAgreementService];
    const terms = parseTerms({ prices, discounts: [], minimumMinor: '0', commitments: [], taxBasisPoints: 0 });
    const { contractId, versionId: contractVersionId } = await this.as(this.lab, (tx) =>
      drafting.draft(tx, {
        organizationId: partner.organizationId,
        name: 'Agreement',
        currency: 'EUR',
        startsAt: null,
        endsAt: new Date(this.clock.now().getTime() + 365 * 86_400_000),
        graceDays: 3,
        purchaseOrder: null,
        summary: 'Own prices.',
        terms,
      }),
    );
    await this.as(this.lab, (tx) => drafting.submit(tx, contractVersionId));
    const [version] = await this.as(this.lab, (tx) =>
      tx.query<{ document_sha256: string }>('SELECT document_sha256 FROM contract_versions WHERE id = $1', [
        contractVersionId,
      ]),
    );
    const signing = {
      contractVersionId,
      signatoryName: 'Pia',
      signatoryTitle: 'Head of Finance',
      documentSha256: version!.document_sha256,
    };
    const approver: Scope = { ...this.lab.scope, actor: { type: 'user', id: newId('user') } };
    await this.as({ scope: approver }, (tx) => agreement.offer(tx, signing));
    await this.as(partner, (tx) => agreement.accept(tx, signing));
    return contractId;
  }

  async tuner(): Promise<Tuner> {
    const organization = await testOrganization(this.testing);
    const checkpoint = await this.checkpoint({ grantee: organization });
    return { ...organization, who: this.graphql.caller(organization), checkpoint };
  }

  /** A base that engines can serve, with a recommended recipe. */
  async checkpoint(options: TestCheckpointOptions = {}): Promise<TestCheckpoint> {
    const files = { 'tokenizer.json': Buffer.from('t'), 'model.safetensors': Buffer.from('w') };
    const checkpoint = await testCheckpoint(this.testing, this.lab, { files, architecture: ARCHITECTURE, ...options });
    const recipe = { familyId: checkpoint.familyId, method: 'supervised', hyperparameters: RECIPE, notes: '' } as const;
    await this.as(this.lab, (tx) => this.graphql.get(RecipeService).publish(tx, recipe));
    return checkpoint;
  }

  async file({ scope, projectId }: TestOrganization, text = '{"prompt":"a","completion":"b"}'): Promise<string> {
    const receiver = this.graphql.get(FileReceiver);
    const source = (async function* () {
      yield Buffer.from(text);
    })();
    const received = await receiver.receive(scope, { projectId, filename: 'train.jsonl' }, source);
    return (await this.as({ scope }, (tx) => receiver.accept(tx, received, { purpose: 'fine-tune' }))).id;
  }

  async request(tuner: Tuner, change: Partial<FineTuneRequest> = {}): Promise<FineTuneRequest> {
    const { projectId, checkpoint } = tuner;
    const trainingFileId = change.trainingFileId ?? (await this.file(tuner));
    return { projectId, model: checkpoint.name, trainingFileId, ...change };
  }

  async create(tuner: Tuner, change: Partial<FineTuneRequest> = {}): Promise<FineTuneJob> {
    const request = await this.request(tuner, change);
    return this.as(tuner, (tx) => this.graphql.get(FineTuningService).create(tx, request));
  }

  /** One whose file is good. */
  async queued(tuner: Tuner, change: Partial<FineTuneRequest> = {}): Promise<FineTuneJob> {
    const job = await this.create(tuner, change);
    await this.endPreparation(tuner, job.preparationId!);
    return this.job(tuner, job.id);
  }

  /** One that a trainer works on. */
  async running(tuner: Tuner, change: Partial<FineTuneRequest> = {}): Promise<FineTuneJob> {
    const { id, computeJobId } = await this.queued(tuner, change);
    await this.begin(tuner, computeJobId!);
    return this.job(tuner, id);
  }

  job(tuner: TestOrganization, id: string): Promise<FineTuneJob> {
    return this.as(tuner, (tx) => this.graphql.get(FineTuningService).get(tx, id));
  }

  computeJob(tuner: TestOrganization, id: string): Promise<ComputeJob> {
    return this.as(tuner, (tx) => lockJob(tx, id));
  }

  async reservation(tuner: TestOrganization, ownerId: string) {
    const sql = 'SELECT status, cap_nanos, actual_nanos, settled_nanos FROM reservations WHERE owner_id = $1';
    type Row = { status: ReservationStatus; cap_nanos: string; actual_nanos: string; settled_nanos: string };
    return (await this.as(tuner, (tx) => tx.one<Row>(sql, [ownerId])))!;
  }

  async usage(tuner: TestOrganization, sourceId: string) {
    const sql = `SELECT model, checkpoint_id, base_checkpoint_id, family_id, training_tokens, admitted_at FROM usage_events
      WHERE source_id = $1`;
    return this.as(tuner, (tx) => tx.query(sql, [sourceId]));
  }

  /** A trainer has read the file; `report` says what it found. */
  async endPreparation(tuner: TestOrganization, preparationId: string, report: Partial<PreparationReport> = {}) {
    const row = { sql: 'SELECT compute_job_id AS id FROM preparations WHERE id = $1', parameters: [preparationId] };
    const found = await this.as(tuner, (tx) => tx.one<{ id: string }>(row.sql, row.parameters));
    await this.begin(tuner, found!.id);
    const outcome = report.outcome === 'invalid' ? 'invalid' : 'succeeded';
    const whole: PreparationReport = {
      schema_version: 1,
      type: 'preparation',
      outcome: 'ready',
      format: 'prompt_completion',
      policy: { over_long: 'reject', max_tokens: 256, validation_fraction: 0, seed: 0 },
      tokenizer_sha256: sha256Hex('t'),
      ...GOOD_REPORT,
      errors: { total: 0, by_code: {}, kept: [] },
      over_long: { total: 0, lines: [], validation_lines: [] },
      lengths: [{ up_to_tokens: 32, rows: 5 }],
      ...report,
    };
    const output = await this.outputOf(tuner, found!.id, { kind: 'preparation' }, ['report.json']);
    await this.graphql.get(ObjectStore).put(`${output.keyPrefix}report.json`, JSON.stringify(whole));
    await this.end(tuner, found!.id, { outcome, output });
  }

  /** An attempt is dispatched, and its trainer gives the first sign of life. */
  async begin(tuner: TestOrganization, computeJobId: string): Promise<void> {
    const token = randomBytes(16).toString('hex');
    const attempt = await this.as(tuner, async (tx) => {
      const job = await lockJob(tx, computeJobId);
      const begun = newAttempt(job, { number: job.attempts + 1, driver: 'local', resume: null, now: this.clock.now() });
      await insertAttempt(tx, begun, sha256Hex(token));
      await changeJob(tx, job, { state: 'starting', attempts: begun.number });
      return begun;
    });
    this.attempts.set(computeJobId, { id: attempt.id, token, eventsTold: 0 });
    await this.tell(computeJobId);
    await this.messages.deliver();
  }

  /** What the trainer says, as it says it. */
  async tell(computeJobId: string, ...told: Told[]): Promise<void> {
    const attempt = this.attempts.get(computeJobId)!;
    const first_number = attempt.eventsTold + 1;
    const at = this.clock.now().toISOString();
    const events = told.map((event, position) => ({ ...event, at, number: first_number + position }) as TrainerEvent);
    await this.graphql.get(AttemptGate).accept(attempt.id, attempt.token, { first_number, events });
    attempt.eventsTold += told.length;
  }

  /** Steps that read so many tokens each. */
  train(computeJobId: string, ...tokensOfSteps: number[]): Promise<void> {
    const rows = tokensOfSteps.flatMap((tokens, position) => [
      { name: 'tokens' as const, step: position + 1, value: tokens },
      { name: 'train_loss' as const, step: position + 1, value: 1 / (position + 1) },
    ]);
    return this.tell(computeJobId, { type: 'metrics', rows });
  }

  /** The trainer's machine is gone; another attempt follows. */
  async lose(tuner: TestOrganization, computeJobId: string): Promise<void> {
    await this.as(tuner, async (tx) => {
      const job = await lockJob(tx, computeJobId);
      const attempt = (await findLiveAttempt(tx, computeJobId))!;
      await concludeAttempt(tx, job, attempt, { exit: { how: 'lost' }, now: this.clock.now() });
    });
  }

  /** The job's process is gone, and compute has concluded what became of it. Gives the messages that came of it. */
  async end(
    tuner: TestOrganization,
    computeJobId: string,
    end: Pick<JobEnd, 'outcome' | 'error' | 'output'>,
  ): Promise<Message[]> {
    await this.as(tuner, async (tx) => {
      const job = await lockJob(tx, computeJobId);
      const live = await findLiveAttempt(tx, computeJobId);
      if (live) await changeAttempt(tx, live, { state: 'ended', endedAt: this.clock.now() });
      const isVerified = end.outcome === 'succeeded' || end.outcome === 'invalid';
      const locked = isVerified ? await changeJob(tx, job, { state: 'verifying' }) : job;
      await endJob(tx, locked, { ...end, attempt: job.attempts, now: this.clock.now(), message: 'It is over.' });
    });
    return this.messages.deliver();
  }

  /** A folder that a trainer stored, and whose files were read back. */
  async outputOf(
    tuner: TestOrganization,
    computeJobId: string,
    manifest: Pick<Manifest, 'kind'> & Partial<Manifest>,
    paths: string[],
  ) {
    const job = await this.computeJob(tuner, computeJobId);
    const files = paths.map((path) => ({ path, bytes: 1, sha256: sha256Hex(`${computeJobId} ${path}`) }));
    const prefix = manifest.kind === 'checkpoint' ? `checkpoints/step-${manifest.step}` : 'output';
    const whole: Manifest = { schema_version: 1, job_id: job.id, attempt: job.attempts, files, ...manifest };
    const folder = { prefix, manifest: whole, manifest_sha256: sha256Hex(prefix) };
    return { attempt: job.attempts, keyPrefix: `${attemptPrefix(job, job.attempts)}${prefix}/`, folder };
  }

  /** The adapter that training made, final or of a step. */
  adapterOf(
    tuner: Tuner,
    { computeJobId, baseCheckpointId }: FineTuneJob,
    step: number,
    kind: 'adapter' | 'checkpoint' = 'adapter',
  ) {
    const hashes = {
      tokenizer_sha256: sha256Hex(`tokenizer ${baseCheckpointId}`),
      template_sha256: sha256Hex(`template ${baseCheckpointId}`),
    };
    const paths = ['adapter_config.json', 'adapter_model.safetensors'];
    return this.outputOf(tuner, computeJobId!, { kind, step, ...hashes }, paths);
  }

  /** The job once its training is over. */
  async ended(tuner: Tuner, { id, computeJobId }: FineTuneJob, end: Parameters<typeof this.end>[2]) {
    await this.end(tuner, computeJobId!, end);
    return this.job(tuner, id);
  }

  async succeed(tuner: Tuner, job: FineTuneJob): Promise<FineTuneJob> {
    return this.ended(tuner, job, { outcome: 'succeeded', output: await this.adapterOf(tuner, job, 6) });
  }

  /** By GraphQL: the job's status as the answer shows it, or the code of the refusal. */
  async move({ who }: Tuner, act: 'cancel' | 'pause' | 'resume', fineTuneJobId: string): Promise<string> {
    const selection = 'fineTuneJob { status }';
    const answer = await this.graphql.mutate(
      who,
      `${act}FineTuneJob`,
      { fineTuneJobId },
      selection,
      'FineTuneJobInput',
    );
    return answer.fineTuneJob ? answer.fineTuneJob.status.toLowerCase() : answer.userErrors[0].code;
  }
}
