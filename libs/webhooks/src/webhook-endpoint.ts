import type { WebhookEvent } from './webhook-event.js';

export interface WebhookEndpoint {
  id: string;
  organizationId: string;
  url: string;
  description: string;
  events: WebhookEvent[];
  /** Counts its secrets, from 1. */
  secretVersion: number;
  /** Until when the secret before is signed with, too. */
  previousSecretUntil: Date | null;
  createdAt: Date;
  /** Since when every attempt failed; null: the last one succeeded, or none was made. */
  failingSince: Date | null;
  /** When it was given up after failing for so long; what was due is not sent. */
  disabledAt: Date | null;
}

export type WebhookDeliveryState = 'pending' | 'delivered' | 'given_up';
export const WEBHOOK_DELIVERY_STATES = ['pending', 'delivered', 'given_up'] as const;

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  id: string;
  endpointId: string;
  eventId: string;
  type: WebhookEvent;
  /** The JSON that is sent, to the byte. */
  body: string;
  createdAt: Date;
  /** Null: nothing is tried any more. */
  nextAttemptAt: Date | null;
  deliveredAt: Date | null;
}

export interface WebhookAttempt {
  number: number;
  startedAt: Date;
  latencyMilliseconds: number;
  /** Null where none came. */
  status: number | null;
  /** Null where it was taken. */
  error: string | null;
}

export function stateOf({ nextAttemptAt, deliveredAt }: WebhookDelivery): WebhookDeliveryState {
  if (nextAttemptAt) return 'pending';
  return deliveredAt ? 'delivered' : 'given_up';
}
