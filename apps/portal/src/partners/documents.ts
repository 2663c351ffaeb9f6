import { graphql } from '../api';

/** All of them for who grants to them; for who only reads agreements, those with a contract. */
export const PartnersToChoose = graphql(`
  query PartnersToChoose($byContract: Boolean!) {
    organizations(first: 100) @skip(if: $byContract) {
      nodes { id name kind }
    }
    contracts(first: 100) @include(if: $byContract) {
      nodes { id organization { id name } }
    }
  }
`);
