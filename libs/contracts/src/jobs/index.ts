import { Module } from '@nestjs/common';
import { MailModule } from '#libs/identity';
import { WebhookOutboxModule } from '#libs/webhooks';
import { ContractsModule } from '../contracts.module.js';
import { CapAlertHandler } from './cap-alert.handler.js';
import { ListingRemover } from './listing-remover.js';
import { RetentionRun } from './retention-run.js';
import { WebhookEventsHandler } from './webhook-events.handler.js';

/** What the worker does for contracts. */
@Module({
  imports: [ContractsModule, MailModule, WebhookOutboxModule],
  providers: [CapAlertHandler, WebhookEventsHandler, ListingRemover, RetentionRun],
})
export class ContractsJobsModule {}
