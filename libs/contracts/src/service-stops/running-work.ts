import { Injectable } from '@nestjs/common';
import type { Transaction } from '#platform/database';

/** How much of a partner is under way: numbers, never names. */
export interface WorkCount {
  /** Of what kind: that of a compute job, or `deployments`. */
  what: string;
  count: number;
}

/** In the scope of the lab. */
export type CountWork = (tx: Transaction, organizationId: string) => Promise<WorkCount[]>;

/** What a stop leaves alone. Domains whose work it is build on contracts and not the reverse: they say here what of theirs runs. */
@Injectable()
export class RunningWork {
  private readonly counters: CountWork[] = [];

  alsoCount(counter: CountWork): void {
    this.counters.push(counter);
  }

  async of(tx: Transaction, organizationId: string): Promise<WorkCount[]> {
    const counts: WorkCount[] = [];
    for (const count of this.counters) counts.push(...(await count(tx, organizationId)));
    return counts.filter(({ count }) => count > 0).sort((a, b) => (a.what < b.what ? -1 : 1));
  }
}
