import { graphql, type ResultOf } from '../../api';

const EndpointFields = graphql(`
  fragment EndpointFields on WebhookEndpoint {
    id
    url
    description
    events
    createdAt
    failingSince
    disabledAt
    previousSecretUntil
  }
`);
export type Endpoint = ResultOf<typeof EndpointFields>;

export const WebhooksPage = graphql(
  `
    query WebhooksPage($first: Int, $after: String, $last: Int, $before: String) {
      webhookEndpoints(first: $first, after: $after, last: $last, before: $before) {
        nodes { ...EndpointFields }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [EndpointFields],
);

export const WebhookPage = graphql(
  `
    query WebhookPage($id: ID!) {
      node(id: $id) {
        ... on WebhookEndpoint { ...EndpointFields }
      }
    }
  `,
  [EndpointFields],
);

export const WebhookDeliveries = graphql(`
  query WebhookDeliveries($endpointId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    webhookDeliveries(endpointId: $endpointId, first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
        eventId
        type
        state
        createdAt
        deliveredAt
        nextAttemptAt
        body
        attempts { number startedAt status latencyMilliseconds error }
      }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);
export type Delivery = ResultOf<typeof WebhookDeliveries>['webhookDeliveries']['nodes'][number];
export type Attempt = Delivery['attempts'][number];

export const CreateWebhookEndpoint = graphql(`
  mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {
    createWebhookEndpoint(input: $input) {
      webhookEndpoint { id url }
      secret
      userErrors { code message path }
    }
  }
`);

export const RotateWebhookSecret = graphql(`
  mutation RotateWebhookSecret($input: RotateWebhookSecretInput!) {
    rotateWebhookSecret(input: $input) {
      webhookEndpoint { id previousSecretUntil }
      secret
      userErrors { code message path }
    }
  }
`);

export const EnableWebhookEndpoint = graphql(`
  mutation EnableWebhookEndpoint($input: EnableWebhookEndpointInput!) {
    enableWebhookEndpoint(input: $input) {
      webhookEndpoint { id disabledAt failingSince }
      userErrors { code message path }
    }
  }
`);

export const RemoveWebhookEndpoint = graphql(`
  mutation RemoveWebhookEndpoint($input: RemoveWebhookEndpointInput!) {
    removeWebhookEndpoint(input: $input) {
      removedWebhookEndpointId
      userErrors { code message path }
    }
  }
`);

export const RedeliverWebhook = graphql(`
  mutation RedeliverWebhook($input: RedeliverWebhookInput!) {
    redeliverWebhook(input: $input) {
      webhookDelivery { id state nextAttemptAt }
      userErrors { code message path }
    }
  }
`);
