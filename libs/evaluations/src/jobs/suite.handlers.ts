import { Injectable } from '@nestjs/common';
import type { Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { SuiteBuilder } from '../suite-builder.js';

@Injectable()
export class SuiteHandlers {
  constructor(private readonly builder: SuiteBuilder) {}

  @HandlesMessage('evaluations.suite.created')
  build({ payload }: Message<'evaluations.suite.created'>, scope: Scope): Promise<void> {
    return this.builder.build(scope, payload.suiteId);
  }
}
