import { type FragmentOf, graphql } from '../../api';

/** What changes while a deployment is looked at: the same fields come by the query and by the subscription. */
export const DeploymentState = graphql(`
  fragment DeploymentState on Deployment {
    id
    status
    activatedAt
    updatedAt
    activeRevision { id number checkpointId checkpointName contextLength templateSha256 }
    serving { state secondsUntilReady }
  }
`);

export const DeploymentsPage = graphql(
  `
  query DeploymentsPage($first: Int, $after: String, $last: Int, $before: String, $projectId: ID) {
    deployments(first: $first, after: $after, last: $last, before: $before, projectId: $projectId) {
      nodes { name slug ...DeploymentState }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`,
  [DeploymentState],
);

export const DeploymentPage = graphql(
  `
  query DeploymentPage($name: String!) {
    deployment(name: $name) {
      name
      slug
      createdAt
      createdBy
      project { id name slug }
      ...DeploymentState
    }
  }
`,
  [DeploymentState],
);

export const DeploymentRevisions = graphql(`
  query DeploymentRevisions($name: String!, $first: Int, $after: String, $last: Int, $before: String) {
    deployment(name: $name) {
      id
      revisions(first: $first, after: $after, last: $last, before: $before) {
        nodes {
          id
          number
          checkpointName
          contextLength
          createdAt
          createdBy
          isActive
          entitlementClause
          serving { state secondsUntilReady }
        }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`);

const TrafficFigures = graphql(`
  fragment TrafficFigures on DeploymentTraffic {
    requests
    running
    refused
    clientDisconnected
    engineFailed
    recorderLost
    inputTokens
    cachedInputTokens
    outputTokens
    outputTokensPerSecond
    latencySeconds { p50 p95 p99 }
    firstTokenSeconds { p50 p95 }
  }
`);

export const DeploymentTraffic = graphql(
  `
  query DeploymentTraffic($name: String!, $from: DateTime!, $to: DateTime!) {
    deployment(name: $name) {
      id
      statistics(from: $from, to: $to) {
        total { ...TrafficFigures }
        buckets { from traffic { ...TrafficFigures } }
        revisions { revisionId revision { id number } traffic { ...TrafficFigures } }
      }
    }
  }
`,
  [TrafficFigures],
);

export const DeploymentChanges = graphql(
  `
  subscription DeploymentChanges($deploymentId: ID!) {
    deploymentChanged(deploymentId: $deploymentId) { ...DeploymentState }
  }
`,
  [DeploymentState],
);

/** What can be deployed: the project's variants, and the lab's checkpoints. */
export const DeployableCheckpoints = graphql(`
  query DeployableCheckpoints($projectId: ID) {
    variants: checkpoints(first: 100, own: true, projectId: $projectId, statuses: [PUBLISHED]) {
      nodes { id name allowedActions createdAt }
      pageInfo { hasNextPage }
    }
    bases: checkpoints(first: 100, kinds: [BASE], statuses: [PUBLISHED]) {
      nodes { id name allowedActions createdAt }
      pageInfo { hasNextPage }
    }
  }
`);

export const CreateDeployment = graphql(`
  mutation CreateDeployment($input: CreateDeploymentInput!) {
    createDeployment(input: $input) {
      deployment { id name }
      userErrors { code message path }
    }
  }
`);

export const DeployRevision = graphql(`
  mutation DeployRevision($input: DeployRevisionInput!) {
    deployRevision(input: $input) {
      deployment { id activeRevision { id } }
      revision { id number }
      userErrors { code message path }
    }
  }
`);

export const ActivateRevision = graphql(`
  mutation ActivateRevision($input: ActivateRevisionInput!) {
    activateRevision(input: $input) {
      deployment { id activeRevision { id } }
      revision { id }
      userErrors { code message path }
    }
  }
`);

export const RollBackDeployment = graphql(`
  mutation RollBackDeployment($input: DeploymentInput!) {
    rollBackDeployment(input: $input) {
      deployment { id activeRevision { id } }
      revision { id number checkpointName }
      userErrors { code message path }
    }
  }
`);

export const PauseDeployment = graphql(`
  mutation PauseDeployment($input: DeploymentInput!) {
    pauseDeployment(input: $input) {
      deployment { id status }
      userErrors { code message path }
    }
  }
`);

export const ResumeDeployment = graphql(`
  mutation ResumeDeployment($input: DeploymentInput!) {
    resumeDeployment(input: $input) {
      deployment { id status }
      userErrors { code message path }
    }
  }
`);

export const DeleteDeployment = graphql(`
  mutation DeleteDeployment($input: DeploymentInput!) {
    deleteDeployment(input: $input) {
      deployment { id status }
      userErrors { code message path }
    }
  }
`);

export type Figures = FragmentOf<typeof TrafficFigures>;
export type LiveState = FragmentOf<typeof DeploymentState>;
export type Serving = NonNullable<LiveState['serving']>;
