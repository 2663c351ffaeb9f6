import type { Clock } from '#libs/kernel';
import type { MessageType } from '#libs/messages';
import { Database } from '#platform/database';
import { type Message, Outbox } from '#platform/outbox';
import type { TestGraphql } from '#test/harness';
import { PreparationHandlers } from '../../datasets/src/jobs/preparation.handlers.js';
import { FineTuningHandlers } from './jobs/fine-tuning.handlers.js';

const HANDLED = [
  'datasets.preparation.ended',
  'compute.job.started',
  'compute.checkpoint.saved',
  'compute.job.ended',
] as const satisfies MessageType[];

const is = <T extends MessageType>(type: T, message: Message): message is Message<T> => message.type === type;

/** The worker's part: hands messages from the outbox to those who handle them. */
export class Delivery {
  /** All that there were so far. */
  readonly delivered: Message[] = [];

  constructor(
    private readonly graphql: TestGraphql,
    private readonly clock: Clock,
  ) {}

  /** Everything that waits, in order; what came of it too. */
  async deliver(): Promise<Message[]> {
    const outbox = new Outbox(this.graphql.get(Database));
    const first = this.delivered.length;
    for (let id = await this.next(); id; id = await this.next()) {
      const now = this.clock.now();
      const row = (await outbox.claim(id, now, now))!;
      const { organization_id: organizationId, created_at: createdAt, attempts: attempt } = row;
      const message = { ...row, organizationId, createdAt, attempt } as unknown as Message;
      await this.handle(message);
      await outbox.complete(id, now);
      this.delivered.push(message);
    }
    return this.delivered.slice(first);
  }

  /** Once more, too: messages are delivered at least once. */
  async handle(message: Message): Promise<void> {
    const [tuning, preparations] = [this.graphql.get(FineTuningHandlers), this.graphql.get(PreparationHandlers)];
    const { organizationId } = message;
    const actor = { type: 'system', id: 'worker' } as const;
    const scope = { organizationId, kind: 'partner', actor, projectIds: 'all' } as const;
    if (is('datasets.preparation.ended', message)) await tuning.prepared(message, scope);
    if (is('compute.job.started', message)) await tuning.started(message, scope);
    if (is('compute.checkpoint.saved', message)) await tuning.saved(message, scope);
    if (!is('compute.job.ended', message)) return;
    await preparations.conclude(message, scope);
    await tuning.ended(message, scope);
  }

  private async next(): Promise<string | undefined> {
    const sql = 'SELECT id FROM outbox WHERE completed_at IS NULL AND type = ANY ($1) ORDER BY id LIMIT 1';
    const rows = await this.graphql.get(Database).as('relay', (tx) => tx.query<{ id: string }>(sql, [HANDLED]));
    return rows[0]?.id;
  }
}
