import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { RunningWork, type WorkCount } from '../service-stops/running-work.js';
import { type ServiceStopSource, STOPPABLE_SERVICES } from '../service-stops/service-stop.js';
import { ServiceStopService } from '../service-stops/service-stop.service.js';
import { CONTRACT_ERRORS } from './contract.errors.js';
import type { Contract } from './contract.js';
import { holdContract } from './contract-access.js';

interface Suspension {
  contractId: string;
  reason: string;
  /** What it rests on. */
  clause: string;
}

/** A contract whose partner may begin nothing for the time being. It stays in force: what is used is billed, what is due stays due. */
@Injectable()
export class ContractSuspensionService {
  constructor(
    private readonly stops: ServiceStopService,
    private readonly runningWork: RunningWork,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Gives what runs, and goes on. By the lab. */
  async suspend(tx: Transaction, { contractId: id, reason, clause }: Suspension): Promise<WorkCount[]> {
    const { contract } = await holdContract(tx, id);
    if (!isInForce(contract, this.clock.now()))
      throw CONTRACT_ERRORS.CONTRACT_NOT_IN_FORCE({ id }, { path: ['contractId'] });
    const { organizationId } = contract;
    const stop = { organizationId, services: STOPPABLE_SERVICES, source: suspensionOf(id), reason, clause };
    const stopped = await this.stops.stop(tx, stop);
    if (stopped.length === 0) throw CONTRACT_ERRORS.CONTRACT_SUSPENDED({ id }, { path: ['contractId'] });
    return this.runningWork.of(tx, organizationId);
  }

  /** Also of a contract that has ended meanwhile: the partner may have another one. By the lab. */
  async resume(tx: Transaction, { contractId: id }: { contractId: string }): Promise<void> {
    await holdContract(tx, id);
    const lifted = await this.stops.lift(tx, suspensionOf(id));
    if (lifted.length === 0) throw CONTRACT_ERRORS.CONTRACT_NOT_SUSPENDED({ id }, { path: ['contractId'] });
  }
}

const suspensionOf = (id: string): ServiceStopSource => ({ kind: 'suspension', id });

function isInForce({ state, startsAt, endsAt }: Contract, at: Date): boolean {
  return state === 'in_force' && startsAt !== null && startsAt <= at && at < endsAt;
}
