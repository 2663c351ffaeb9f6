import { graphql, type ResultOf } from '../../api';

export const FineTunesPage = graphql(`
  query FineTunesPage(
    $projectId: ID
    $status: [FineTuneJobStatus!]
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    fineTuneJobs(projectId: $projectId, status: $status, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        status
        queuePosition
        suffix
        outputName
        createdAt
        startedAt
        finishedAt
        plannedSteps
        plannedTokens
        trainedTokens
        hardCap { currency nanos }
        cost { currency nanos }
        parent { id name }
        trainingFile { id filename }
        progress { stage step totalSteps secondsLeft }
        error { code }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type ListedJob = ResultOf<typeof FineTunesPage>['fineTuneJobs']['nodes'][number];

export const NewFineTuneBases = graphql(`
  query NewFineTuneBases($projectId: ID) {
    published: checkpoints(kinds: [BASE], own: false, orderBy: NEWEST, statuses: [PUBLISHED], first: 100) {
      nodes { id name step tokensSeen allowedActions family { id displayName } }
    }
    variants: checkpoints(kinds: [ADAPTER, MERGED], own: true, orderBy: NEWEST, projectId: $projectId, first: 50) {
      nodes { id name step tokensSeen allowedActions }
    }
  }
`);

export const NewFineTuneBase = graphql(`
  query NewFineTuneBase($model: String!) {
    checkpoint(model: $model) {
      id
      name
      kind
      status
      step
      tokensSeen
      loss
      contextLength
      allowedActions
      licenseInForce { id }
      unmetConditions { code message }
      adapter { rank alpha targetModules }
      evaluations { id name value }
      family { id displayName maxLoraRank recipes { id method version notes hyperparameters } }
      prices { meter perUnits price { currency nanos } }
    }
  }
`);
export type BaseCheckpoint = NonNullable<ResultOf<typeof NewFineTuneBase>['checkpoint']>;

export const NewFineTuneFiles = graphql(`
  query NewFineTuneFiles($projectId: ID) {
    datasetVersions(projectId: $projectId, first: 50) {
      nodes { id filename bytes number status createdAt dataset { id name } }
    }
  }
`);

export const NewFineTuneFile = graphql(`
  query NewFineTuneFile($id: ID!) {
    node(id: $id) {
      ... on DatasetVersion { id filename }
    }
  }
`);

const FineTunePreparation = graphql(`
  fragment FineTunePreparation on Preparation {
    id
    status
    failure { code message }
    policy { maxTokens overLong }
    report {
      format
      errorCount
      overLongCount
      errorCounts { code count }
      rows { read train validation invalid dropped truncated blankLines }
      tokens { train trainTrained longestRow }
    }
  }
`);
export type FineTunePreparation = ResultOf<typeof FineTunePreparation>;

export const PrepareForFineTune = graphql(
  `
    mutation PrepareForFineTune($input: PrepareDatasetInput!) {
      prepareDataset(input: $input) {
        preparation { ...FineTunePreparation }
        userErrors { code message path }
      }
    }
  `,
  [FineTunePreparation],
);

export const PreparationOfFineTune = graphql(
  `
    query PreparationOfFineTune($id: ID!) {
      node(id: $id) { ...FineTunePreparation }
    }
  `,
  [FineTunePreparation],
);

export const DatasetForUpload = graphql(`
  query DatasetForUpload($projectId: ID) {
    datasets(projectId: $projectId, first: 100) { nodes { id name } }
  }
`);

export const CreateDatasetForUpload = graphql(`
  mutation CreateDatasetForUpload($input: CreateDatasetInput!) {
    createDataset(input: $input) {
      dataset { id name }
      userErrors { code message path }
    }
  }
`);

export const FineTuneQuoted = graphql(`
  query FineTuneQuoted($input: FineTuneQuoteInput!) {
    fineTuneQuote(input: $input) {
      ready
      steps
      tokens
      estimatedSeconds
      price { currency nanos }
      hardCap { currency nanos }
      recipe
    }
  }
`);
export type Quote = ResultOf<typeof FineTuneQuoted>['fineTuneQuote'];

export const LaunchFineTune = graphql(`
  mutation LaunchFineTune($input: CreateFineTuneJobInput!) {
    createFineTuneJob(input: $input) {
      fineTuneJob { id }
      userErrors { code message path }
    }
  }
`);

export const PreparationErrors = graphql(`
  query PreparationErrors($id: ID!) {
    node(id: $id) {
      ... on Preparation {
        id
        errors(first: 20) { nodes { line pointer code message fix } }
      }
    }
  }
`);
