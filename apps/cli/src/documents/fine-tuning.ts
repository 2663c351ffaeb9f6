import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, MONEY, type Money, PAGE_INFO, type Page } from './shared.js';

export type JobStatus = 'VALIDATING_FILES' | 'QUEUED' | 'RUNNING' | 'PAUSED' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

export interface Job {
  id: string;
  status: JobStatus;
  suffix: string | null;
  outputName: string | null;
  parent: { id: string; name: string } | null;
  checkpoint: { id: string; name: string } | null;
  plannedSteps: number | null;
  plannedTokens: string | null;
  trainedTokens: string | null;
  hardCap: Money | null;
  cost: Money | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  error: { code: string; message: string; param: string | null } | null;
  progress: { stage: string; step: number; totalSteps: number; tokens: string; secondsLeft: number | null } | null;
}

export interface ShownJob extends Job {
  method: string;
  seed: number;
  recipe: Record<string, unknown> | null;
  requested: unknown;
  metadata: Record<string, string>;
  estimatedSeconds: number | null;
  trainingFile: { id: string; filename: string } | null;
  validationFile: { id: string; filename: string } | null;
  preparation: { id: string; status: string } | null;
  attempts: Array<{
    number: number;
    resumedFromStep: number | null;
    outcome: string | null;
    startedAt: string | null;
    endedAt: string | null;
  }>;
}

export interface JobEvent {
  sequence: number;
  attempt: number | null;
  type: string;
  level: string;
  message: string;
  createdAt: string;
}

export interface MetricPoint {
  name: string;
  step: number;
  value: number;
  epoch: number | null;
  attempt: number;
  sequence: number;
}

export interface LogChunk {
  attempt: number;
  offset: number;
  nextOffset: number;
  text: string;
  complete: boolean;
}

export interface Quote {
  ready: boolean;
  steps: number | null;
  tokens: string | null;
  estimatedSeconds: number | null;
  price: Money | null;
  hardCap: Money | null;
  recipe: Record<string, unknown> | null;
}

/** What is asked of a job; what is left out comes from the family's recommended recipe. */
export interface JobRequest {
  projectId: string;
  model: string;
  trainingFileId: string;
  validationFileId?: string;
  suffix?: string;
  seed?: number;
  hyperparameters?: Record<string, unknown>;
  dataPolicy?: { overLong?: string; maxTokens?: number; validationFraction?: number };
}

const JOB = `id status suffix outputName parent { id name } checkpoint { id name } plannedSteps plannedTokens trainedTokens
  hardCap ${MONEY} cost ${MONEY} createdAt startedAt finishedAt error { code message param }
  progress { stage step totalSteps tokens secondsLeft }`;
const SHOWN_JOB = `${JOB} method seed recipe requested metadata estimatedSeconds trainingFile { id filename }
  validationFile { id filename } preparation { id status } attempts { number resumedFromStep outcome startedAt endedAt }`;
const POINT = 'name step value epoch attempt sequence';

export const QUOTE = defineOperation<{ fineTuneQuote: Quote }, { input: JobRequest }>(
  `query($input: FineTuneQuoteInput!) { fineTuneQuote(input: $input) {
    ready steps tokens estimatedSeconds price ${MONEY} hardCap ${MONEY} recipe } }`,
);

export const CREATE_JOB = defineMutation<
  { fineTuneJob: Job },
  JobRequest & { metadata?: Record<string, string>; costCapNanos?: string }
>('createFineTuneJob', `fineTuneJob { ${JOB} }`);

const move = (field: string) =>
  defineMutation<{ fineTuneJob: Job }, { fineTuneJobId: string }>(field, `fineTuneJob { ${JOB} }`, 'FineTuneJobInput');
export const CANCEL_JOB = move('cancelFineTuneJob');
export const PAUSE_JOB = move('pauseFineTuneJob');
export const RESUME_JOB = move('resumeFineTuneJob');

export const JOBS = defineOperation<
  { fineTuneJobs: Connection<Job> },
  Page & { projectId?: string; status?: string[]; model?: string }
>(
  `query($first: Int, $after: String, $projectId: ID, $status: [FineTuneJobStatus!], $model: String) {
    fineTuneJobs(first: $first, after: $after, projectId: $projectId, status: $status, model: $model) { nodes { ${JOB} } ${PAGE_INFO} } }`,
);

export const SHOW_JOB = defineOperation<{ node: ShownJob | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on FineTuneJob { ${SHOWN_JOB} } } }`,
);

/** What is new about a job after a number, which events and metrics share. */
export const JOB_NEWS = defineOperation<
  { node: (Job & { events: JobEvent[]; metrics: MetricPoint[] }) | null },
  { id: string; after: number; most: number }
>(
  `query($id: ID!, $after: Int!, $most: Int!) { node(id: $id) { ... on FineTuneJob {
    ${JOB} events(after: $after, first: $most) { sequence attempt type level message createdAt }
    metrics(after: $after, first: $most) { ${POINT} } } } }`,
);

/** Says that there is something new. */
export const JOB_UPDATES = defineOperation<
  { fineTuneJobUpdates: { sequence: number } },
  { fineTuneJobId: string; after: number }
>(
  `subscription($fineTuneJobId: ID!, $after: Int) {
    fineTuneJobUpdates(fineTuneJobId: $fineTuneJobId, after: $after) { sequence } }`,
);

export const JOB_METRICS = defineOperation<
  { node: { metricSeries: MetricPoint[] } | null },
  { id: string; names?: string[] }
>(
  `query($id: ID!, $names: [String!]) { node(id: $id) { ... on FineTuneJob { metricSeries(names: $names) { ${POINT} } } } }`,
);

export const JOB_ATTEMPTS = defineOperation<
  { node: { status: JobStatus; attempts: Array<{ number: number }> } | null },
  { id: string }
>('query($id: ID!) { node(id: $id) { ... on FineTuneJob { status attempts { number } } } }');

export const JOB_LOG = defineOperation<
  { node: { log: LogChunk | null } | null },
  { id: string; attempt: number; offset: number }
>(
  `query($id: ID!, $attempt: Int!, $offset: Int!) { node(id: $id) { ... on FineTuneJob {
    log(attempt: $attempt, offset: $offset) { attempt offset nextOffset text complete } } } }`,
);
