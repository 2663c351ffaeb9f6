import { graphql, type ResultOf } from '../../../api';

export const ClusterSummary = graphql(`
  query ClusterSummary {
    clusterLoad { waiting running paused waitingSince }
    enginePool {
      engines
      ready
      memoryBytes
      hosts { name memoryBudgetBytes maxEngines }
    }
  }
`);

export const ClusterJobs = graphql(`
  query ClusterJobs($first: Int, $after: String, $last: Int, $before: String) {
    clusterJobs(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        kind
        state
        attempts
        failures
        maxAttempts
        queuedAt
        projectName
        organization { id name kind }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const ClusterAttempts = graphql(`
  query ClusterAttempts($first: Int, $after: String, $last: Int, $before: String) {
    clusterAttempts(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        jobId
        number
        kind
        state
        driver
        createdAt
        startedAt
        heardAt
        leaseExpiresAt
        projectName
        progress { stage step totalSteps secondsLeft }
        organization { id name kind }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export const ClusterEngines = graphql(`
  query ClusterEngines($live: Boolean, $first: Int, $after: String, $last: Int, $before: String) {
    clusterEngines(live: $live, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        state
        host
        isOperated
        memoryBytes
        maxAdapters
        failures
        lastError
        runningRequests
        createdAt
        readyAt
        endedAt
        baseCheckpointId
        baseCheckpoint { id name }
        adapters {
          checkpointId
          state
          lastError
          organization { id name kind }
        }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

export type Summary = ResultOf<typeof ClusterSummary>;
export type Job = ResultOf<typeof ClusterJobs>['clusterJobs']['nodes'][number];
export type Attempt = ResultOf<typeof ClusterAttempts>['clusterAttempts']['nodes'][number];
export type Engine = ResultOf<typeof ClusterEngines>['clusterEngines']['nodes'][number];
export type Owner = Job['organization'];
