import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type GraphqlClient, pollUntil } from '#libs/client';
import { filesOf, type Lineage, type LineageCheckpoint, type LocalFile } from './lineage-folder.js';
import { say } from './say.js';

/** The run's part of checkpoint names, and what the API calls its stage. */
const RUN = { name: 'pretrain', stage: 'PRETRAINING' };

/** What `auto` stands for: measured best on the demonstration's fine-tune. */
const SUPERVISED_RECIPE = {
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

/**
 * Until jobs of its own tell a partner more, fine-tunes are expected to be so fast beside pretraining on the same machine: rows are
 * short and padded, and each core has a job. 0.52 was measured on two cores.
 */
const FINE_TUNING_PACE = 0.5;

interface Node {
  id: string;
  name: string;
}

interface PublishedCheckpoint extends Node {
  status: 'DRAFT' | 'VERIFYING' | 'PUBLISHED' | 'RETIRED';
  publicationProblems: Array<{ path: string; problem: string }>;
  files: Array<{ path: string; sha256: string }>;
}

const CHECKPOINT = 'id name status publicationProblems { path problem } files { path sha256 }';

/** Family, run, checkpoints with their files and figures, recommended recipe: what is there already is left as it is. */
export async function publishLineage(
  operator: GraphqlClient,
  lineage: Lineage,
  folder: string,
): Promise<{ familyId: string; checkpoints: Node[] }> {
  const familyId = await ensureFamily(operator, lineage);
  const trainingRunId = await ensureRun(operator, familyId, lineage);
  const checkpoints: Node[] = [];
  for (const checkpoint of lineage.checkpoints) {
    const files = await filesOf(join(folder, checkpoint.folder));
    const parentCheckpointId = checkpoints.at(-1)?.id;
    const published = await ensureCheckpoint(operator, {
      checkpoint,
      files,
      trainingRunId,
      parentCheckpointId,
      lineage,
    });
    await attachProbes(operator, published.id, checkpoint);
    await attachSamples(operator, published.id, checkpoint);
    checkpoints.push({ id: published.id, name: published.name });
  }
  await ensureRecipe(operator, familyId, lineage);
  return { familyId, checkpoints };
}

async function ensureFamily(operator: GraphqlClient, { family, checkpoints }: Lineage): Promise<string> {
  const { modelFamilies } = await operator.query<{ modelFamilies: { nodes: Node[] } }>(
    '{ modelFamilies(first: 100) { nodes { id name } } }',
  );
  const known = modelFamilies.nodes.find(({ name }) => name === family);
  if (known) return known.id;
  const input = {
    name: family,
    displayName: 'Forge 1',
    description:
      'A small language model that reads and writes declarations in Ada, C and Rust. It shows what the fork point of a fine-tune decides.',
    license: checkpoints[0]!.license,
  };
  const payload = await operator.mutate<{ family: Node }>('createModelFamily', input, 'family { id }');
  return payload.family.id;
}

async function ensureRun(operator: GraphqlClient, familyId: string, lineage: Lineage): Promise<string> {
  const { trainingRuns } = await operator.query<{ trainingRuns: { nodes: Node[] } }>(
    'query($familyId: ID!) { trainingRuns(familyId: $familyId, first: 100) { nodes { id name } } }',
    { familyId },
  );
  const known = trainingRuns.nodes.find(({ name }) => name === RUN.name);
  if (known) return known.id;
  const { checkpoints, recipe } = lineage;
  const description = `${recipe.tokens.toLocaleString('en-US')} tokens in ${checkpoints.at(-1)!.total_steps} steps.`;
  const input = { familyId, ...RUN, description, hyperparameters: recipe };
  const payload = await operator.mutate<{ trainingRun: Node }>('createTrainingRun', input, 'trainingRun { id }');
  return payload.trainingRun.id;
}

interface EnsureCheckpoint {
  checkpoint: LineageCheckpoint;
  files: LocalFile[];
  trainingRunId: string;
  parentCheckpointId: string | undefined;
  lineage: Lineage;
}

async function ensureCheckpoint(operator: GraphqlClient, wanted: EnsureCheckpoint): Promise<PublishedCheckpoint> {
  const { name } = wanted.checkpoint;
  let known = await readCheckpoint(operator, name);
  if (known && !isSame(known, wanted.files)) {
    if (known.status !== 'DRAFT')
      throw new Error(
        `${name} is published with other files than the lineage's folder holds, and what is published does not change. Use the folder it was published from, or an empty home (FORKPOINT_HOME).`,
      );
    await operator.mutate('discardCheckpoint', { checkpointId: known.id }, 'discardedCheckpointId');
    known = null;
  }
  if (known?.status === 'PUBLISHED' || known?.status === 'RETIRED') return known;
  say(`publishing ${name}`);
  const draft = known ?? (await createDraft(operator, wanted));
  if (draft.status === 'DRAFT') {
    await upload(operator, draft.id, wanted.files);
    await operator.mutate('publishCheckpoint', { checkpointId: draft.id }, 'checkpoint { id }');
  }
  const ended = await pollUntil(() => readCheckpoint(operator, name), {
    until: (checkpoint) => checkpoint?.status !== 'VERIFYING',
    what: `the verification of ${name}`,
  });
  if (ended?.status === 'PUBLISHED') return ended;
  throw new Error(`${name} was not published: ${JSON.stringify(ended?.publicationProblems)}`);
}

async function readCheckpoint(operator: GraphqlClient, name: string): Promise<PublishedCheckpoint | null> {
  const query = `query($model: String!) { checkpoint(model: $model) { ${CHECKPOINT} } }`;
  return (await operator.query<{ checkpoint: PublishedCheckpoint | null }>(query, { model: name })).checkpoint;
}

function isSame(known: PublishedCheckpoint, files: readonly LocalFile[]): boolean {
  const list = (all: ReadonlyArray<{ path: string; sha256: string }>) =>
    all.map(({ path, sha256 }) => `${path} ${sha256}`);
  return isDeepStrictEqual(list(known.files).sort(), list(files).sort());
}

async function createDraft(operator: GraphqlClient, wanted: EnsureCheckpoint): Promise<PublishedCheckpoint> {
  const { checkpoint, files, trainingRunId, parentCheckpointId, lineage } = wanted;
  const share = Math.round((100 * checkpoint.step) / checkpoint.total_steps);
  const input = {
    trainingRunId,
    parentCheckpointId,
    step: checkpoint.step,
    tokensSeen: String(checkpoint.tokens_seen),
    loss: checkpoint.loss,
    license: checkpoint.license,
    recipe: { method: 'pretraining', parameters: lineage.recipe },
    modelCard: {
      summary: `${lineage.family} after ${share}% of its pretraining.`,
      trainingData: checkpoint.data,
      intendedUse: 'A base to fine-tune for conversions between Ada, C and Rust declarations.',
      limitations: 'It knows nothing but short declarations; early checkpoints do not copy identifiers yet.',
    },
    files: files.map(({ path, part, bytes, sha256 }) => ({ path, part, bytes: String(bytes), sha256 })),
  };
  const selection = `checkpoint { ${CHECKPOINT} }`;
  const payload = await operator.mutate<{ checkpoint: PublishedCheckpoint }>('createCheckpoint', input, selection);
  return payload.checkpoint;
}

/** The bytes go straight to the object store. */
export async function upload(
  operator: GraphqlClient,
  checkpointId: string,
  files: readonly LocalFile[],
): Promise<void> {
  type Upload = { path: string; method: string; url: string; headers: Record<string, string> };
  const { checkpoint } = await operator.query<{ checkpoint: { pendingUploads: Upload[] } }>(
    'query($model: String!) { checkpoint(model: $model) { pendingUploads { path method url headers } } }',
    { model: checkpointId },
  );
  for (const { path, method, url, headers } of checkpoint.pendingUploads) {
    // Read as it is sent: shards may be larger than memory.
    const body = await openAsBlob(files.find((file) => file.path === path)!.localPath);
    const answer = await fetch(url, { method, headers, body });
    if (!answer.ok) throw new Error(`the object store refused ${path} (${answer.status}): ${await answer.text()}`);
  }
}

/** What the lineage's own program measured on each checkpoint. Attaching the same again changes nothing. */
async function attachProbes(
  operator: GraphqlClient,
  checkpointId: string,
  { probes }: LineageCheckpoint,
): Promise<void> {
  const figures: Record<string, string> = {
    ada_to_c_exact: 'ada-to-c',
    ada_to_c_exact_held_out_words: 'ada-to-c, held-out words',
  };
  const evaluations = Object.entries(probes).map(([probe, value]) => ({
    name: figures[probe] ?? probe,
    metric: 'exact_match',
    value,
    source: 'forkpoint_trainer.lineage, greedy, at the time of training',
  }));
  const query = 'query($model: String!) { checkpoint(model: $model) { evaluations { id } } }';
  const { checkpoint } = await operator.query<{ checkpoint: { evaluations: Node[] } }>(query, { model: checkpointId });
  if (checkpoint.evaluations.length >= evaluations.length) return;
  await operator.mutate('attachEvaluations', { checkpointId, evaluations }, 'checkpoint { id }');
}

async function attachSamples(
  operator: GraphqlClient,
  checkpointId: string,
  { samples }: LineageCheckpoint,
): Promise<void> {
  const query = 'query($model: String!) { checkpoint(model: $model) { samples { prompt } } }';
  const { checkpoint } = await operator.query<{ checkpoint: { samples: unknown[] } }>(query, { model: checkpointId });
  if (checkpoint.samples.length >= samples.length) return;
  const source = 'forkpoint_trainer.lineage, greedy, at the time of training';
  const input = { checkpointId, samples: samples.map((sample) => ({ ...sample, source })) };
  await operator.mutate('attachSamples', input, 'checkpoint { id }');
}

async function ensureRecipe(operator: GraphqlClient, familyId: string, { checkpoints }: Lineage): Promise<void> {
  type Recipe = { method: string; hyperparameters: unknown };
  const { node } = await operator.query<{ node: { recipes: Recipe[] } }>(
    'query($id: ID!) { node(id: $id) { ... on ModelFamily { recipes { method hyperparameters } } } }',
    { id: familyId },
  );
  const known = node.recipes.find(({ method }) => method === 'SUPERVISED');
  const pace = Math.round(FINE_TUNING_PACE * checkpoints.at(-1)!.tokens_per_second);
  const hyperparameters = { ...SUPERVISED_RECIPE, tokens_per_second: pace };
  if (isDeepStrictEqual(known?.hyperparameters, hyperparameters)) return;
  say('publishing the recommended recipe');
  const notes = 'Ada to Rust, 1,500 pairs: 94% exact on held-out prompts from the last checkpoint.';
  const input = { familyId, method: 'SUPERVISED', hyperparameters, notes };
  await operator.mutate('publishRecipe', input, 'recipe { id }');
}
