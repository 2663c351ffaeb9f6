import { Module } from '@nestjs/common';
import { ProgrammeModule } from '../programme.module.js';
import { ProgrammeResolver } from './programme.resolver.js';

@Module({ imports: [ProgrammeModule], providers: [ProgrammeResolver] })
export class ProgrammeGraphqlModule {}
