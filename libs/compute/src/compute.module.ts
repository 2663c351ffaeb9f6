import { Module } from '@nestjs/common';
import { ComputeService } from './compute.service.js';
import { ComputeHistory } from './history.js';

@Module({ providers: [ComputeService, ComputeHistory], exports: [ComputeService, ComputeHistory] })
export class ComputeModule {}
