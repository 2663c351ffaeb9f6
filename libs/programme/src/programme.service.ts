import { Inject, Injectable } from '@nestjs/common';
import { clusterTimes } from '#libs/compute';
import { CLOCK, type Clock, type Currency } from '#libs/kernel';
import { assertUsageRange, ForkPointUsageService } from '#libs/usage';
import type { Transaction } from '#platform/database';
import { type Programme, programmeIn } from './programme.js';

export interface ProgrammeQuery {
  /** Inclusive. */
  from: Date;
  /** Exclusive. */
  to: Date;
  currency: Currency;
}

/** What partners make of the lab's checkpoints: computed anew each time from usage, contracts and the cluster's attempts. */
@Injectable()
export class ProgrammeService {
  constructor(
    private readonly usage: ForkPointUsageService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** In a scope of the lab: another sees its own usage alone. Refused with USAGE_RANGE_INVALID beyond 366 days. */
  async read(tx: Transaction, { from, to, currency }: ProgrammeQuery): Promise<Programme> {
    assertUsageRange({ from, to });
    const usage = await this.usage.read(tx, { from, to });
    const times = await clusterTimes(tx, { from, to, now: this.clock.now() });
    const owners = times.map(({ ownerId }) => ownerId);
    return programmeIn(currency, { usage, times, forkPoints: await this.usage.forkPointsOf(tx, owners) });
  }
}
