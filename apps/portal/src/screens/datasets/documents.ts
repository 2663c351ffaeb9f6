import { graphql, type ResultOf } from '../../api';

export const DatasetsPage = graphql(`
  query DatasetsPage($projectId: ID, $first: Int, $after: String, $last: Int, $before: String) {
    datasets(projectId: $projectId, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        name
        description
        createdAt
        versions(first: 1) {
          nodes {
            id
            number
            filename
            bytes
            status
            createdAt
            preparations(first: 1) {
              nodes { id status checkpoint { id name } report { errorCount rows { read } } }
            }
          }
        }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const CreateDataset = graphql(`
  mutation CreateDataset($input: CreateDatasetInput!) {
    createDataset(input: $input) {
      dataset { id name }
      userErrors { code message path }
    }
  }
`);

export const DatasetPage = graphql(`
  query DatasetPage($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) {
      ... on Dataset {
        id
        name
        description
        createdAt
        createdBy
        projectId
        versions(first: $first, after: $after, last: $last, before: $before) {
          nodes {
            id
            number
            filename
            bytes
            sha256
            status
            createdAt
            createdBy
            deletedAt
            preparations(first: 1) {
              nodes { id status report { errorCount } }
            }
          }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
  }
`);

export const DatasetVersionPage = graphql(`
  query DatasetVersionPage($id: ID!) {
    node(id: $id) {
      ... on DatasetVersion {
        id
        number
        filename
        bytes
        contentEncoding
        sha256
        status
        purpose
        createdAt
        createdBy
        deletedAt
        deletedBy
        keptUntil { at reason }
        removal { at reason }
        preparations(first: 50) {
          nodes {
            id
            status
            createdAt
            checkpoint { id name }
            policy { maxTokens overLong validationFraction }
            report { errorCount rows { read } }
          }
        }
      }
    }
  }
`);

export const DatasetVersionContent = graphql(`
  query DatasetVersionContent($id: ID!) {
    node(id: $id) {
      ... on DatasetVersion { id content { method url headers } }
    }
  }
`);

export const DeleteDatasetVersion = graphql(`
  mutation DeleteDatasetVersion($input: DeleteDatasetVersionInput!) {
    deleteDatasetVersion(input: $input) {
      datasetVersion { id status deletedAt }
      userErrors { code message path }
    }
  }
`);

/** What data can be checked for: every checkpoint that the caller may fine-tune. */
export const DatasetCheckpoints = graphql(`
  query DatasetCheckpoints($projectId: ID, $after: String) {
    checkpoints(projectId: $projectId, statuses: [PUBLISHED], orderBy: NEWEST, first: 100, after: $after) {
      nodes { id name kind contextLength allowedActions }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const PrepareDataset = graphql(`
  mutation PrepareDataset($input: PrepareDatasetInput!) {
    prepareDataset(input: $input) {
      preparation { id status version { id } }
      userErrors { code message path }
    }
  }
`);

type NodeOf<Data extends { node: unknown }> = Extract<NonNullable<Data['node']>, { id: string }>;

export type DatasetRow = ResultOf<typeof DatasetsPage>['datasets']['nodes'][number];
export type Dataset = NodeOf<ResultOf<typeof DatasetPage>>;
export type VersionRow = Dataset['versions']['nodes'][number];
export type Version = NodeOf<ResultOf<typeof DatasetVersionPage>>;
export type Check = Version['preparations']['nodes'][number];
export type CheckpointChoice = ResultOf<typeof DatasetCheckpoints>['checkpoints']['nodes'][number];
