import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pollUntil, uploadFile } from '#libs/client';
import type { BrowsedCheckpoint } from './fork.js';
import { client } from './partner.js';
import { settings } from './settings.js';

/** The lab's checkpoints that the partner may see, from early to latest. */
export async function browse(): Promise<BrowsedCheckpoint[]> {
  const data = await client.query<{ checkpoints: { nodes: BrowsedCheckpoint[] } }>(
    '{ checkpoints(first: 100, kinds: [BASE], statuses: [PUBLISHED], orderBy: STEP) { nodes { id name step tokensSeen loss } } }',
  );
  return data.checkpoints.nodes.toSorted((a, b) => a.step - b.step);
}

export async function uploadTrainingFile(onProgress: (text: string) => void): Promise<string> {
  const name = `ada-to-rust ${new Date().toISOString()}`;
  const input = { projectId: settings.projectId, name };
  const { dataset } = await client.mutate<{ dataset: { id: string } }>('createDataset', input, 'dataset { id }');
  return uploadFile(client, {
    datasetId: dataset.id,
    path: join(settings.data, 'train.jsonl'),
    onProgress: ({ sentBytes, totalBytes }) => onProgress(`${sentBytes} of ${totalBytes} bytes`),
  });
}

interface Preparation {
  id: string;
  status: string;
  report: {
    errorCount: number;
    rows: { read: number; train: number };
    tokens: { train: string; trainTrained: string; longestRow: number };
  } | null;
  errors: { nodes: Array<{ line: number; pointer: string; code: string; message: string; fix: string }> };
  preview: Array<{ pieces: Array<{ text: string; trained: boolean }> }>;
}

const PREPARATION = `id status report { errorCount rows { read train } tokens { train trainTrained longestRow } }
  errors(first: 5) { nodes { line pointer code message fix } } preview { pieces { text trained } }`;

/** Validates the file for a checkpoint by its own tokenizer; a file with errors is an error here, with its first lines. */
export async function validate(
  versionId: string,
  checkpoint: string,
): Promise<Preparation & { report: NonNullable<Preparation['report']> }> {
  const { preparation } = await client.mutate<{ preparation: { id: string } }>(
    'prepareDataset',
    { versionId, checkpoint },
    'preparation { id }',
  );
  const read = async () => {
    const document = `query($id: ID!) { node(id: $id) { ... on Preparation { ${PREPARATION} } } }`;
    return (await client.query<{ node: Preparation }>(document, { id: preparation.id })).node;
  };
  const ended = await pollUntil(read, {
    until: ({ status }) => status !== 'PENDING',
    what: 'the validation of the file',
  });
  if (ended.status === 'READY' && ended.report) return { ...ended, report: ended.report };
  const errors = ended.errors.nodes.map(
    ({ line, pointer, code, message, fix }) => `line ${line} ${pointer} ${code}: ${message} ${fix}`,
  );
  throw new Error(`the file is ${ended.status}: ${errors.join('; ')}`);
}

/** The first row, with what the model learns in brackets. */
export function previewLine({ preview }: Preparation): string {
  const pieces = preview[0]?.pieces ?? [];
  return pieces
    .map(({ text, trained }) => (trained ? `[${text}]` : text))
    .join('')
    .replaceAll('][', '');
}

/** Held-out prompts with their answers, as data. */
export async function createSuite(): Promise<string> {
  const lines = (await readFile(join(settings.data, 'evaluation.jsonl'), 'utf8')).trim().split('\n');
  const input = {
    projectId: settings.projectId,
    name: `ada-to-rust held out ${new Date().toISOString()}`,
    metric: 'EXACT_MATCH',
    maxNewTokens: 110,
    rows: lines.map((line) => JSON.parse(line) as unknown),
  };
  const { suite } = await client.mutate<{ suite: { id: string } }>('createEvaluationSuite', input, 'suite { id }');
  const read = async () => {
    const document = 'query($id: ID!) { node(id: $id) { ... on EvaluationSuite { status problem { message } } } }';
    return (
      await client.query<{ node: { status: string; problem: { message: string } | null } }>(document, { id: suite.id })
    ).node;
  };
  const ended = await pollUntil(read, { until: ({ status }) => status !== 'BUILDING', what: 'the evaluation suite' });
  if (ended.status !== 'READY') throw new Error(`the suite is ${ended.status}: ${ended.problem?.message}`);
  return suite.id;
}

export async function startEvaluation(suiteId: string, checkpoint: string): Promise<string> {
  const { run } = await client.mutate<{ run: { id: string } }>(
    'createEvaluationRun',
    { suiteId, checkpoint },
    'run { id }',
  );
  return run.id;
}

interface Run {
  status: string;
  score: { score: number; examples: number } | null;
  failure: { code: string; message: string } | null;
}

/** The share of exact matches once a run is over. */
export async function scoreOf(runId: string): Promise<number> {
  const read = async () => {
    const document =
      'query($id: ID!) { node(id: $id) { ... on EvaluationRun { status score { score examples } failure { code message } } } }';
    return (await client.query<{ node: Run }>(document, { id: runId })).node;
  };
  const run = await pollUntil(read, {
    until: ({ status }) => !['QUEUED', 'RUNNING'].includes(status),
    what: `evaluation ${runId}`,
  });
  if (run.score) return run.score.score;
  throw new Error(`evaluation ${runId} is ${run.status}: ${run.failure?.message}`);
}
