import type pg from 'pg';
import type { Clock } from '#libs/kernel';
import type { Logger } from '#platform/telemetry';
import type { ConnectPostgres } from '../postgres.js';
import type { Route } from '../snapshot/snapshot.js';

/** A model in use is wanted anew this often; the pool stops what nobody wanted for longer. */
const REPEAT_MILLISECONDS = 10_000;
const RETRY_MILLISECONDS = 500;

export interface DemandStore {
  write(wanted: ReadonlyArray<{ checkpointId: string; baseCheckpointId: string }>, at: Date): Promise<void>;
  close(): Promise<void>;
}

/** A connection of its own, made when it is needed and kept until it fails. */
export function demandStoreOver(connect: ConnectPostgres): DemandStore {
  let client: pg.Client | undefined;
  const close = async () => {
    const open = client;
    client = undefined;
    await open?.end().catch(() => undefined);
  };
  const write: DemandStore['write'] = async (wanted, at) => {
    client ??= await connect();
    try {
      await client.query(
        `INSERT INTO model_demand (checkpoint_id, base_checkpoint_id, wanted_at)
         SELECT checkpoint_id, base_checkpoint_id, $3 FROM unnest($1::text[], $2::text[]) AS w(checkpoint_id, base_checkpoint_id)
         ORDER BY checkpoint_id
         ON CONFLICT (checkpoint_id) DO UPDATE SET wanted_at = greatest(model_demand.wanted_at, excluded.wanted_at)`,
        [wanted.map((route) => route.checkpointId), wanted.map((route) => route.baseCheckpointId), at],
      );
    } catch (error) {
      void close();
      throw error;
    }
  };
  return { write, close };
}

/** Tells the engine pool which models are wanted: at once when it is new, then every ten seconds while it lasts. */
export class ModelDemand {
  readonly repeatMilliseconds = REPEAT_MILLISECONDS;
  private readonly toldAt = new Map<string, number>();
  private readonly untold = new Map<string, Route>();
  private readonly running = new Map<string, { route: Route; calls: number }>();
  private writing?: Promise<void>;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly options: { store: DemandStore; clock: Clock; logger: Logger; monotonicNow: () => number },
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      for (const { route } of this.running.values()) this.want(route);
    }, REPEAT_MILLISECONDS / 2);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    // It may be connecting just now.
    await this.writing;
    await this.options.store.close();
  }

  want(route: Route): void {
    const toldAt = this.toldAt.get(route.checkpointId);
    if (toldAt !== undefined && this.options.monotonicNow() - toldAt < REPEAT_MILLISECONDS) return;
    this.untold.set(route.checkpointId, route);
    this.write();
  }

  /** A long answer keeps its model wanted until the returned function is called. */
  hold(route: Route): () => void {
    const known = this.running.get(route.checkpointId) ?? { route, calls: 0 };
    known.calls++;
    this.running.set(route.checkpointId, known);
    return () => {
      known.calls--;
      if (known.calls === 0) this.running.delete(route.checkpointId);
    };
  }

  /** One after another, as long as there is something to tell. */
  private write(): void {
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      if (this.untold.size > 0) this.write();
    });
  }

  private async writeAll(): Promise<void> {
    while (this.untold.size > 0) await this.writeOnce();
  }

  private async writeOnce(): Promise<void> {
    const routes = [...this.untold.values()];
    this.untold.clear();
    const toldAt = this.options.monotonicNow();
    for (const { checkpointId } of routes) this.toldAt.set(checkpointId, toldAt);
    try {
      await this.options.store.write(routes, this.options.clock.now());
    } catch (error) {
      // Not told after all. Who waits repeats it, and so does the next call.
      this.options.logger.warn({ err: error }, 'could not tell which models are wanted');
      for (const { checkpointId } of routes)
        this.toldAt.set(checkpointId, toldAt - REPEAT_MILLISECONDS + RETRY_MILLISECONDS);
    }
  }
}
