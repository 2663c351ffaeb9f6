import type { z } from 'zod';
import { BILLING_MESSAGES } from './billing.js';
import { CATALOG_MESSAGES } from './catalog.js';
import { COMPUTE_MESSAGES } from './compute.js';
import { CONTRACT_MESSAGES } from './contracts.js';
import { DATASET_MESSAGES } from './datasets.js';
import type { MessageDefinition } from './define.js';
import { EVALUATION_MESSAGES } from './evaluations.js';

/** Every message that crosses a process through the outbox: one line per domain. */
export const MESSAGES = {
  ...BILLING_MESSAGES,
  ...CATALOG_MESSAGES,
  ...COMPUTE_MESSAGES,
  ...CONTRACT_MESSAGES,
  ...DATASET_MESSAGES,
  ...EVALUATION_MESSAGES,
} satisfies Record<string, MessageDefinition>;

export type MessageType = keyof typeof MESSAGES;

// biome-ignore lint/suspicious/noExplicitAny: each type narrows to its own schema
type SchemaOf<T extends MessageType> = (typeof MESSAGES)[T] extends MessageDefinition<infer S> ? S : any;

export type MessagePayload<T extends MessageType> = z.infer<SchemaOf<T>>;
