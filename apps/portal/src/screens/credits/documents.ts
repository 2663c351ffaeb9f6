import { graphql, type ResultOf } from '../../api';

export const CreditContracts = graphql(`
  query CreditContracts {
    contracts(state: IN_FORCE, first: 100) {
      nodes { id name currency endsAt organization { id name } }
    }
  }
`);
export type Contract = ResultOf<typeof CreditContracts>['contracts']['nodes'][number];

export const CreditsPage = graphql(`
  query CreditsPage($contractId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    creditGrants(contractId: $contractId, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        reason
        amountMinor
        effectiveAt
        expiresAt
        priority
        recurrence
        rolloverMinor
        meters
        projectIds
        grantedAt
        voidedAt
        voidReason
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type CreditGrant = ResultOf<typeof CreditsPage>['creditGrants']['nodes'][number];

/** What the invoice that comes next leaves of each: its document says so. */
export const CreditBalances = graphql(`
  query CreditBalances($contractId: ID!) {
    invoicePreview(contractId: $contractId) { to document }
  }
`);

export const CreateCreditGrant = graphql(`
  mutation CreateCreditGrant($input: CreateCreditGrantInput!) {
    createCreditGrant(input: $input) {
      creditGrant { id }
      userErrors { code message path }
    }
  }
`);

export const VoidCreditGrant = graphql(`
  mutation VoidCreditGrant($input: VoidCreditGrantInput!) {
    voidCreditGrant(input: $input) {
      creditGrant { id voidedAt voidReason }
      userErrors { code message path }
    }
  }
`);
