import { graphql, type ResultOf } from '../api';

export const TermsFields = graphql(`
  fragment TermsFields on ContractTerms {
    prices {
      id
      meter
      match { projectId listingId checkpointId familyId method }
      flat { priceNanos perUnits }
      graduated { tiers { upTo priceNanos perUnits feeNanos } }
      volume { tiers { upTo priceNanos perUnits feeNanos } }
      package { priceNanos packageUnits }
    }
    discounts { id basisPoints meters }
    minimumMinor
    commitments { id kind amountMinor from to overageBasisPoints }
    taxBasisPoints
    paymentDays
    exportClearances
    regions
    retention { uploadDays afterEndDays }
  }
`);
export type Terms = ResultOf<typeof TermsFields>;
export type PriceRule = Terms['prices'][number];
export type Meter = PriceRule['meter'];
