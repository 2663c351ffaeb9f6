import type { Clock } from '#libs/kernel';
import { MESSAGES, type MessageType } from '#libs/messages';
import { type Scope, systemScope } from '#platform/database';
import type { Message, Outbox, OutboxRow } from '#platform/outbox';
import type { Logger } from '#platform/telemetry';
import type { HandlerOptions } from './decorators.js';

export interface BoundHandler extends HandlerOptions {
  type: MessageType;
  /** Class and method, for the log. */
  name: string;
  handle(message: Message, scope: Scope): Promise<void>;
}

/** The relay that found the message due may be on a machine whose clock is a little ahead. */
const CLOCK_SKEW_MILLISECONDS = 250;
const LARGEST_BACKOFF_MILLISECONDS = 300_000;
const NEWER_VERSION_WAIT_MILLISECONDS = 60_000;
const DEFAULTS = { maxAttempts: 8, backoffMilliseconds: 1000 };

/** Handles messages one by one: takes the lease, runs every handler of the type, records how it ended. */
export class Consumer {
  private readonly leased = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly outbox: Outbox,
    private readonly handlers: ReadonlyMap<string, readonly BoundHandler[]>,
    private readonly clock: Clock,
    private readonly logger: Logger,
    private readonly leaseMilliseconds: number,
  ) {
    this.timer = setInterval(() => void this.renew(), leaseMilliseconds / 3).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  async handle(id: string): Promise<void> {
    try {
      const due = this.later(CLOCK_SKEW_MILLISECONDS);
      const row = await this.outbox.claim(id, due, this.later(this.leaseMilliseconds));
      if (!row) return;
      this.leased.add(id);
      await this.run(row);
    } catch (error) {
      // The database is away: the lease runs out, and the message comes again.
      this.logger.error({ err: error, messageId: id }, 'how a message ended could not be recorded');
    } finally {
      this.leased.delete(id);
    }
  }

  private async run(row: OutboxRow): Promise<void> {
    const definition = MESSAGES[row.type as MessageType];
    if (row.version > definition.version) {
      const error = `version ${row.version} is newer than this worker's ${definition.version}`;
      return this.outbox.retryLater(row.id, { error, at: this.later(NEWER_VERSION_WAIT_MILLISECONDS), forgive: true });
    }
    const payload = definition.schema.safeParse(row.payload);
    if (!payload.success) return this.park(row, `the payload does not fit its schema: ${payload.error.message}`);
    const scope = systemScope('worker', row.organization_id, row.scope.kind);
    const message = messageOf(row, payload.data);
    for (const handler of this.handlers.get(row.type) ?? []) {
      try {
        await handler.handle(message, scope);
      } catch (error) {
        return this.failed(row, handler, error as Error);
      }
    }
    await this.outbox.complete(row.id, this.clock.now());
  }

  private async failed(row: OutboxRow, handler: BoundHandler, error: Error): Promise<void> {
    const maxAttempts = handler.maxAttempts ?? DEFAULTS.maxAttempts;
    const text = `${handler.name}: ${error.stack ?? error.message}`.slice(0, 4000);
    if (row.attempts >= maxAttempts) return this.park(row, text);
    const backoff = (handler.backoffMilliseconds ?? DEFAULTS.backoffMilliseconds) * 2 ** (row.attempts - 1);
    this.logger.warn({ err: error, messageId: row.id, type: row.type, attempt: row.attempts }, 'a handler failed');
    const at = this.later(Math.min(backoff, LARGEST_BACKOFF_MILLISECONDS));
    await this.outbox.retryLater(row.id, { error: text, at });
  }

  private async park(row: OutboxRow, error: string): Promise<void> {
    this.logger.error({ messageId: row.id, type: row.type, attempts: row.attempts, error }, 'a message is parked');
    await this.outbox.park(row.id, error, this.clock.now());
  }

  private async renew(): Promise<void> {
    if (this.leased.size === 0) return;
    await this.outbox
      .renew([...this.leased], this.later(this.leaseMilliseconds))
      .catch((error: unknown) => this.logger.warn({ err: error }, 'leases of messages could not be renewed'));
  }

  private later(milliseconds: number): Date {
    return new Date(this.clock.now().getTime() + milliseconds);
  }
}

function messageOf(row: OutboxRow, payload: unknown): Message {
  return {
    id: row.id,
    type: row.type as MessageType,
    version: row.version,
    payload: payload as Message['payload'],
    organizationId: row.organization_id,
    key: row.key,
    createdAt: row.created_at,
    attempt: row.attempts,
  };
}
