import { graphql, type ResultOf } from '../../api';

export const PayoutBalances = graphql(`
  query PayoutBalances {
    publisherBalances {
      organizationId
      organization { id name }
      earned { currency minor }
      paidOut { currency minor }
      payable { currency minor }
    }
  }
`);
export type Balance = ResultOf<typeof PayoutBalances>['publisherBalances'][number];

export const PayoutsPage = graphql(`
  query PayoutsPage($organizationId: ID, $first: Int, $after: String, $last: Int, $before: String) {
    publisherPayouts(
      organizationId: $organizationId
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      nodes {
        id
        organizationId
        organization { id name }
        amount { currency minor }
        reference
        paidAt
        recordedAt
        recordedBy
        postedAt
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type Payout = ResultOf<typeof PayoutsPage>['publisherPayouts']['nodes'][number];

export const RecordPublisherPayout = graphql(`
  mutation RecordPublisherPayout($input: RecordPublisherPayoutInput!) {
    recordPublisherPayout(input: $input) {
      publisherPayout { id }
      userErrors { code message path }
    }
  }
`);
