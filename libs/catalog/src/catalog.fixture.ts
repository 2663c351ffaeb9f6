import { createHash } from 'node:crypto';
import { EntitlementService, EntitlementSubjects } from '#libs/contracts';
import { type Clock, newId, sha256Hex } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization, testStore } from '#test/harness';
import { CatalogModule } from './catalog.module.js';
import { CatalogService } from './catalog.service.js';
import type { Checkpoint } from './checkpoint.js';
import { findCheckpoint } from './checkpoint.repository.js';
import { VariantDeletionService } from './deletion.service.js';
import { CheckpointEvaluationService } from './evaluation.service.js';
import { FamilyService } from './family.service.js';
import type { CheckpointFile } from './manifest.js';
import { type FineTuneOutput, OutputService } from './output.service.js';
import { type CreateCheckpointInput, PublicationService } from './publication.service.js';
import { RecipeService } from './recipe.service.js';
import { RetirementService } from './retirement.service.js';
import { CheckpointSampleService } from './sample.service.js';
import { type FileTransfer, TransferService } from './transfer.service.js';
import { VerificationService } from './verification.service.js';

/** The catalog's services on a database and store of a spec's own, with a lab and two partners. */
export class CatalogFixture {
  readonly subjects = new EntitlementSubjects();
  readonly entitlements: EntitlementService;
  readonly families: FamilyService;
  readonly recipes: RecipeService;
  readonly outputs: OutputService;
  readonly catalog: CatalogService;
  readonly publication: PublicationService;
  readonly verification: VerificationService;
  readonly transfers: TransferService;
  readonly evaluations: CheckpointEvaluationService;
  readonly samples: CheckpointSampleService;
  readonly retirement: RetirementService;
  readonly deletion: VariantDeletionService;

  private constructor(
    clock: Clock,
    readonly testing: TestDatabase,
    readonly database: Database,
    readonly store: ObjectStore,
    readonly lab: TestOrganization,
    readonly partner: TestOrganization,
    readonly other: TestOrganization,
  ) {
    this.entitlements = new EntitlementService(clock, this.subjects);
    this.families = new FamilyService(clock);
    this.recipes = new RecipeService(clock, this.families);
    this.outputs = new OutputService(clock);
    this.catalog = new CatalogService(this.families, this.recipes, this.entitlements, this.outputs);
    this.publication = new PublicationService(clock, this.families);
    this.verification = new VerificationService(clock, database, store);
    this.transfers = new TransferService(this.catalog, store);
    this.evaluations = new CheckpointEvaluationService(clock);
    this.samples = new CheckpointSampleService(clock);
    this.retirement = new RetirementService(clock);
    this.deletion = new VariantDeletionService(clock);
    new CatalogModule(this.subjects, this.families).onModuleInit();
  }

  static async create(clock: Clock): Promise<CatalogFixture> {
    const testing = await testDatabase();
    const database = await new Database({ ...connections(testing), clock }).connect();
    const organizations = [
      await testOrganization(testing, 'lab'),
      await testOrganization(testing),
      await testOrganization(testing),
    ];
    const [lab, partner, other] = organizations as [TestOrganization, TestOrganization, TestOrganization];
    return new CatalogFixture(clock, testing, database, new ObjectStore(testStore()), lab, partner, other);
  }

  async close(): Promise<void> {
    this.store.close();
    await this.database.close();
    await this.testing.drop();
  }

  as<T>({ scope }: { scope: Scope }, work: Parameters<typeof this.database.transaction<T>>[1]): Promise<T> {
    return this.database.transaction(scope, work);
  }

  async family(name: string): Promise<{ familyId: string; trainingRunId: string }> {
    const text = { displayName: name, description: 'For specs.', license: 'Apache-2.0' };
    return this.as(this.lab, async (tx) => {
      const familyId = await this.families.createFamily(tx, { name, ...text });
      const run = { familyId, name: 'pretrain', stage: 'pretraining', description: '', hyperparameters: {} } as const;
      return { familyId, trainingRunId: await this.families.createTrainingRun(tx, run) };
    });
  }

  async draft(trainingRunId: string, input: Partial<CreateCheckpointInput> = {}): Promise<Checkpoint> {
    const id = await this.as(this.lab, (tx) =>
      this.publication.create(tx, {
        trainingRunId,
        step: 1,
        tokensSeen: 1000,
        recipe: { method: 'pretraining', learning_rate: 0.02 },
        modelCard: { summary: 'A model.', trainingData: 'None.', intendedUse: 'Specs.', limitations: 'Many.' },
        files: declared(MODEL_FILES),
        ...input,
      }),
    );
    return this.checkpoint(id);
  }

  /** Uploads the files of a draft as whoever publishes it does. */
  async upload(draft: Checkpoint, contents: Record<string, Buffer> = MODEL_FILES): Promise<void> {
    const uploads = await this.uploads(draft);
    for (const { path, url, headers } of uploads) {
      const body = contents[path];
      if (!body) continue;
      const answer = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(body) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    }
  }

  async uploads({ id }: Checkpoint): Promise<FileTransfer[]> {
    const [uploads] = await this.as(this.lab, (tx) => this.transfers.uploads(tx, [id]));
    return uploads!;
  }

  /** As publishCheckpoint and the worker after it do. */
  async publish(checkpointId: string): Promise<Checkpoint> {
    await this.as(this.lab, (tx) => this.publication.publish(tx, checkpointId));
    await this.verification.verify(this.lab.scope, checkpointId);
    return this.checkpoint(checkpointId);
  }

  async published(trainingRunId: string, input: Partial<CreateCheckpointInput> = {}): Promise<Checkpoint> {
    const draft = await this.draft(trainingRunId, input);
    await this.upload(draft);
    return this.publish(draft.id);
  }

  grant(input: Partial<Parameters<EntitlementService['grant']>[1]>): Promise<string> {
    const defaults = { organizationId: this.partner.organizationId, actions: [], clause: 'MSA 4.2' };
    return this.as(this.lab, (tx) => this.entitlements.grant(tx, { ...defaults, ...input }));
  }

  async checkpoint(id: string): Promise<Checkpoint> {
    return (await this.as(this.lab, (tx) => findCheckpoint(tx, id)))!;
  }
}

const connections = ({ urls: { app, relay } }: TestDatabase) => ({ appUrl: app, narrowUrls: { relay } });

const ADAPTER_FILES = ['adapter_config.json', 'adapter_model.safetensors'];

/** What a fine-tune of `owner` from `parent` leaves, whose files have ten bytes each. */
export function outputOf(
  owner: TestOrganization,
  parent: Checkpoint,
  part: Partial<FineTuneOutput> = {},
  paths = ADAPTER_FILES,
): FineTuneOutput {
  const fineTuneJobId = part.fineTuneJobId ?? newId('ftjob');
  const prefix = part.step ? `checkpoints/step-${part.step}` : 'output';
  const { rank, alpha, target_modules, rslora, learning_rate } = SUPERVISED_RECIPE;
  return {
    fineTuneJobId,
    projectId: owner.projectId,
    parentCheckpointId: parent.id,
    datasetVersionId: newId('file'),
    suffix: 'rust',
    step: null,
    recipe: {
      method: 'supervised',
      rank,
      alpha,
      target_modules: target_modules as 'all-linear',
      rslora,
      learning_rate,
    },
    output: {
      attempt: 1,
      keyPrefix: `org/${owner.organizationId}/fine-tune-jobs/${fineTuneJobId}/attempts/1/${prefix}/`,
      folder: {
        prefix,
        manifest_sha256: sha256Hex('marker'),
        manifest: {
          schema_version: 1,
          kind: 'adapter',
          job_id: newId('cjob'),
          attempt: 1,
          step: part.step ?? 188,
          tokenizer_sha256: parent.tokenizerSha256!,
          template_sha256: parent.templateSha256!,
          files: paths.map((path) => ({ path, bytes: 10, sha256: sha256Hex(path + fineTuneJobId) })),
        },
      },
    },
    ...part,
  };
}

/** A whole safetensors file: header length, header, zeros. */
export function safetensors(shapes: Record<string, number[]>): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const end = offset + 4 * shape.reduce((size, length) => size * length, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.byteLength));
  return Buffer.concat([length, text, Buffer.alloc(offset)]);
}

export const SUPERVISED_RECIPE = {
  rank: 16,
  alpha: 32,
  target_modules: 'all-linear',
  dropout: 0,
  rslora: false,
  learning_rate: 0.005,
  scheduler: 'cosine',
  warmup_steps: 0,
  batch_size: 16,
  gradient_accumulation: 1,
  n_epochs: 2,
  weight_decay: 0,
  max_grad_norm: 1,
};

const CONFIG = {
  model_type: 'qwen3',
  hidden_size: 64,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  head_dim: 32,
  intermediate_size: 128,
  vocab_size: 262,
  max_position_embeddings: 512,
  tie_word_embeddings: true,
};

export const MODEL_FILES: Record<string, Buffer> = {
  'config.json': Buffer.from(JSON.stringify(CONFIG)),
  'tokenizer.json': Buffer.from('{"version":"1.0"}'),
  'tokenizer_config.json': Buffer.from('{"eos_token":"<|end|>"}'),
  'chat_template.jinja': Buffer.from('{{ messages }}'),
  'model.safetensors': safetensors({ 'embed.weight': [262, 64], 'norm.weight': [64] }),
  'optimizer/adamw.safetensors': safetensors({ step: [1] }),
};

export function declared(contents: Record<string, Buffer>): CheckpointFile[] {
  return Object.entries(contents).map(([path, body]) => ({
    path,
    part: path.startsWith('optimizer/') ? 'optimizer' : 'weights',
    bytes: body.byteLength,
    sha256: createHash('sha256').update(body).digest('hex'),
  }));
}
