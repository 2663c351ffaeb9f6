import { graphql, type ResultOf } from '../../api';
import { CheckpointUse } from '../../licensing/documents';

const ListingRow = graphql(`
  fragment ListingRow on Listing {
    id
    organizationId
    organization { id name }
    title
    summary
    state
    audience
    currency
    prices { meter priceNanos perUnits }
    allowsFineTuning
    createdAt
    submittedAt
    listedAt
    endedAt
    endReason
    checkpoint {
      id
      ... on Checkpoint { name base { id name } }
    }
    reviews { verdict reason publisherShareBasisPoints reviewedAt }
  }
`);
export type Listing = ResultOf<typeof ListingRow>;
export type ListingPrice = Listing['prices'][number];

export const OfferedListings = graphql(
  `
    query OfferedListings($first: Int, $after: String, $last: Int, $before: String) {
      listings(first: $first, after: $after, last: $last, before: $before) {
        nodes { ...ListingRow }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [ListingRow],
);

export const OwnListings = graphql(
  `
    query OwnListings($first: Int, $after: String, $last: Int, $before: String) {
      ownListings(first: $first, after: $after, last: $last, before: $before) {
        nodes { ...ListingRow }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [ListingRow],
);

export const PartnerListings = graphql(
  `
    query PartnerListings($state: ListingState, $first: Int, $after: String, $last: Int, $before: String) {
      partnerListings(state: $state, first: $first, after: $after, last: $last, before: $before) {
        nodes { ...ListingRow }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [ListingRow],
);

/** What is earned by all listings of the own organization and not paid out: by currency, not by listing. */
export const OwnPublisherBalances = graphql(`
  query OwnPublisherBalances {
    publisherBalances {
      payable { currency minor }
    }
  }
`);

export const ListingPage = graphql(
  `
    query ListingPage($id: ID!) {
      node(id: $id) {
        ... on Listing {
          ...ListingRow
          terms
          termsSha256
          termsVersion
          namedOrganizationIds
          use: checkpoint {
            id
            ... on Checkpoint {
              license
              ...CheckpointUse
            }
          }
        }
      }
    }
  `,
  [ListingRow, CheckpointUse],
);
export type ListingDocument = Extract<NonNullable<ResultOf<typeof ListingPage>['node']>, { terms: unknown }>;

/** What may be offered, newest first: what fine-tunes of the own organization made. */
export const OfferableVariants = graphql(`
  query OfferableVariants {
    checkpoints(own: true, statuses: [PUBLISHED], first: 100) {
      nodes { id name }
    }
  }
`);

export const ListingImpactOf = graphql(`
  query ListingImpactOf($listingId: ID!) {
    listingImpact(listingId: $listingId) {
      what
      count
      organizationId
      organization { id name }
    }
  }
`);

export const CreateListing = graphql(`
  mutation CreateListing($input: CreateListingInput!) {
    createListing(input: $input) {
      listing { id }
      userErrors { code message path }
    }
  }
`);

export const UpdateListing = graphql(`
  mutation UpdateListing($input: UpdateListingInput!) {
    updateListing(input: $input) {
      listing { id }
      userErrors { code message path }
    }
  }
`);

export const SubmitListing = graphql(`
  mutation SubmitListing($input: SubmitListingInput!) {
    submitListing(input: $input) {
      listing { id state submittedAt }
      userErrors { code message path }
    }
  }
`);

export const WithdrawListing = graphql(`
  mutation WithdrawListing($input: WithdrawListingInput!) {
    withdrawListing(input: $input) {
      listing { id state endedAt }
      userErrors { code message path }
    }
  }
`);

export const ApproveListing = graphql(`
  mutation ApproveListing($input: ApproveListingInput!) {
    approveListing(input: $input) {
      listing { id state listedAt }
      userErrors { code message path }
    }
  }
`);

export const RejectListing = graphql(`
  mutation RejectListing($input: RejectListingInput!) {
    rejectListing(input: $input) {
      listing { id state }
      userErrors { code message path }
    }
  }
`);

export const TakeDownListing = graphql(`
  mutation TakeDownListing($input: TakeDownListingInput!) {
    takeDownListing(input: $input) {
      listing { id state endedAt endReason }
      userErrors { code message path }
    }
  }
`);
