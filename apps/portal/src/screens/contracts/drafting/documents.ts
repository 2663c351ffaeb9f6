import { graphql, type ResultOf } from '../../../api';
import { TermsFields } from '../../../terms';

export const DraftingPage = graphql(
  `
    query DraftingPage($id: ID!) {
      node(id: $id) {
        ... on Contract {
          id
          name
          currency
          startsAt
          endsAt
          graceDays
          purchaseOrder
          organization { id name }
          versions { id number state summary effectiveFrom terms { ...TermsFields } }
        }
      }
    }
  `,
  [TermsFields],
);
type DraftingNode = NonNullable<ResultOf<typeof DraftingPage>['node']>;
export type Contract = Extract<DraftingNode, { versions: unknown }>;
export type Version = Contract['versions'][number];

export const DraftContract = graphql(`
  mutation DraftContract($input: DraftContractInput!) {
    draftContract(input: $input) {
      contract { id }
      userErrors { code message path }
    }
  }
`);

export const AmendContract = graphql(`
  mutation AmendContract($input: AmendContractInput!) {
    amendContract(input: $input) {
      contractVersion { id contract { id } }
      userErrors { code message path }
    }
  }
`);

export const ReviseContractVersion = graphql(`
  mutation ReviseContractVersion($input: ReviseContractVersionInput!) {
    reviseContractVersion(input: $input) {
      contractVersion { id contract { id } }
      userErrors { code message path }
    }
  }
`);
