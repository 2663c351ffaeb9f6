import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, MONEY, type Money, PAGE_INFO, type Page } from './shared.js';

export interface Recipe {
  method: string;
  parameters: Record<string, unknown>;
}

export interface ListedCheckpoint {
  id: string;
  name: string;
  kind: 'BASE' | 'ADAPTER' | 'MERGED';
  status: string;
  step: number;
  tokensSeen: string;
  loss: number | null;
  contextLength: number | null;
  allowedActions: string[];
  family: { name: string } | null;
  trainingRun: { name: string; stage: string } | null;
}

/** What its use depends on beside entitlements. */
export interface UseTags {
  exportClassification: string | null;
  computeRegions: string[];
}

export interface ShownCheckpoint extends ListedCheckpoint, UseTags {
  license: string;
  parameterCount: string | null;
  createdAt: string;
  publishedAt: string | null;
  retiredAt: string | null;
  retirementReason: string | null;
  manifestSha256: string | null;
  tokenizerSha256: string | null;
  templateSha256: string | null;
  parent: { id: string; name: string } | null;
  base: ({ id: string; name: string } & UseTags) | null;
  recipe: Recipe;
  adapter: { rank: number; alpha: number; targetModules: string[]; rslora: boolean } | null;
  modelCard: { summary: string; intendedUse: string; limitations: string; trainingData: string };
  evaluations: Array<{
    name: string;
    metric: string;
    value: number;
    standardError: number | null;
    examples: number | null;
  }>;
  prices: Array<{ meter: string; perUnits: string; price: Money }>;
}

export interface LineageCheckpoint {
  id: string;
  name: string;
  kind: ListedCheckpoint['kind'];
  status: string;
  step: number;
  loss: number | null;
  parent: { id: string } | null;
  /** How it was made from its parent, or from nothing. */
  recipe: Recipe;
}

export interface ModelFamily {
  id: string;
  name: string;
  displayName: string;
  description: string;
  license: string;
  maxLoraRank: number;
  recipes: Array<{ method: string; version: number; hyperparameters: Record<string, unknown>; notes: string }>;
}

export interface CheckpointFilter {
  familyId?: string;
  kinds?: string[];
  statuses?: string[];
  stage?: string;
  own: boolean;
  projectId?: string;
  minimumStep?: number;
  maximumStep?: number;
  namePrefix?: string;
  baseCheckpointId?: string;
  orderBy: string;
}

const LISTED = `id name kind status step tokensSeen loss contextLength allowedActions family { name } trainingRun { name stage }`;
const TAGS = 'exportClassification computeRegions';
const IN_LINEAGE = 'id name kind status step loss parent { id } recipe { method parameters }';

export const CHECKPOINTS = defineOperation<{ checkpoints: Connection<ListedCheckpoint> }, Page & CheckpointFilter>(
  `query($first: Int, $after: String, $familyId: ID, $kinds: [CheckpointKind!], $statuses: [CheckpointStatus!], $stage: TrainingStage,
     $own: Boolean!, $projectId: ID, $minimumStep: Int, $maximumStep: Int, $namePrefix: String, $baseCheckpointId: ID, $orderBy: CheckpointOrder!) {
    checkpoints(first: $first, after: $after, familyId: $familyId, kinds: $kinds, statuses: $statuses, stage: $stage, own: $own,
      projectId: $projectId, minimumStep: $minimumStep, maximumStep: $maximumStep, namePrefix: $namePrefix,
      baseCheckpointId: $baseCheckpointId, orderBy: $orderBy) { nodes { ${LISTED} } ${PAGE_INFO} }
  }`,
);

export const CHECKPOINT = defineOperation<{ checkpoint: ShownCheckpoint | null }, { model: string }>(
  `query($model: String!) { checkpoint(model: $model) {
    ${LISTED} license parameterCount createdAt publishedAt retiredAt retirementReason manifestSha256 tokenizerSha256 templateSha256
    ${TAGS} parent { id name } base { id name ${TAGS} } recipe { method parameters } adapter { rank alpha targetModules rslora }
    modelCard { summary intendedUse limitations trainingData }
    evaluations { name metric value standardError examples } prices { meter perUnits price ${MONEY} }
  } }`,
);

export const LINEAGE = defineOperation<
  {
    checkpoint:
      | (LineageCheckpoint & {
          ancestors: Array<{ parent: LineageCheckpoint | null }>;
          descendants: Connection<{ child: LineageCheckpoint | null }>;
        })
      | null;
  },
  Page & { model: string }
>(
  `query($model: String!, $first: Int, $after: String) { checkpoint(model: $model) {
    ${IN_LINEAGE} ancestors { parent { ${IN_LINEAGE} } }
    descendants(first: $first, after: $after) { nodes { child { ${IN_LINEAGE} } } ${PAGE_INFO} } } }`,
);

export const FAMILIES = defineOperation<{ modelFamilies: Connection<ModelFamily> }, Page>(
  `query($first: Int, $after: String) { modelFamilies(first: $first, after: $after) {
    nodes { id name displayName description license maxLoraRank recipes { method version hyperparameters notes } } ${PAGE_INFO} } }`,
);

export const SET_USE_TAGS = defineMutation<
  { checkpoint: UseTags },
  { checkpointId: string; exportClassification?: string; computeRegions?: string[] }
>('setCheckpointUseTags', `checkpoint { ${TAGS} }`);

export const DELETE_VARIANT = defineMutation<
  { checkpoint: { id: string; name: string; status: string; removal: { at: string; reason: string } } },
  { checkpointId: string }
>('deleteVariant', 'checkpoint { id name status removal { at reason } }');
