import { graphql, type ResultOf } from '../../api';

export const UsagePage = graphql(`
  query UsagePage($from: DateTime!, $to: DateTime!, $groupBy: [UsageDimension!], $projectId: ID, $organizationId: ID) {
    usageSummary(from: $from, to: $to, groupBy: $groupBy, projectId: $projectId, organizationId: $organizationId) {
      total { currency nanos }
      unpriced { meter quantity }
      rows {
        day
        model
        apiKeyId
        jobId
        projectId
        project { id name }
        kind
        meter
        quantity
        events
        cost { currency nanos }
      }
    }
  }
`);

export const UsageEventsPage = graphql(`
  query UsageEventsPage($from: DateTime!, $to: DateTime!, $projectId: ID, $first: Int, $after: String, $last: Int, $before: String) {
    usageEvents(from: $from, to: $to, projectId: $projectId, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        admittedAt
        endedAt
        kind
        model
        state
        endReason
        apiKeyId
        sourceId
        inputTokens
        cachedInputTokens
        outputTokens
        trainingTokens
        evaluationTokens
        storedByteHours
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export type UsageRow = ResultOf<typeof UsagePage>['usageSummary']['rows'][number];
export type UsageEvent = ResultOf<typeof UsageEventsPage>['usageEvents']['nodes'][number];
