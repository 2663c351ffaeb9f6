import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { ComputeOutput, SftLora } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { CATALOG_ERRORS } from './catalog.errors.js';
import type { AdapterShape, Checkpoint, EdgeRecipe, ModelCard, PublishedCheckpoint } from './checkpoint.js';
import { findCheckpoint, findCheckpoints, getPublished } from './checkpoint.repository.js';
import { insertFiles } from './checkpoint-files.repository.js';
import { ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE, type CheckpointFile, manifestSha256 } from './manifest.js';
import { assertSuffix, shortOf, variantName } from './names.js';
import { resolveTargets } from './servability.js';

/** What a fine-tune job made: an adapter, final or intermediate, whose bytes compute has read back. */
export interface FineTuneOutput {
  fineTuneJobId: string;
  projectId: string;
  parentCheckpointId: string;
  datasetVersionId: string;
  suffix: string | null;
  /** Of an intermediate checkpoint; null for the final one. */
  step: number | null;
  /** All that was in force; the shape of the adapter is read from it. */
  recipe: EdgeRecipe & Pick<SftLora, 'rank' | 'alpha' | 'target_modules' | 'rslora'>;
  output: ComputeOutput;
  /** Tokens that training read up to here. */
  tokensSeen?: number;
  loss?: number | null;
}

/** Turns what jobs made into checkpoints: published at once, since everything about them is known and verified. */
@Injectable()
export class OutputService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * A variant in the lineage. Registering the same step of a job again gives the checkpoint that is there: what was registered first
   * stands, also if a later attempt wrote the step anew. The bytes stay where the job put them.
   */
  async register(tx: Transaction, made: FineTuneOutput): Promise<Checkpoint> {
    const parent = await getPublished(tx, made.parentCheckpointId);
    const base = parent.baseCheckpointId === parent.id ? parent : await getPublished(tx, parent.baseCheckpointId);
    assertSuffix(made.suffix);
    const name = await this.nameOf(tx, made, base);
    const known = await findCheckpoint(tx, name);
    if (known?.fineTuneJobId === made.fineTuneJobId) return known;
    assertSameAsBase(made.output, base);
    const files = filesOf(made.output, this.clock.now());
    const id = newId('ckpt');
    if (!(await this.insert(tx, { id, name, made, base, files }))) {
      // Another handler was faster, and its transaction has committed while this one waited for the name.
      const registered = await findCheckpoint(tx, name);
      if (registered?.fineTuneJobId === made.fineTuneJobId) return registered;
      throw CATALOG_ERRORS.MODEL_NAME_TAKEN({ name });
    }
    await insertFiles(tx, id, files);
    await tx.query(
      `UPDATE checkpoints SET status = 'published', published_at = $2 WHERE id = $1 AND organization_id = :organization`,
      [id, this.clock.now()],
    );
    return (await findCheckpoint(tx, id)) as Checkpoint;
  }

  /** Whether the scope's organization sees all of these: what is registered stands on its parent and base. */
  async sees(tx: Transaction, checkpointIds: readonly string[]): Promise<boolean> {
    const ids = new Set(checkpointIds);
    return (await findCheckpoints(tx, [...ids])).length === ids.size;
  }

  private async nameOf(tx: Transaction, made: FineTuneOutput, base: PublishedCheckpoint): Promise<string> {
    const organization = await tx.one<{ slug: string }>('SELECT slug FROM organizations WHERE id = :organization');
    return variantName({
      baseName: base.name,
      organizationSlug: organization!.slug,
      suffix: made.suffix,
      short: shortOf(made.fineTuneJobId),
      step: made.step,
    });
  }

  /** False where the name is taken. */
  private async insert(
    tx: Transaction,
    {
      id,
      name,
      made,
      base,
      files,
    }: { id: string; name: string; made: FineTuneOutput; base: PublishedCheckpoint; files: OutputFile[] },
  ): Promise<boolean> {
    const rows = await tx.query(
      `INSERT INTO checkpoints (id, organization_id, project_id, family_id, name, kind, status, parent_checkpoint_id, recipe,
         base_checkpoint_id, step, tokens_seen, loss, license, model_card, manifest_sha256, optimizer_manifest_sha256, tokenizer_sha256,
         template_sha256, architecture_sha256, architecture, adapter, context_length, fine_tune_job_id, dataset_version_id, created_by,
         created_at)
       VALUES ($1, $2, $3, $4, $5, 'adapter', 'verifying', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
         $22, $23, $24, $25)
       ON CONFLICT (name) DO NOTHING RETURNING id`,
      [
        id,
        tx.scope.organizationId,
        made.projectId,
        base.familyId,
        name,
        made.parentCheckpointId,
        JSON.stringify(made.recipe),
        base.id,
        made.step ?? made.output.folder.manifest.step ?? 0,
        made.tokensSeen ?? 0,
        made.loss ?? null,
        base.license,
        JSON.stringify(cardOf(made, base)),
        manifestSha256(files, 'weights'),
        manifestSha256(files, 'optimizer'),
        base.tokenizerSha256,
        base.templateSha256,
        base.architectureSha256,
        JSON.stringify(base.architecture),
        JSON.stringify(shapeOf(made, base)),
        base.contextLength,
        made.fineTuneJobId,
        made.datasetVersionId,
        tx.scope.actor.id,
        this.clock.now(),
      ],
    );
    return rows.length > 0;
  }
}

type OutputFile = CheckpointFile & { key: string; verifiedAt: Date };

/** Where the trainer keeps what it goes on from: optimizer, scheduler, random states. */
const RESUME_FOLDER = 'resume/';

function filesOf({ keyPrefix, folder }: ComputeOutput, verifiedAt: Date): OutputFile[] {
  const files = folder.manifest.files.map(({ path, bytes, sha256 }) => ({
    path,
    bytes,
    sha256,
    key: `${keyPrefix}${path}`,
    part: path.startsWith(RESUME_FOLDER) ? ('optimizer' as const) : ('weights' as const),
    verifiedAt,
  }));
  for (const path of [ADAPTER_CONFIG_FILE, ADAPTER_WEIGHTS_FILE])
    if (!files.some((file) => file.path === path)) throw CATALOG_ERRORS.OUTPUT_INCOMPLETE({ path });
  return files;
}

/** What was trained with is what it will be served with. */
function assertSameAsBase({ folder: { manifest } }: ComputeOutput, base: PublishedCheckpoint): void {
  if (manifest.tokenizer_sha256 !== base.tokenizerSha256)
    throw CATALOG_ERRORS.OUTPUT_DIFFERS_FROM_BASE({ what: 'tokenizer' });
  if ((manifest.template_sha256 ?? null) !== base.templateSha256)
    throw CATALOG_ERRORS.OUTPUT_DIFFERS_FROM_BASE({ what: 'chat template' });
}

function shapeOf({ recipe }: FineTuneOutput, base: PublishedCheckpoint): AdapterShape {
  const { rank, alpha, rslora } = recipe;
  return { rank, alpha, rslora, targetModules: [...resolveTargets(base.architecture, recipe.target_modules)].sort() };
}

function cardOf({ recipe, step }: FineTuneOutput, base: PublishedCheckpoint): ModelCard {
  return {
    summary: `${step === null ? 'Adapter' : 'Intermediate adapter'} on ${base.name}, by ${recipe.method} fine-tuning.`,
    trainingData: "The organization's own dataset version.",
    intendedUse: "The organization's own.",
    limitations: base.modelCard.limitations,
  };
}
