import { defineErrors } from '#libs/kernel';

export const WEBHOOK_ERRORS = defineErrors('webhooks', {
  WEBHOOKS_OFF: {
    status: 409,
    message: 'This platform sends no webhooks: its operator sets WEBHOOK_KEY and WEBHOOK_ALLOWED_HOSTS.',
  },
  WEBHOOK_URL_INVALID: {
    status: 400,
    message: (p: { problem: string }) => `The address of a webhook endpoint ${p.problem}.`,
  },
  WEBHOOK_HOST_NOT_ALLOWED: {
    status: 403,
    message: (p: { host: string }) =>
      `Nothing is sent to ${p.host}: ask the operator of the platform to add it to WEBHOOK_ALLOWED_HOSTS.`,
  },
  WEBHOOK_ENDPOINT_LIMIT: {
    status: 409,
    message: (p: { limit: number }) => `There are ${p.limit} webhook endpoints, as many as there may be: remove one.`,
  },
  WEBHOOK_ENDPOINT_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) => `There is no webhook endpoint ${p.id}: the query webhookEndpoints lists yours.`,
  },
  WEBHOOK_DELIVERY_NOT_FOUND: {
    status: 404,
    message: (p: { id: string }) =>
      `There is no delivery ${p.id} to an endpoint that takes any: the query webhookDeliveries lists yours.`,
  },
});
