import { Module, type OnModuleInit } from '@nestjs/common';
import { ContractsModule, RunningWork } from '#libs/contracts';
import { AttemptGate } from './attempt-gate.js';
import { countRunningJobs } from './compute.repository.js';
import { ComputeService } from './compute.service.js';
import { ComputeHistory } from './history.js';

@Module({
  imports: [ContractsModule],
  providers: [ComputeService, ComputeHistory],
  exports: [ComputeService, ComputeHistory],
})
export class ComputeModule implements OnModuleInit {
  constructor(private readonly runningWork: RunningWork) {}

  onModuleInit(): void {
    this.runningWork.alsoCount(countRunningJobs);
  }
}

/** For the internal listener alone: it needs a connection as the reconciler, to find attempts by their id. */
@Module({ providers: [AttemptGate], exports: [AttemptGate] })
export class AttemptGateModule {}
