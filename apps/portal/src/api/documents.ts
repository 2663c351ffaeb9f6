import { graphql } from './graphql';

export const NamesOf = graphql(`
  query NamesOf($ids: [ID!]!) {
    nodes(ids: $ids) {
      id
      ... on User { displayName }
      ... on ServiceAccount { accountName: name }
      ... on ApiKey { keyName: name }
      ... on Organization { organizationName: name }
      ... on FineTuneJob { outputName }
      ... on EvaluationRun { checkpointName }
      ... on ModelFamily { familyName: displayName }
      ... on Checkpoint { modelName: name }
      ... on Listing { listingTitle: title }
      ... on Project { projectName: name }
      ... on CreditGrant { creditReason: reason }
    }
  }
`);
