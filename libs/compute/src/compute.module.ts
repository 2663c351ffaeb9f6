import { Module } from '@nestjs/common';
import { AttemptGate } from './attempt-gate.js';
import { ComputeService } from './compute.service.js';
import { ComputeHistory } from './history.js';

@Module({ providers: [ComputeService, ComputeHistory], exports: [ComputeService, ComputeHistory] })
export class ComputeModule {}

/** For the internal listener alone: it needs a connection as the reconciler, to find attempts by their id. */
@Module({ providers: [AttemptGate], exports: [AttemptGate] })
export class AttemptGateModule {}
