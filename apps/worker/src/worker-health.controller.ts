import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Outbox } from '#platform/outbox';

interface WorkerHealth {
  status: 'ok';
  messages: { open: number; parked: number; oldestOpenSeconds: number };
}

/** For whoever supervises the process; `parked` above 0 asks for a person, who begins with parked-messages.ts. */
@Controller('healthz')
export class WorkerHealthController {
  constructor(
    private readonly outbox: Outbox,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  async health(): Promise<WorkerHealth> {
    const { open, parked, oldestOpenAt } = await this.outbox.statistics().catch((error: Error) => {
      throw new ServiceUnavailableException(`the database does not answer: ${error.message}`);
    });
    const age = oldestOpenAt ? this.clock.now().getTime() - oldestOpenAt.getTime() : 0;
    return { status: 'ok', messages: { open, parked, oldestOpenSeconds: Math.floor(age / 1000) } };
  }
}
