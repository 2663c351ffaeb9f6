import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { serviceStopped } from './service-stop.errors.js';
import { type ServiceStopSource, STOPPABLE_SERVICES, type StoppableService } from './service-stop.js';
import { firstLiveStop, insertStop, markLifted } from './service-stop.repository.js';

export interface NewServiceStop {
  organizationId: string;
  /** All of the organization if left out; else one of its projects or API keys. */
  subjectId?: string;
  services: readonly StoppableService[];
  source: ServiceStopSource;
  reason: string;
  clause: string;
}

/**
 * What may not go on: by the lab's word (a suspension, in its own scope) or by the system's (dunning, a spend cap; in the scope of the
 * partner). A stop ends what begins, not what runs; the gateway hears of it within a second.
 */
@Injectable()
export class ServiceStopService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Gives the services that were not stopped by this source before; those that were stay as they are. */
  async stop(tx: Transaction, { services, ...input }: NewServiceStop): Promise<StoppableService[]> {
    const since = this.clock.now();
    const stopped: StoppableService[] = [];
    for (const stops of services) {
      const stop = { id: newId('stop'), subjectId: input.organizationId, ...input, stops, since };
      if (!(await insertStop(tx, stop))) continue;
      stopped.push(stops);
      const { id: stopId, organizationId } = stop;
      tx.publish({ type: 'contracts.service_stopped', payload: { stopId, organizationId } });
    }
    return stopped;
  }

  /** Gives the services that this source had stopped until now; what others stop stays stopped. */
  async lift(
    tx: Transaction,
    source: ServiceStopSource,
    services: readonly StoppableService[] = STOPPABLE_SERVICES,
  ): Promise<StoppableService[]> {
    const lifted = await markLifted(tx, source, services, this.clock.now());
    for (const { id: stopId, organizationId } of lifted)
      tx.publish({ type: 'contracts.service_restored', payload: { stopId, organizationId } });
    return lifted.map(({ stops }) => stops);
  }

  /** Refuses with SERVICE_STOPPED what would begin or go on in this project of the scope's organization, by the key that calls if one does. */
  async assertMayWork(tx: Transaction, { projectId }: { projectId: string }): Promise<void> {
    const { organizationId, actor } = tx.scope;
    const stop = await firstLiveStop(tx, 'new_work', [organizationId, projectId, actor.id]);
    if (stop) throw serviceStopped('new_work', { ...stop, sourceKind: stop.source.kind });
  }
}
