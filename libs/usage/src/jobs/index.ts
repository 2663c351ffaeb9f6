import { Module } from '@nestjs/common';
import { LostRecorders } from './lost-recorders.js';

export { LostRecorders };

@Module({ providers: [LostRecorders] })
export class UsageJobsModule {}
