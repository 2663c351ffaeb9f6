import { Inject, Injectable } from '@nestjs/common';
import { seenCheckpoints } from '#libs/catalog';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';

export type ServingState = 'ready' | 'starting' | 'cold' | 'failed';

/** How soon a checkpoint would answer. */
export interface ServingStatus {
  state: ServingState;
  /** Until it is expected to answer, counted from now; for what is cold, from the first call on. 0 when ready. */
  secondsUntilReady: number;
}

interface Row {
  checkpoint_id: string;
  is_base: boolean;
  engine_state: string | null;
  engine_created_at: Date | null;
  engine_retry_at: Date | null;
  adapter_state: string | null;
}

/** Until the first engine of this platform has shown how long it takes. */
const TYPICAL_START_SECONDS = 20;
const ADAPTER_LOAD_SECONDS = 1;

@Injectable()
export class ServingStatusService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** For checkpoints that the scope sees, in the order asked for; others are cold. */
  async of(tx: Transaction, checkpointIds: readonly string[]): Promise<ServingStatus[]> {
    const rows = await tx.query<Row>(
      `SELECT c.id AS checkpoint_id, c.id = c.base_checkpoint_id AS is_base, e.state AS engine_state,
              e.created_at AS engine_created_at, e.retry_at AS engine_retry_at, a.state AS adapter_state
       FROM checkpoints c
       LEFT JOIN LATERAL (SELECT id, state, created_at, retry_at FROM engines WHERE base_checkpoint_id = c.base_checkpoint_id
                          ORDER BY state IN ('stopped', 'failed'), created_at DESC, id DESC LIMIT 1) e ON true
       LEFT JOIN engine_adapters a ON a.engine_id = e.id AND a.checkpoint_id = c.id
       WHERE c.id = ANY ($1) AND ${seenCheckpoints('c')}`,
      [[...checkpointIds]],
    );
    const typical = await this.typicalStartSeconds(tx);
    const found = new Map(rows.map((row) => [row.checkpoint_id, row]));
    return checkpointIds.map((id) => this.statusOf(found.get(id), typical));
  }

  private statusOf(row: Row | undefined, typicalSeconds: number): ServingStatus {
    const now = this.clock.now().getTime();
    const cold: ServingStatus = { state: 'cold', secondsUntilReady: typicalSeconds };
    switch (row?.engine_state) {
      case 'ready':
        if (row.is_base || row.adapter_state === 'ready') return { state: 'ready', secondsUntilReady: 0 };
        return {
          state: row.adapter_state === 'loading' ? 'starting' : 'cold',
          secondsUntilReady: ADAPTER_LOAD_SECONDS,
        };
      case 'desired':
      case 'starting': {
        const elapsed = (now - row.engine_created_at!.getTime()) / 1000;
        return { state: 'starting', secondsUntilReady: Math.max(1, Math.round(typicalSeconds - elapsed)) };
      }
      case 'failed': {
        const pause = ((row.engine_retry_at?.getTime() ?? 0) - now) / 1000;
        return pause > 0 ? { state: 'failed', secondsUntilReady: Math.round(pause + typicalSeconds) } : cold;
      }
      default:
        return cold;
    }
  }

  /** The median of the last starts that the scope may know of. */
  private async typicalStartSeconds(tx: Transaction): Promise<number> {
    const row = await tx.one<{ seconds: number | null }>(
      `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ready_at - created_at)) AS seconds
       FROM (SELECT ready_at, created_at FROM engines
             WHERE ready_at IS NOT NULL
               AND EXISTS (SELECT 1 FROM checkpoints c WHERE c.id = base_checkpoint_id AND ${seenCheckpoints('c')})
             ORDER BY created_at DESC LIMIT 20) recent`,
    );
    return Math.max(1, Math.round(row?.seconds ?? TYPICAL_START_SECONDS));
  }
}
