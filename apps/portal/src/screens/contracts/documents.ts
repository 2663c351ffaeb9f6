import { graphql, type ResultOf } from '../../api';
import { TermsFields } from '../../terms';

export const ContractFields = graphql(`
  fragment ContractFields on Contract {
    id
    name
    state
    currency
    startsAt
    endsAt
    graceDays
    purchaseOrder
    createdAt
    organization { id name }
    lab { id name }
  }
`);
export type Contract = ResultOf<typeof ContractFields>;

export const ContractsPage = graphql(
  `
    query ContractsPage($first: Int, $after: String, $last: Int, $before: String) {
      contracts(first: $first, after: $after, last: $last, before: $before) {
        nodes { ...ContractFields }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [ContractFields],
);

export const ContractPage = graphql(
  `
    query ContractPage($id: ID!) {
      node(id: $id) {
        ... on Contract {
          ...ContractFields
          versionInForce { id number }
          versions { id number state summary effectiveFrom }
        }
      }
    }
  `,
  [ContractFields],
);
type ContractNode = NonNullable<ResultOf<typeof ContractPage>['node']>;
export type ContractWithVersions = Extract<ContractNode, { versions: unknown }>;
export type ListedVersion = ContractWithVersions['versions'][number];

export const ForecastPart = graphql(`
  query ForecastPart($contractId: ID!) {
    contractForecast(contractId: $contractId) {
      observedFrom
      asOf
      expectedDue { currency minor }
      periods { period from to knownDue { currency minor } expectedDue { currency minor } }
      commitments {
        commitmentId
        kind
        to
        amount { currency minor }
        consumed { currency minor }
        expected { currency minor }
      }
    }
  }
`);
export type Forecast = NonNullable<ResultOf<typeof ForecastPart>['contractForecast']>;

export const ContractVersionPart = graphql(
  `
  query ContractVersionPart($id: ID!, $against: ID) {
    node(id: $id) {
      ... on ContractVersion {
        id
        number
        state
        summary
        effectiveFrom
        terms { ...TermsFields }
        document
        documentSha256
        draftedAt
        drafter { id displayName }
        submittedAt
        submitter { id displayName }
        returnedAt
        returnReason
        offeredAt
        approver { id displayName }
        decidedAt
        decider { id displayName }
        decisionReason
        signatures { side signatoryName signatoryTitle documentSha256 signedAt }
        redline(against: $against) { clause path before after }
      }
    }
  }
`,
  [TermsFields],
);
type VersionNode = NonNullable<ResultOf<typeof ContractVersionPart>['node']>;
export type ContractVersion = Extract<VersionNode, { document: unknown }>;
export type Change = ContractVersion['redline'][number];
export type Signature = ContractVersion['signatures'][number];

export const SubmitContractVersion = graphql(`
  mutation SubmitContractVersion($input: SubmitContractVersionInput!) {
    submitContractVersion(input: $input) {
      contractVersion { id state contract { id state } }
      userErrors { code message path }
    }
  }
`);

export const ReturnContractVersion = graphql(`
  mutation ReturnContractVersion($input: ReturnContractVersionInput!) {
    returnContractVersion(input: $input) {
      contractVersion { id state contract { id state } }
      userErrors { code message path }
    }
  }
`);

export const OfferContractVersion = graphql(`
  mutation OfferContractVersion($input: OfferContractVersionInput!) {
    offerContractVersion(input: $input) {
      contractVersion { id state contract { id state } }
      userErrors { code message path }
    }
  }
`);

export const AcceptContractVersion = graphql(`
  mutation AcceptContractVersion($input: AcceptContractVersionInput!) {
    acceptContractVersion(input: $input) {
      contractVersion { id state contract { id state } }
      userErrors { code message path }
    }
  }
`);

export const DeclineContractVersion = graphql(`
  mutation DeclineContractVersion($input: DeclineContractVersionInput!) {
    declineContractVersion(input: $input) {
      contractVersion { id state contract { id state } }
      userErrors { code message path }
    }
  }
`);

export const WithdrawContractVersion = graphql(`
  mutation WithdrawContractVersion($input: WithdrawContractVersionInput!) {
    withdrawContractVersion(input: $input) {
      contractVersion { id state contract { id state } }
      userErrors { code message path }
    }
  }
`);
