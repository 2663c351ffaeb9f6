import { SetMetadata } from '@nestjs/common';
import type { MessageType } from '#libs/messages';
import type { Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { parseDuration } from './duration.js';

const HANDLES_MESSAGE = 'forkpoint:handles-message';
const EVERY = 'forkpoint:every';

export interface HandlerOptions {
  /** Messages of this type that one process handles at a time. */
  concurrency?: number;
  /** Then the message is parked, for a person to look at. */
  maxAttempts?: number;
  /** Doubles with each attempt, up to five minutes. */
  backoffMilliseconds?: number;
}

export interface HandlerMetadata extends HandlerOptions {
  type: MessageType;
}

export interface ScheduleMetadata {
  name: string;
  milliseconds: number;
}

type Handler<T extends MessageType> = (message: Message<T>, scope: Scope) => Promise<void>;
type Scheduled = (signal: AbortSignal) => Promise<void>;
type MethodOf<Method> = <M extends Method>(
  target: object,
  name: string | symbol,
  method: TypedPropertyDescriptor<M>,
) => void;

/**
 * Marks a provider's method as a handler of a message type: `async handle(message, scope)`. It runs at least once per
 * message, in the worker, with the message's organization as scope and the system as actor; it must bear being run again.
 * Several methods may handle one type: the message is done when all of them are.
 */
export function HandlesMessage<T extends MessageType>(type: T, options: HandlerOptions = {}): MethodOf<Handler<T>> {
  return SetMetadata(HANDLES_MESSAGE, { ...options, type } satisfies HandlerMetadata) as MethodOf<Handler<T>>;
}

/**
 * Runs a provider's method again and again, this long after its last run began: `@Every('5s', 'compute.supervise')`.
 * In all processes together one run at a time. The signal is aborted when the process is to end.
 */
export function Every(interval: string, name: string): MethodOf<Scheduled> {
  const milliseconds = parseDuration(interval);
  return SetMetadata(EVERY, { name, milliseconds } satisfies ScheduleMetadata) as MethodOf<Scheduled>;
}

export const handlerMetadataOf = (method: object): HandlerMetadata | undefined =>
  Reflect.getMetadata(HANDLES_MESSAGE, method);

export const scheduleMetadataOf = (method: object): ScheduleMetadata | undefined => Reflect.getMetadata(EVERY, method);
