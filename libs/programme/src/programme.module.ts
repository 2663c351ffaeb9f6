import { Module } from '@nestjs/common';
import { UsageModule } from '#libs/usage';
import { ProgrammeService } from './programme.service.js';

@Module({ imports: [UsageModule], providers: [ProgrammeService], exports: [ProgrammeService] })
export class ProgrammeModule {}
