import { graphql, type ResultOf } from '../../api';

export const ExportsPage = graphql(`
  query ExportsPage($kind: BillingExportKind!, $first: Int, $after: String, $last: Int, $before: String) {
    billingExports(kind: $kind, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        kind
        partnerId
        from
        to
        requestedAt
        state
        rows
        bytes
        sha256
        expiresAt
        failure { reason message }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type BillingExport = ResultOf<typeof ExportsPage>['billingExports']['nodes'][number];

export const ExportFile = graphql(`
  query ExportFile($id: ID!) {
    node(id: $id) {
      ... on BillingExport { id file { url } }
    }
  }
`);

export const ExportUsage = graphql(`
  mutation ExportUsage($input: ExportUsageInput!) {
    exportUsage(input: $input) {
      billingExport { id }
      userErrors { code message path }
    }
  }
`);

export const ExportJournal = graphql(`
  mutation ExportJournal($input: ExportJournalInput!) {
    exportJournal(input: $input) {
      billingExport { id }
      userErrors { code message path }
    }
  }
`);
