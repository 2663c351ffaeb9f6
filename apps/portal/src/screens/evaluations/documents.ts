import { graphql, type ResultOf } from '../../api';
import { ListedEvaluationRun } from '../../evaluation';

export const EvaluationRunsPage = graphql(
  `
    query EvaluationRunsPage($projectId: ID, $first: Int, $after: String, $last: Int, $before: String) {
      evaluationRuns(projectId: $projectId, first: $first, after: $after, last: $last, before: $before) {
        nodes { ...ListedEvaluationRun }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [ListedEvaluationRun],
);

export const EvaluationSuiteRuns = graphql(
  `
    query EvaluationSuiteRuns($suiteId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
      node(id: $suiteId) {
        ... on EvaluationSuite {
          id
          name
          runs(first: $first, after: $after, last: $last, before: $before) {
            nodes { ...ListedEvaluationRun }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          }
        }
      }
    }
  `,
  [ListedEvaluationRun],
);

const ListedEvaluationSuite = graphql(`
  fragment ListedEvaluationSuite on EvaluationSuite {
    id
    name
    description
    metric
    maxNewTokens
    status
    problem { code message }
    rowCount
    createdAt
    datasetVersion { id filename number dataset { id name } }
    split { part fraction seed }
  }
`);

export const EvaluationSuitesPage = graphql(
  `
    query EvaluationSuitesPage($projectId: ID, $first: Int, $after: String, $last: Int, $before: String) {
      evaluationSuites(projectId: $projectId, first: $first, after: $after, last: $last, before: $before) {
        nodes { ...ListedEvaluationSuite }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [ListedEvaluationSuite],
);

/** All of a project, for a list to choose from. */
export const EvaluationSuiteChoices = graphql(`
  query EvaluationSuiteChoices($projectId: ID, $after: String) {
    evaluationSuites(projectId: $projectId, first: 100, after: $after) {
      nodes { id name metric status rowCount }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const EvaluationFiles = graphql(`
  query EvaluationFiles($projectId: ID, $after: String) {
    datasetVersions(projectId: $projectId, first: 50, after: $after) {
      nodes {
        id
        filename
        bytes
        number
        status
        dataset { id name }
        preparations(first: 1) {
          nodes { id policy { validationFraction seed } }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const CreateEvaluationSuite = graphql(`
  mutation CreateEvaluationSuite($input: CreateEvaluationSuiteInput!) {
    createEvaluationSuite(input: $input) {
      suite { id name status }
      userErrors { code message path }
    }
  }
`);

/** What a suite can be run on: what may be fine-tuned, and the variants made of it. */
export const EvaluationCheckpoints = graphql(`
  query EvaluationCheckpoints($after: String) {
    checkpoints(statuses: [PUBLISHED], orderBy: NEWEST, first: 100, after: $after) {
      nodes { id name kind allowedActions parent { id name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const EvaluationPrices = graphql(`
  query EvaluationPrices($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ... on Checkpoint {
        name
        prices { meter perUnits price { currency nanos } }
      }
    }
  }
`);

export const CreateEvaluationRun = graphql(
  `
    mutation CreateEvaluationRun($input: CreateEvaluationRunInput!) {
      createEvaluationRun(input: $input) {
        run { ...ListedEvaluationRun }
        userErrors { code message path }
      }
    }
  `,
  [ListedEvaluationRun],
);

export const CancelEvaluationRun = graphql(
  `
    mutation CancelEvaluationRun($input: CancelEvaluationRunInput!) {
      cancelEvaluationRun(input: $input) {
        run { ...ListedEvaluationRun }
        userErrors { code message path }
      }
    }
  `,
  [ListedEvaluationRun],
);

export const EvaluationRunPage = graphql(
  `
    query EvaluationRunPage($id: ID!) {
      node(id: $id) {
        ... on EvaluationRun {
          ...ListedEvaluationRun
          evaluationTokens
          createdBy
          startedAt
          endedAt
          removal { at reason }
          suite { id name metric description maxNewTokens rowCount }
          score { metric examples score standardError meanLoss cut promptTokens outputTokens seconds }
        }
      }
    }
  `,
  [ListedEvaluationRun],
);

export const EvaluationResults = graphql(`
  query EvaluationResults(
    $id: ID!
    $scoreAtMost: Float
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    node(id: $id) {
      ... on EvaluationRun {
        id
        results(scoreAtMost: $scoreAtMost, first: $first, after: $after, last: $last, before: $before) {
          nodes { example prompt expected output score loss cut }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
  }
`);

export const EvaluationResultsFile = graphql(`
  query EvaluationResultsFile($id: ID!) {
    node(id: $id) {
      ... on EvaluationRun { id resultsFile { method url headers } }
    }
  }
`);

/** What a run can be compared with: every run of its suite. */
export const ComparableRuns = graphql(
  `
    query ComparableRuns($suiteId: ID!, $after: String) {
      node(id: $suiteId) {
        ... on EvaluationSuite {
          id
          runs(first: 100, after: $after) {
            nodes { ...ListedEvaluationRun }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
  `,
  [ListedEvaluationRun],
);

export const EvaluationComparisonPage = graphql(
  `
    query EvaluationComparisonPage(
      $baselineId: ID!
      $candidateId: ID!
      $outcome: PairedOutcome
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      compareEvaluationRuns(baselineId: $baselineId, candidateId: $candidateId) {
        baseline { ...ListedEvaluationRun }
        candidate { ...ListedEvaluationRun }
        examples
        wins
        losses
        ties
        meanDifference
        standardError
        signTestP
        pairs(outcome: $outcome, first: $first, after: $after, last: $last, before: $before) {
          nodes {
            example
            outcome
            prompt
            expected
            baselineOutput
            candidateOutput
            baselineScore
            candidateScore
          }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
  `,
  [ListedEvaluationRun],
);

export type ListedSuite = ResultOf<typeof ListedEvaluationSuite>;
export type SuiteChoice = ResultOf<typeof EvaluationSuiteChoices>['evaluationSuites']['nodes'][number];
export type FileChoice = ResultOf<typeof EvaluationFiles>['datasetVersions']['nodes'][number];
export type CheckpointChoice = ResultOf<typeof EvaluationCheckpoints>['checkpoints']['nodes'][number];
export type Run = Extract<NonNullable<ResultOf<typeof EvaluationRunPage>['node']>, { status: unknown }>;
export type Result = Extract<
  NonNullable<ResultOf<typeof EvaluationResults>['node']>,
  { results: unknown }
>['results']['nodes'][number];
export type Comparison = ResultOf<typeof EvaluationComparisonPage>['compareEvaluationRuns'];
export type ComparedExample = Comparison['pairs']['nodes'][number];
