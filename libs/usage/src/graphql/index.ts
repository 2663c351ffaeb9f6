import { Module } from '@nestjs/common';
import { UsageModule } from '../usage.module.js';
import { UsageResolver } from './usage.resolver.js';

export * from './usage.types.js';

@Module({ imports: [UsageModule], providers: [UsageResolver] })
export class UsageGraphqlModule {}
