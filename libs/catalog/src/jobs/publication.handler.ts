import { Injectable } from '@nestjs/common';
import type { Scope } from '#platform/database';
import type { Message } from '#platform/outbox';
import { HandlesMessage } from '#platform/queue';
import { ObjectStore } from '#platform/storage';
import { checkpointPrefix } from '../publication.service.js';
import { VerificationService } from '../verification.service.js';

@Injectable()
export class PublicationHandler {
  constructor(
    private readonly verification: VerificationService,
    private readonly store: ObjectStore,
  ) {}

  // Each reads whole checkpoints through: a few at a time, so that other messages are not kept from the network.
  @HandlesMessage('catalog.checkpoint.verifying', { concurrency: 2 })
  async verify({ payload }: Message<'catalog.checkpoint.verifying'>, scope: Scope): Promise<void> {
    await this.verification.verify(scope, payload.checkpointId);
  }

  @HandlesMessage('catalog.draft.discarded')
  async remove({ payload }: Message<'catalog.draft.discarded'>, scope: Scope): Promise<void> {
    await this.store.deleteAll(checkpointPrefix(scope.organizationId, payload.checkpointId));
  }
}
