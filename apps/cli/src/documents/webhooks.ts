import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface WebhookEndpoint {
  id: string;
  url: string;
  description: string;
  events: string[];
  createdAt: string;
  /** Null: it is told. */
  disabledAt: string | null;
  /** Null: the last attempt succeeded. */
  failingSince: string | null;
  /** Until when the secret before signs too. */
  previousSecretUntil: string | null;
}

export interface WebhookDelivery {
  id: string;
  eventId: string;
  type: string;
  state: 'PENDING' | 'DELIVERED' | 'GIVEN_UP';
  createdAt: string;
  nextAttemptAt: string | null;
  body: string;
  attempts: Array<{
    number: number;
    startedAt: string;
    status: number | null;
    latencyMilliseconds: number;
    error: string | null;
  }>;
}

/** The secret is null where the command is repeated: it is shown once. */
export interface WithSecret {
  webhookEndpoint: WebhookEndpoint;
  secret: string | null;
}

const ENDPOINT = 'id url description events createdAt disabledAt failingSince previousSecretUntil';
const DELIVERY = `id eventId type state createdAt nextAttemptAt body
  attempts { number startedAt status latencyMilliseconds error }`;

export const WEBHOOK_ENDPOINTS = defineOperation<{ webhookEndpoints: Connection<WebhookEndpoint> }, Page>(
  `query($first: Int, $after: String) {
    webhookEndpoints(first: $first, after: $after) { nodes { ${ENDPOINT} } ${PAGE_INFO} } }`,
);

export const WEBHOOK_DELIVERIES = defineOperation<
  { webhookDeliveries: Connection<WebhookDelivery> },
  Page & { endpointId?: string }
>(
  `query($endpointId: ID, $first: Int, $after: String) {
    webhookDeliveries(endpointId: $endpointId, first: $first, after: $after) { nodes { ${DELIVERY} } ${PAGE_INFO} } }`,
);

export const CREATE_ENDPOINT = defineMutation<WithSecret, { url: string; description?: string; events: string[] }>(
  'createWebhookEndpoint',
  `webhookEndpoint { ${ENDPOINT} } secret`,
);

export const ROTATE_SECRET = defineMutation<WithSecret, { endpointId: string }>(
  'rotateWebhookSecret',
  `webhookEndpoint { ${ENDPOINT} } secret`,
);

export const ENABLE_ENDPOINT = defineMutation<{ webhookEndpoint: WebhookEndpoint }, { endpointId: string }>(
  'enableWebhookEndpoint',
  `webhookEndpoint { ${ENDPOINT} }`,
);

export const REMOVE_ENDPOINT = defineMutation<{ removedWebhookEndpointId: string }, { endpointId: string }>(
  'removeWebhookEndpoint',
  'removedWebhookEndpointId',
);

export const REDELIVER = defineMutation<{ webhookDelivery: WebhookDelivery }, { deliveryId: string }>(
  'redeliverWebhook',
  `webhookDelivery { ${DELIVERY} }`,
);
