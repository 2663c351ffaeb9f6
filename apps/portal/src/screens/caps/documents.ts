import { graphql, type ResultOf } from '../../api';

export const CapsPage = graphql(`
  query CapsPage($organizationId: ID, $first: Int, $after: String, $last: Int, $before: String) {
    spendCaps(organizationId: $organizationId, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        organizationId
        period
        isHard
        alertPercents
        side
        clause
        createdAt
        contract { id name }
        subjectId
        subject {
          id
          ... on Project { name }
          ... on ApiKey { name }
        }
        limit { currency nanos }
        window {
          spent { currency nanos }
          held { currency nanos }
          left { currency nanos }
          alertedPercents
        }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type SpendCap = ResultOf<typeof CapsPage>['spendCaps']['nodes'][number];

/** What a cap can be on, and what the lab's can stand on. */
export const CapChoices = graphql(`
  query CapChoices($withKeys: Boolean!) {
    contracts(state: IN_FORCE, first: 100) {
      nodes { id name currency organization { id name } }
    }
    apiKeys(first: 100) @include(if: $withKeys) {
      nodes { id name hint }
    }
  }
`);
export type Choices = ResultOf<typeof CapChoices>;

export const SetSpendCap = graphql(`
  mutation SetSpendCap($input: SetSpendCapInput!) {
    setSpendCap(input: $input) {
      spendCap { id }
      userErrors { code message path }
    }
  }
`);

export const RemoveSpendCap = graphql(`
  mutation RemoveSpendCap($input: RemoveSpendCapInput!) {
    removeSpendCap(input: $input) {
      spendCap { id endedAt }
      userErrors { code message path }
    }
  }
`);
