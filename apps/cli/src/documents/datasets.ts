import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface Dataset {
  id: string;
  name: string;
  description: string;
  projectId: string;
  createdAt: string;
}

export interface DatasetVersion {
  id: string;
  number: number | null;
  filename: string;
  bytes: string;
  sha256: string;
  purpose: string;
  contentEncoding: string;
  status: 'READY' | 'DELETED';
  createdAt: string;
  deletedAt: string | null;
  expiresAt: string | null;
  /** When it is deleted by itself, and by what. */
  keptUntil: { at: string; reason: string } | null;
  /** Where a clause of a contract deleted it. */
  removal: { at: string; reason: string } | null;
  dataset: { id: string; name: string } | null;
}

export interface Preparation {
  id: string;
  status: 'PENDING' | 'READY' | 'INVALID' | 'FAILED';
  policy: { overLong: string; maxTokens: number; validationFraction: number; seed: number };
  report: PreparationReport | null;
  failure: { code: string; message: string } | null;
  checkpoint: { id: string; name: string } | null;
  version: { id: string; filename: string } | null;
}

export interface PreparationReport {
  format: string | null;
  rows: {
    read: number;
    train: number;
    validation: number;
    invalid: number;
    dropped: number;
    truncated: number;
    blankLines: number;
  };
  tokens: {
    train: string;
    trainTrained: string;
    validation: string;
    validationTrained: string;
    removed: string;
    longestRow: number;
  };
  errorCount: number;
  errorCounts: Array<{ code: string; count: number }>;
  overLongCount: number;
  overLongLines: number[];
  lengths: Array<{ upToTokens: number; rows: number }>;
}

export interface DataError {
  source: 'DATASET' | 'VALIDATION';
  line: number;
  pointer: string;
  code: string;
  message: string;
  fix: string;
}

export interface PreviewRow {
  line: number;
  split: 'TRAIN' | 'VALIDATION';
  tokens: number;
  trainedTokens: number;
  truncated: boolean;
  pieces: Array<{ text: string; trained: boolean; special: boolean; tokenIds: number[] }>;
}

const DATASET = 'id name description projectId createdAt';
const VERSION =
  'id number filename bytes sha256 purpose contentEncoding status createdAt deletedAt expiresAt keptUntil { at reason } removal { at reason } dataset { id name }';
const REPORT = `format rows { read train validation invalid dropped truncated blankLines }
  tokens { train trainTrained validation validationTrained removed longestRow }
  errorCount errorCounts { code count } overLongCount overLongLines lengths { upToTokens rows }`;
const PREPARATION = `id status policy { overLong maxTokens validationFraction seed } report { ${REPORT} } failure { code message }
  checkpoint { id name } version { id filename }`;

export const DATASETS = defineOperation<{ datasets: Connection<Dataset> }, Page & { projectId?: string }>(
  `query($first: Int, $after: String, $projectId: ID) { datasets(first: $first, after: $after, projectId: $projectId) {
    nodes { ${DATASET} } ${PAGE_INFO} } }`,
);

export const DATASET_VERSIONS = defineOperation<
  { node: (Dataset & { versions: Connection<DatasetVersion> }) | null },
  Page & { id: string }
>(
  `query($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Dataset {
    ${DATASET} versions(first: $first, after: $after) { nodes { ${VERSION} } ${PAGE_INFO} } } } }`,
);

export const FILES = defineOperation<{ datasetVersions: Connection<DatasetVersion> }, Page & { projectId?: string }>(
  `query($first: Int, $after: String, $projectId: ID) { datasetVersions(first: $first, after: $after, projectId: $projectId) {
    nodes { ${VERSION} } ${PAGE_INFO} } }`,
);

export const CREATE_DATASET = defineMutation<
  { dataset: Dataset },
  { projectId: string; name: string; description?: string }
>('createDataset', `dataset { ${DATASET} }`);

export const DELETE_FILE = defineMutation<{ datasetVersion: DatasetVersion }, { versionId: string }>(
  'deleteDatasetVersion',
  `datasetVersion { ${VERSION} }`,
);

export interface PreparationRequest {
  versionId: string;
  validationVersionId?: string;
  checkpoint: string;
  policy?: { overLong?: string; maxTokens?: number; validationFraction?: number; seed?: number };
}

export const PREPARE = defineMutation<{ preparation: { id: string } }, PreparationRequest>(
  'prepareDataset',
  'preparation { id }',
);

export const PREPARATION_STATUS = defineOperation<{ node: Preparation | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on Preparation { ${PREPARATION} } } }`,
);

export const PREPARATION_ERRORS = defineOperation<
  { node: { errors: Connection<DataError> } | null },
  Page & { id: string }
>(
  `query($id: ID!, $first: Int, $after: String) { node(id: $id) { ... on Preparation {
    errors(first: $first, after: $after) { nodes { source line pointer code message fix } ${PAGE_INFO} } } } }`,
);

export const PREPARATION_PREVIEW = defineOperation<{ node: { preview: PreviewRow[] } | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on Preparation {
    preview { line split tokens trainedTokens truncated pieces { text trained special tokenIds } } } } }`,
);
