import { graphql, type ResultOf } from '../api';

export const PreparationReportPage = graphql(`
  query PreparationReportPage($id: ID!) {
    node(id: $id) {
      ... on Preparation {
        id
        status
        createdAt
        endedAt
        checkpoint { id name }
        version { id filename number }
        validationVersion { id filename number }
        policy { maxTokens overLong validationFraction seed }
        failure { code message }
        report {
          format
          errorCount
          errorCounts { code count }
          overLongCount
          overLongLines
          rows { read train validation invalid blankLines dropped truncated }
          tokens { train trainTrained validation validationTrained removed longestRow }
          lengths { upToTokens rows }
        }
      }
    }
  }
`);

export const PreparationErrors = graphql(`
  query PreparationErrors($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) {
      ... on Preparation {
        id
        version { ...RawFile }
        validationVersion { ...RawFile }
        errors(first: $first, after: $after, last: $last, before: $before) {
          nodes { source line pointer code message fix }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
  }

  fragment RawFile on DatasetVersion {
    id
    filename
    contentEncoding
    content { url headers }
  }
`);

export const PreparationPreview = graphql(`
  query PreparationPreview($id: ID!) {
    node(id: $id) {
      ... on Preparation {
        id
        preview {
          line
          split
          tokens
          trainedTokens
          truncated
          pieces { text trained special tokenIds }
        }
      }
    }
  }
`);

type NodeOf<Data extends { node: unknown }> = Extract<NonNullable<Data['node']>, { id: string }>;

export type Preparation = NodeOf<ResultOf<typeof PreparationReportPage>>;
export type Report = NonNullable<Preparation['report']>;
export type ErrorsOfPreparation = NodeOf<ResultOf<typeof PreparationErrors>>;
export type DataError = ErrorsOfPreparation['errors']['nodes'][number];
export type RawFile = NonNullable<ErrorsOfPreparation['version']>;
export type PreviewRow = NodeOf<ResultOf<typeof PreparationPreview>>['preview'][number];
