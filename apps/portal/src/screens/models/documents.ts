import { graphql, type ResultOf } from '../../api';
import { ListedEvaluationRun } from '../../evaluation';
import { CheckpointUse } from '../../licensing/documents';

const VariantRow = graphql(`
  fragment VariantRow on Checkpoint {
    id
    name
    kind
    status
    step
    tokensSeen
    createdAt
    removal { at }
    parent { id name }
    project { id name }
    evaluations { id name metric value higherIsBetter }
  }
`);

export const ModelPage = graphql(
  `
  query ModelPage($model: String!) {
    checkpoint(model: $model) {
      id
      name
      kind
      ...CheckpointUse
      step
      tokensSeen
      loss
      license
      exportClassification
      computeRegions
      contextLength
      parameterCount
      createdAt
      publishedAt
      retiredAt
      retirementReason
      removal { at reason }
      manifestSha256
      tokenizerSha256
      templateSha256
      architecture {
        modelType
        layers
        hiddenSize
        attentionHeads
        keyValueHeads
        feedForwardSize
        vocabularySize
      }
      adapter { rank alpha targetModules }
      family { id name displayName }
      trainingRun { id name stage }
      organization { id name }
      base { id name exportClassification computeRegions }
      ancestors { generation parent { id name step } }
      fineTuneJob { id }
      datasetVersion {
        id
        ... on DatasetVersion { filename number dataset { id name } }
      }
      recipe { method }
      modelCard { summary intendedUse limitations trainingData }
      samples { prompt output source }
      evaluations { id name metric value higherIsBetter standardError examples source measuredAt }
      prices { meter perUnits price { currency nanos } }
    }
  }
`,
  [CheckpointUse],
);

export const ModelFiles = graphql(`
  query ModelFiles($model: String!) {
    checkpoint(model: $model) {
      id
      files { path bytes sha256 part }
    }
  }
`);

export const ModelVariants = graphql(
  `
    query ModelVariants($baseCheckpointId: ID, $first: Int, $after: String, $last: Int, $before: String) {
      checkpoints(
        own: true
        kinds: [ADAPTER, MERGED]
        baseCheckpointId: $baseCheckpointId
        first: $first
        after: $after
        last: $last
        before: $before
      ) {
        nodes { ...VariantRow }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [VariantRow],
);

/** What suites of the reader's organization found on it. */
export const ModelEvaluationRuns = graphql(
  `
    query ModelEvaluationRuns($checkpointId: ID, $first: Int, $after: String, $last: Int, $before: String) {
      evaluationRuns(checkpointId: $checkpointId, first: $first, after: $after, last: $last, before: $before) {
        nodes { ...ListedEvaluationRun }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [ListedEvaluationRun],
);

/** Those of one project. */
export const ModelsPage = graphql(
  `
    query ModelsPage($projectId: ID, $first: Int, $after: String, $last: Int, $before: String) {
      checkpoints(
        own: true
        kinds: [ADAPTER, MERGED]
        projectId: $projectId
        first: $first
        after: $after
        last: $last
        before: $before
      ) {
        nodes { ...VariantRow }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [VariantRow],
);

export const DownloadModelFile = graphql(`
  mutation DownloadModelFile($input: CreateCheckpointDownloadInput!) {
    createCheckpointDownload(input: $input) {
      files { path url }
      userErrors { code message path }
    }
  }
`);

/** What goes with a variant, and what keeps it from being deleted. */
export const VariantHolds = graphql(`
  query VariantHolds($checkpointId: ID!, $model: String!) {
    variantHolds(checkpointId: $checkpointId) { what holderId name count }
    checkpoint(model: $model) {
      id
      files { path bytes }
    }
  }
`);

export const DeleteVariant = graphql(`
  mutation DeleteVariant($input: DeleteVariantInput!) {
    deleteVariant(input: $input) {
      checkpoint {
        id
        status
        retiredAt
        retirementReason
        removal { at reason }
        allowedActions
      }
      userErrors { code message path }
    }
  }
`);

export type VariantHold = ResultOf<typeof VariantHolds>['variantHolds'][number];
export type Model = NonNullable<ResultOf<typeof ModelPage>['checkpoint']>;
export type ModelFile = NonNullable<ResultOf<typeof ModelFiles>['checkpoint']>['files'][number];
export type Variant = ResultOf<typeof VariantRow>;
