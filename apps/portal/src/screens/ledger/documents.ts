import { graphql, type ResultOf } from '../../api';

export const LedgerPage = graphql(`
  query LedgerPage($organizationId: ID) {
    ledgerAccounts(organizationId: $organizationId) {
      name
      type
      normalSide
      about
      balances {
        debits { currency minor }
        credits { currency minor }
        balance { currency minor }
      }
    }
  }
`);
export type Account = ResultOf<typeof LedgerPage>['ledgerAccounts'][number];
export type Balance = Account['balances'][number];

export const LedgerStatementPart = graphql(`
  query LedgerStatementPart(
    $organizationId: ID
    $account: LedgerAccountName!
    $currency: Currency!
    $from: DateTime!
    $to: DateTime!
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    ledgerStatement(
      organizationId: $organizationId
      account: $account
      currency: $currency
      from: $from
      to: $to
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      opening { currency minor }
      closing { currency minor }
      nodes {
        effectiveAt
        kind
        description
        amount { currency minor }
        balance { currency minor }
        transaction {
          id
          sequence
          recordedAt
          entries { account side amount { currency minor } }
          links { type id }
        }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type Statement = ResultOf<typeof LedgerStatementPart>['ledgerStatement'];
export type StatementLine = Statement['nodes'][number];
export type Transaction = NonNullable<StatementLine['transaction']>;
