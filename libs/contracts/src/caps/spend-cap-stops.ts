import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { leasedOfWindows } from '../leases/spend-lease.repository.js';
import { liveStopsFrom } from '../service-stops/service-stop.repository.js';
import { ServiceStopService } from '../service-stops/service-stop.service.js';
import { type CountedCap, leftOf, limitText, type SpendCap, subjectIdOf } from './spend-cap.js';
import { capsInForce } from './spend-cap.repository.js';
import { SpendCapKeeper } from './spend-cap-keeper.js';

const OWN_CLAUSE = 'a spend cap that your organization set';

/** Stops the inference of whom a hard cap leaves nothing, until it leaves something again: in another month, or by another cap. */
@Injectable()
export class SpendCapStops {
  constructor(
    private readonly keeper: SpendCapKeeper,
    private readonly stops: ServiceStopService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** For the scope's organization, by the system. Again it changes nothing. */
  async follow(tx: Transaction): Promise<void> {
    const hard = (await capsInForce(tx)).filter(({ isHard }) => isHard);
    const measured = await this.keeper.measured(tx, hard, this.clock.now());
    const leased = await leasedOfWindows(tx);
    const exhausted = measured.filter((one) => leftOf(withoutLeases(one, leased)) === 0n).map(({ cap }) => cap);
    const still = new Set(exhausted.map(({ id }) => id));
    for (const { source } of await liveStopsFrom(tx, 'spend_cap')) {
      if (!still.has(source.id)) await this.stops.lift(tx, source);
    }
    for (const cap of exhausted) await this.stop(tx, cap);
  }

  private async stop(tx: Transaction, cap: SpendCap): Promise<void> {
    const { id, organizationId } = cap;
    await this.stops.stop(tx, {
      organizationId,
      subjectId: subjectIdOf(cap),
      services: ['inference'],
      source: { kind: 'spend_cap', id },
      reason: `The spend cap ${id} of ${limitText(cap)} leaves nothing`,
      clause: cap.clause ?? OWN_CLAUSE,
    });
  }
}

/** What is merely leased comes back, or is counted as spent: a stop for it would be lifted and set again with every lease. */
function withoutLeases({ cap, window }: CountedCap, leased: Awaited<ReturnType<typeof leasedOfWindows>>): CountedCap {
  const ofWindow = leased.find(
    ({ capId, startsAt }) => capId === cap.id && startsAt.getTime() === window.startsAt.getTime(),
  );
  return { cap, window: { ...window, heldNanos: window.heldNanos - (ofWindow?.nanos ?? 0n) } };
}
