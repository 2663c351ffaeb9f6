import type pg from 'pg';
import type { Database, NarrowRole } from '#platform/database';
import type { Logger } from '#platform/telemetry';

const RECONNECT_MILLISECONDS = 1000;

export interface ListenerOptions {
  role: NarrowRole | 'app';
  channel: string;
  onNotification: (payload: string) => void;
  /** After every (re)connection: what was notified in between is lost, so read what may have changed. */
  onConnected?: () => void;
}

/** A LISTEN that outlives restarts of PostgreSQL. */
export class Listener {
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
    private readonly options: ListenerOptions,
  ) {}

  async start(): Promise<void> {
    const { role, channel, onNotification, onConnected } = this.options;
    try {
      const client = await this.database.dedicated(role);
      if (this.stopped) return void (await client.end());
      this.client = client;
      client.on('notification', ({ payload }) => onNotification(payload ?? ''));
      client.on('end', () => this.reconnect());
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      onConnected?.();
    } catch (error) {
      this.logger.warn({ err: error, channel }, 'listening failed and is tried again');
      this.reconnect();
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private reconnect(): void {
    if (this.stopped || this.timer) return;
    void this.client?.end().catch(() => undefined);
    this.client = undefined;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.start();
    }, RECONNECT_MILLISECONDS);
  }
}
