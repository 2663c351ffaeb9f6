import type { EntityManager } from 'typeorm';
import { type Clock, newId } from '#libs/kernel';
import { MESSAGES, type MessagePayload, type MessageType } from '#libs/messages';
import { bindScope, type Scope } from './scope.js';

export interface OutgoingMessage<T extends MessageType = MessageType> {
  type: T;
  payload: MessagePayload<T>;
  /** Messages with an equal key are handled one after another. */
  key?: string;
  /** Not handled before this many milliseconds have passed. */
  delayMilliseconds?: number;
}

/** One short database transaction under a scope. Held over no network call but those to PostgreSQL. */
export class Transaction {
  private readonly outgoing: OutgoingMessage[] = [];

  constructor(
    readonly manager: EntityManager,
    readonly scope: Scope,
    private readonly clock: Clock,
  ) {}

  /**
   * The rows, of `UPDATE ... RETURNING` too, where TypeORM's own `query` gives a pair of rows and their number.
   * A statement on tenant data confines itself, whatever row security does: to `:organization` and `:projects` of the scope.
   */
  async query<Row = Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const result = await this.manager.queryRunner!.query(...bindScope(sql, parameters, this.scope), true);
    return (result.records ?? []) as Row[];
  }

  async one<Row = Record<string, unknown>>(sql: string, parameters: readonly unknown[] = []): Promise<Row | null> {
    const rows = await this.query<Row>(sql, parameters);
    return rows[0] ?? null;
  }

  /** Hands a message to the outbox: it is sent if, and only if, this transaction commits. */
  publish<T extends MessageType>(message: OutgoingMessage<T>): void {
    const { schema } = MESSAGES[message.type] as { schema: { parse(value: unknown): unknown } };
    schema.parse(message.payload);
    this.outgoing.push(message as OutgoingMessage);
  }

  /** Called by Database just before the commit. */
  async flush(): Promise<void> {
    if (this.outgoing.length === 0) return;
    const now = this.clock.now();
    const rows = this.outgoing.map((message) => ({
      id: newId('msg'),
      type: message.type,
      version: (MESSAGES[message.type] as { version: number }).version,
      key: message.key ?? null,
      payload: message.payload,
      available_at: new Date(now.getTime() + (message.delayMilliseconds ?? 0)),
    }));
    await this.query(
      `INSERT INTO outbox (id, type, version, key, payload, available_at, organization_id, scope, created_at)
       SELECT m.id, m.type, m.version, m.key, m.payload, m.available_at, $2, $3::jsonb, $4
       FROM jsonb_to_recordset($1::jsonb) AS m(id text, type text, version int, key text, payload jsonb, available_at timestamptz)`,
      [JSON.stringify(rows), this.scope.organizationId, JSON.stringify(this.scope), now],
    );
    await this.query(`SELECT pg_notify('outbox', '')`);
  }
}
