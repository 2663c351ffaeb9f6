import { graphql, type ResultOf } from '../../api';

export const AuditPage = graphql(`
  query AuditPage(
    $actorId: String
    $action: String
    $targetId: String
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    auditLog(
      actorId: $actorId
      action: $action
      targetId: $targetId
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      nodes {
        id
        sequence
        occurredAt
        action
        actorType
        actorId
        outcome
        code
        targetIds
        projectId
        requestId
        inputSha256
        previousSha256
        entrySha256
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const VerifyAudit = graphql(`
  query VerifyAudit($afterSequence: BigInt, $afterSha256: String) {
    auditVerification(afterSequence: $afterSequence, afterSha256: $afterSha256) {
      intact
      fault
      verified
      more
      headSequence
      headSha256
    }
  }
`);

export type AuditEntry = ResultOf<typeof AuditPage>['auditLog']['nodes'][number];
export type Verification = ResultOf<typeof VerifyAudit>['auditVerification'];
