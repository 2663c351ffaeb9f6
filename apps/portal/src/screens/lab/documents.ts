import { graphql, type ResultOf } from '../../api';

export const LabCheckpointsPage = graphql(`
  query LabCheckpointsPage(
    $statuses: [CheckpointStatus!]
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    checkpoints(own: true, statuses: $statuses, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        name
        kind
        status
        step
        tokensSeen
        createdAt
        publishedAt
        retiredAt
        retirementReason
        exportClassification
        computeRegions
        publicationProblems { path problem }
        family { id displayName }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const DraftFiles = graphql(`
  query DraftFiles($model: String!) {
    checkpoint(model: $model) {
      id
      pendingUploads { part path bytes }
    }
  }
`);

export const RetirementImpactOf = graphql(`
  query RetirementImpactOf($checkpointId: String!) {
    retirementImpact(checkpointId: $checkpointId) {
      digest
      affected {
        what
        count
        organization { id name }
      }
    }
  }
`);

export const PublishCheckpoint = graphql(`
  mutation PublishCheckpoint($input: PublishCheckpointInput!) {
    publishCheckpoint(input: $input) {
      checkpoint { id status }
      userErrors { code message path }
    }
  }
`);

export const DiscardCheckpoint = graphql(`
  mutation DiscardCheckpoint($input: DiscardCheckpointInput!) {
    discardCheckpoint(input: $input) {
      userErrors { code message path }
    }
  }
`);

export const RetireCheckpoint = graphql(`
  mutation RetireCheckpoint($input: RetireCheckpointInput!) {
    retireCheckpoint(input: $input) {
      checkpoint { id status retiredAt }
      userErrors { code message path }
    }
  }
`);

export const SetCheckpointUseTags = graphql(`
  mutation SetCheckpointUseTags($input: SetCheckpointUseTagsInput!) {
    setCheckpointUseTags(input: $input) {
      checkpoint { id exportClassification computeRegions }
      userErrors { code message path }
    }
  }
`);

export const FamiliesToChoose = graphql(`
  query FamiliesToChoose {
    modelFamilies(first: 100) { nodes { id name displayName } }
  }
`);

export const PartnersPage = graphql(`
  query PartnersPage($first: Int, $after: String, $last: Int, $before: String) {
    organizations(first: $first, after: $after, last: $last, before: $before) {
      nodes { id name slug kind createdAt }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const CreatePartner = graphql(`
  mutation CreatePartner($input: CreatePartnerOrganizationInput!) {
    createPartnerOrganization(input: $input) {
      initialPassword
      organization { id name }
      userErrors { code message path }
    }
  }
`);

export const EntitlementsPage = graphql(`
  query EntitlementsPage(
    $organizationId: ID
    $inForce: Boolean!
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    entitlements(
      organizationId: $organizationId
      inForce: $inForce
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      nodes {
        id
        actions
        clause
        createdAt
        inForce
        validFrom
        validTo
        revokedAt
        revocationReason
        organization { id name }
        subject {
          id
          ... on ModelFamily { familyName: displayName }
          ... on Checkpoint { checkpointName: name }
        }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const GrantEntitlement = graphql(`
  mutation GrantEntitlement($input: GrantEntitlementInput!) {
    grantEntitlement(input: $input) {
      entitlement { id }
      userErrors { code message path }
    }
  }
`);

export const RevokeEntitlement = graphql(`
  mutation RevokeEntitlement($input: RevokeEntitlementInput!) {
    revokeEntitlement(input: $input) {
      entitlement { id revokedAt }
      userErrors { code message path }
    }
  }
`);

export const RateCardsPage = graphql(`
  query RateCardsPage($first: Int, $after: String, $last: Int, $before: String) {
    rateCards(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        name
        status
        createdAt
        publishedAt
        effectiveFrom
        forOrganization { id name }
        lines {
          meter
          perUnits
          price { currency nanos }
          subject {
            id
            ... on ModelFamily { familyName: displayName }
            ... on Checkpoint { checkpointName: name }
          }
        }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const DraftRateCard = graphql(`
  mutation DraftRateCard($input: DraftRateCardInput!) {
    draftRateCard(input: $input) {
      rateCard { id name }
      userErrors { code message path }
    }
  }
`);

export const PublishRateCard = graphql(`
  mutation PublishRateCard($input: PublishRateCardInput!) {
    publishRateCard(input: $input) {
      rateCard { id status effectiveFrom }
      userErrors { code message path }
    }
  }
`);

export type LabCheckpoint = ResultOf<typeof LabCheckpointsPage>['checkpoints']['nodes'][number];
export type Entitlement = ResultOf<typeof EntitlementsPage>['entitlements']['nodes'][number];
export type RateCard = ResultOf<typeof RateCardsPage>['rateCards']['nodes'][number];
export type RateCardLine = RateCard['lines'][number];
export type Subject = Entitlement['subject'] | RateCardLine['subject'];

/** What prices and entitlements are about. */
export function subjectName(subject: Subject): string {
  if (!subject) return 'Everything';
  if ('familyName' in subject) return `${subject.familyName}, all of the family`;
  return 'checkpointName' in subject ? subject.checkpointName : subject.id;
}
