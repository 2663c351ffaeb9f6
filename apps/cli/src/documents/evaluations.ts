import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, MONEY, type Money, PAGE_INFO, type Page } from './shared.js';

export interface Suite {
  id: string;
  name: string;
  description: string;
  metric: string;
  status: 'BUILDING' | 'READY' | 'INVALID';
  rowCount: number | null;
  maxNewTokens: number;
  projectId: string;
  createdAt: string;
  problem: { code: string; message: string } | null;
}

export interface Run {
  id: string;
  status: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  checkpointName: string;
  suite: { id: string; name: string } | null;
  score: {
    metric: string;
    score: number;
    standardError: number;
    examples: number;
    cut: number;
    meanLoss: number;
    seconds: number;
    promptTokens: string;
    outputTokens: string;
  } | null;
  evaluationTokens: string | null;
  cost: Money | null;
  failure: { code: string; message: string } | null;
  progress: { stage: string; step: number; totalSteps: number } | null;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
}

export interface RunResult {
  example: number;
  prompt: string;
  expected: string;
  output: string | null;
  score: number;
  loss: number;
  outputTokens: number;
  cut: boolean;
}

export interface SuiteRow {
  prompt?: string;
  messages?: Array<{ role: string; content: string }>;
  expected: string;
}

export interface Comparison {
  examples: number;
  wins: number;
  losses: number;
  ties: number;
  meanDifference: number;
  standardError: number;
  signTestP: number;
  baseline: Run | null;
  candidate: Run | null;
}

export interface ComparedExample {
  example: number;
  prompt: string;
  expected: string;
  baselineOutput: string | null;
  candidateOutput: string | null;
  baselineScore: number;
  candidateScore: number;
  outcome: 'WIN' | 'LOSS' | 'TIE';
}

const SUITE = 'id name description metric status rowCount maxNewTokens projectId createdAt problem { code message }';
const RUN = `id status checkpointName suite { id name }
  score { metric score standardError examples cut meanLoss seconds promptTokens outputTokens } evaluationTokens cost ${MONEY}
  failure { code message } progress { stage step totalSteps } createdAt startedAt endedAt`;

export const SUITES = defineOperation<{ evaluationSuites: Connection<Suite> }, Page & { projectId?: string }>(
  `query($first: Int, $after: String, $projectId: ID) { evaluationSuites(first: $first, after: $after, projectId: $projectId) {
    nodes { ${SUITE} } ${PAGE_INFO} } }`,
);

export const SHOW_SUITE = defineOperation<{ node: Suite | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on EvaluationSuite { ${SUITE} } } }`,
);

export const CREATE_SUITE = defineMutation<
  { suite: Suite },
  {
    projectId: string;
    name: string;
    description?: string;
    metric: string;
    maxNewTokens?: number;
    rows?: SuiteRow[];
    dataset?: {
      versionId: string;
      rowLimit?: number;
      split?: { part: string; fraction: number; seed?: number };
    };
  }
>('createEvaluationSuite', `suite { ${SUITE} }`);

export const CREATE_RUN = defineMutation<{ run: Run }, { suiteId: string; checkpoint: string }>(
  'createEvaluationRun',
  `run { ${RUN} }`,
);

export const CANCEL_RUN = defineMutation<{ run: Run }, { runId: string }>('cancelEvaluationRun', `run { ${RUN} }`);

export const SHOW_RUN = defineOperation<{ node: Run | null }, { id: string }>(
  `query($id: ID!) { node(id: $id) { ... on EvaluationRun { ${RUN} } } }`,
);

export const RUNS = defineOperation<
  { evaluationRuns: Connection<Run> },
  Page & { projectId?: string; checkpointId?: string }
>(
  `query($first: Int, $after: String, $projectId: ID, $checkpointId: ID) {
    evaluationRuns(first: $first, after: $after, projectId: $projectId, checkpointId: $checkpointId) { nodes { ${RUN} } ${PAGE_INFO} } }`,
);

export const RUN_RESULTS = defineOperation<
  { node: { results: Connection<RunResult> } | null },
  Page & { id: string; scoreAtMost?: number }
>(
  `query($id: ID!, $first: Int, $after: String, $scoreAtMost: Float) { node(id: $id) { ... on EvaluationRun {
    results(first: $first, after: $after, scoreAtMost: $scoreAtMost) {
      nodes { example prompt expected output score loss outputTokens cut } ${PAGE_INFO} } } } }`,
);

export const COMPARE = defineOperation<
  { compareEvaluationRuns: Comparison & { pairs: Connection<ComparedExample> } },
  Page & { baselineId: string; candidateId: string; outcome?: string }
>(
  `query($baselineId: ID!, $candidateId: ID!, $first: Int, $after: String, $outcome: PairedOutcome) {
    compareEvaluationRuns(baselineId: $baselineId, candidateId: $candidateId) {
      examples wins losses ties meanDifference standardError signTestP baseline { ${RUN} } candidate { ${RUN} }
      pairs(first: $first, after: $after, outcome: $outcome) {
        nodes { example prompt expected baselineOutput candidateOutput baselineScore candidateScore outcome } ${PAGE_INFO} } } }`,
);
