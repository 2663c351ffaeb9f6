import { CatalogService } from '#libs/catalog';
import { DatasetsService } from '#libs/datasets';
import { FineTuningService } from '#libs/fine-tuning';
import type { ComputeOutput, MessagePayload, PreparationReport } from '#libs/messages';
import { Database } from '#platform/database';
import type { Message } from '#platform/outbox';
import type { TestOrganization } from '#test/harness';
import { PreparationHandlers } from '../../libs/datasets/src/jobs/preparation.handlers.js';
import { RunHandlers } from '../../libs/evaluations/src/jobs/run.handlers.js';
import { SuiteBuilder } from '../../libs/evaluations/src/suite-builder.js';
import { FineTuningHandlers } from '../../libs/fine-tuning/src/jobs/fine-tuning.handlers.js';
import type { TenantApi } from './tenant-api.fixture.js';
import { beginAttempt, type TrainerAttempt, work } from './trainer.fixture.js';

type Owner = TestOrganization & { canary: string };
type ComputeEnd = MessagePayload<'compute.job.ended'>;

const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const jobEnd = (end: Omit<ComputeEnd, 'outcome'>) =>
  ({ payload: { ...end, outcome: 'succeeded' } }) as Message<'compute.job.ended'>;

/** A preparation succeeds: a trainer found the file good, and the worker hears of it. */
export async function conclude(api: TenantApi, owner: Owner, preparationId: string): Promise<void> {
  const { computeJobId, tokenizerSha256 } = await api
    .get(Database)
    .read(owner.scope, (tx) => api.get(DatasetsService).getPreparation(tx, preparationId));
  const attempt = await beginAttempt(api, owner, computeJobId!);
  const piece = { text: `ask ${owner.canary}`, token_ids: [5], trained: false, special: false };
  const row = { line: 1, split: 'train', tokens: 20, trained_tokens: 5, truncated: false, pieces: [piece] };
  const output = await work(api, attempt, {
    manifest: { kind: 'preparation' },
    files: {
      'preview.json': JSON.stringify({ schema_version: 1, rows: [row] }),
      'report.json': JSON.stringify(reportOf(tokenizerSha256)),
    },
  });
  const end = jobEnd({ kind: 'prepare', computeJobId: computeJobId!, ownerId: preparationId, output });
  await api.get(PreparationHandlers).conclude(end, owner.scope);
}

function reportOf(tokenizerSha256: string): PreparationReport {
  return {
    schema_version: 1,
    type: 'preparation',
    outcome: 'ready',
    format: 'prompt_completion',
    policy: { over_long: 'reject', max_tokens: 512, validation_fraction: 0, seed: 0 },
    tokenizer_sha256: tokenizerSha256,
    rows: { read: 1, blank_lines: 0, invalid: 0, dropped: 0, truncated: 0, train: 1, validation: 0 },
    tokens: { train: 20, train_trained: 5, validation: 0, validation_trained: 0, longest_row: 20, removed: 0 },
    errors: { total: 0, by_code: {}, kept: [] },
    over_long: { total: 0, lines: [], validation_lines: [] },
    lengths: [{ up_to_tokens: 32, rows: 1 }],
  };
}

export interface Trained {
  ckpt: string;
  variantName: string;
  /** It goes on, to be asked for URLs. */
  attempt: TrainerAttempt;
}

/** A job whose file is prepared is trained, and the worker hears of it all. */
export async function train(api: TenantApi, owner: Owner, jobId: string): Promise<Trained> {
  const handlers = api.get(FineTuningHandlers);
  const job = () => api.get(Database).read(owner.scope, (tx) => api.get(FineTuningService).get(tx, jobId));
  const { preparationId, trainingFileId, validationFileId } = await job();
  const prepared: MessagePayload<'datasets.preparation.ended'> = {
    preparationId: preparationId!,
    versionId: trainingFileId,
    validationVersionId: validationFileId,
    outcome: 'ready',
  };
  await handlers.prepared({ payload: prepared } as Message<'datasets.preparation.ended'>, owner.scope);
  const { computeJobId, parentCheckpointId } = await job();
  const ofJob = { kind: 'train', computeJobId: computeJobId!, ownerId: jobId } as const;
  const attempt = await beginAttempt(api, owner, ofJob.computeJobId);
  const started = { payload: { ...ofJob, attempt: 1 } } as Message<'compute.job.started'>;
  await handlers.started(started, owner.scope);
  const hashes = await hashesOf(api, owner, parentCheckpointId);
  const output = await work(api, attempt, {
    manifest: { kind: 'adapter', step: 1, ...hashes },
    files: { 'adapter_config.json': `${owner.canary}`, 'adapter_model.safetensors': `weights of ${owner.canary}` },
  });
  await handlers.ended(jobEnd({ ...ofJob, output }), owner.scope);
  return { ...(await variantOf(api, owner, jobId)), attempt };
}

async function hashesOf(api: TenantApi, { scope }: Owner, checkpointId: string) {
  const { tokenizerSha256, templateSha256 } = await api
    .get(Database)
    .read(scope, (tx) => api.get(CatalogService).getVisible(tx, checkpointId));
  return { tokenizer_sha256: tokenizerSha256, template_sha256: templateSha256 ?? undefined };
}

async function variantOf(api: TenantApi, { scope }: Owner, jobId: string) {
  const [made] = await api
    .get(Database)
    .read(scope, (tx) =>
      tx.query<{ id: string; name: string }>(
        'SELECT id, name FROM checkpoints WHERE fine_tune_job_id = $1 AND organization_id = :organization',
        [jobId],
      ),
    );
  return { ckpt: made!.id, variantName: made!.name };
}

/** A run of a suite succeeds. */
export async function measure(api: TenantApi, owner: Owner, runId: string): Promise<void> {
  const [run] = await api
    .get(Database)
    .read(owner.scope, (tx) =>
      tx.query<{ job: string }>(
        'SELECT compute_job_id AS job FROM evaluation_runs WHERE id = $1 AND organization_id = :organization',
        [runId],
      ),
    );
  const attempt = await beginAttempt(api, owner, run!.job);
  const tokens = { expected_tokens: 1, output_tokens: 1 };
  const texts = { prompt: `ask ${owner.canary}`, expected: '1', output: '1' };
  const result = { index: 0, ...texts, score: 1, loss: 0.1, ...tokens, cut: false };
  const figures = { n: 1, score: 1, standard_error: 0, mean_loss: 0.1, prompt_tokens: 9, output_tokens: 1, cut: 0 };
  const summary = { schema_version: 1, type: 'evaluation', metric: 'exact_match', ...figures, seconds: 1 };
  const output: ComputeOutput = await work(api, attempt, {
    manifest: { kind: 'evaluation' },
    files: { 'results.jsonl': lines([result]), 'summary.json': JSON.stringify(summary) },
  });
  const end = jobEnd({ kind: 'evaluate', computeJobId: run!.job, ownerId: runId, output });
  await api.get(RunHandlers).ended(end, owner.scope);
}

/** What the worker does with a new suite. */
export const buildSuite = (api: TenantApi, { scope }: Owner, suiteId: string) =>
  api.get(SuiteBuilder).build(scope, suiteId);
