import { contentRemoved, type EntitlementSubject, type Removal } from '#libs/contracts';
import type { Architecture } from './architecture.js';
import type { CheckpointStatus } from './checkpoint.state.js';
import type { CheckpointFile } from './manifest.js';

export type CheckpointKind = 'base' | 'adapter' | 'merged';

/**
 * How a checkpoint was made from its parent, or from nothing: the method, such as `pretraining` or `supervised`, and every value that
 * was in force, as the trainer got it.
 */
export interface EdgeRecipe {
  method: string;
  [parameter: string]: unknown;
}

/** What the lab says of a checkpoint; figures, hashes and evaluations are the checkpoint's own. */
export interface ModelCard {
  summary: string;
  trainingData: string;
  intendedUse: string;
  limitations: string;
}

/** The shape of an adapter's matrices: training it on keeps it. */
export interface AdapterShape {
  rank: number;
  alpha: number;
  targetModules: string[];
  rslora: boolean;
}

export interface PublicationProblem {
  path: string;
  problem: string;
}

/** The one kind of model artifact: base, intermediate, adapter or merged. Immutable once it is published. */
export interface Checkpoint {
  id: string;
  organizationId: string;
  /** Of a partner's variant. */
  projectId: string | null;
  familyId: string;
  trainingRunId: string | null;
  name: string;
  kind: CheckpointKind;
  status: CheckpointStatus;
  parentCheckpointId: string | null;
  recipe: EdgeRecipe;
  /** What an engine loads to serve it: itself, or for an adapter the base below it. */
  baseCheckpointId: string;
  step: number;
  tokensSeen: number;
  loss: number | null;
  license: string;
  /** How the lab marked it, for export control; of an adapter its base's counts, and its own is null. */
  exportClassification: string | null;
  /** Where alone it may be computed with; none: anywhere. */
  computeRegions: string[];
  modelCard: ModelCard;
  publicationProblems: PublicationProblem[];
  manifestSha256: string | null;
  optimizerManifestSha256: string | null;
  /** Hashes of tokenizer.json and chat_template.jinja: what it is trained with is what it is served with. */
  tokenizerSha256: string | null;
  templateSha256: string | null;
  architectureSha256: string | null;
  architecture: Architecture | null;
  adapter: AdapterShape | null;
  contextLength: number | null;
  parameterCount: number | null;
  fineTuneJobId: string | null;
  datasetVersionId: string | null;
  createdAt: Date;
  publishedAt: Date | null;
  retiredAt: Date | null;
  retirementReason: string | null;
  /** Where its files were removed: by its owner, or by a clause of its owner's contract. */
  removal: Removal | null;
}

/** What everything published has. */
export type PublishedCheckpoint = Checkpoint & {
  manifestSha256: string;
  tokenizerSha256: string;
  architectureSha256: string;
  architecture: Architecture;
  contextLength: number;
  publishedAt: Date;
};

export function isPublished(checkpoint: Checkpoint): checkpoint is PublishedCheckpoint {
  return checkpoint.status === 'published' || checkpoint.status === 'retired';
}

/** Refuses whoever asks for files that are gone; it says by what, and when. */
export function assertFilesThere({ name, removal }: Pick<Checkpoint, 'name' | 'removal'>): void {
  if (removal) throw contentRemoved(name, removal);
}

/** What an organization has to be entitled to for using a checkpoint: the lab's below an own one, a variant of another partner itself. */
export function entitlementSubjectOf(
  {
    id,
    organizationId,
    projectId,
    familyId,
    baseCheckpointId,
  }: Pick<Checkpoint, 'id' | 'organizationId' | 'projectId' | 'familyId' | 'baseCheckpointId'>,
  userOrganizationId: string,
): EntitlementSubject {
  const isListed = projectId !== null && organizationId !== userOrganizationId;
  return isListed ? { familyId, checkpointId: id, isListed } : { familyId, checkpointId: baseCheckpointId };
}

export interface StoredCheckpointFile extends CheckpointFile {
  checkpointId: string;
  /** Where in the object store. */
  key: string;
  verifiedAt: Date | null;
}

export interface CheckpointRow {
  id: string;
  organization_id: string;
  project_id: string | null;
  family_id: string;
  training_run_id: string | null;
  name: string;
  kind: CheckpointKind;
  status: CheckpointStatus;
  parent_checkpoint_id: string | null;
  recipe: EdgeRecipe;
  base_checkpoint_id: string;
  step: number;
  tokens_seen: string;
  loss: number | null;
  license: string;
  export_classification: string | null;
  compute_regions: string[];
  model_card: ModelCard;
  publication_problems: PublicationProblem[];
  manifest_sha256: string | null;
  optimizer_manifest_sha256: string | null;
  tokenizer_sha256: string | null;
  template_sha256: string | null;
  architecture_sha256: string | null;
  architecture: Architecture | null;
  adapter: AdapterShape | null;
  context_length: number | null;
  parameter_count: string | null;
  fine_tune_job_id: string | null;
  dataset_version_id: string | null;
  created_at: Date;
  published_at: Date | null;
  retired_at: Date | null;
  retirement_reason: string | null;
  removal: Removal | null;
}

export function toCheckpoint(row: CheckpointRow): Checkpoint {
  return {
    id: row.id,
    organizationId: row.organization_id,
    projectId: row.project_id,
    familyId: row.family_id,
    trainingRunId: row.training_run_id,
    name: row.name,
    kind: row.kind,
    status: row.status,
    parentCheckpointId: row.parent_checkpoint_id,
    recipe: row.recipe,
    baseCheckpointId: row.base_checkpoint_id,
    step: row.step,
    tokensSeen: Number(row.tokens_seen),
    loss: row.loss,
    license: row.license,
    exportClassification: row.export_classification,
    computeRegions: row.compute_regions,
    modelCard: row.model_card,
    publicationProblems: row.publication_problems,
    manifestSha256: row.manifest_sha256,
    optimizerManifestSha256: row.optimizer_manifest_sha256,
    tokenizerSha256: row.tokenizer_sha256,
    templateSha256: row.template_sha256,
    architectureSha256: row.architecture_sha256,
    architecture: row.architecture,
    adapter: row.adapter,
    contextLength: row.context_length,
    parameterCount: row.parameter_count === null ? null : Number(row.parameter_count),
    fineTuneJobId: row.fine_tune_job_id,
    datasetVersionId: row.dataset_version_id,
    createdAt: row.created_at,
    publishedAt: row.published_at,
    retiredAt: row.retired_at,
    retirementReason: row.retirement_reason,
    removal: row.removal,
  };
}
