import { Module } from '@nestjs/common';
import { MailModule } from '#libs/identity';
import { WebhookOutboxModule } from '#libs/webhooks';
import { CapAlertHandler } from './cap-alert.handler.js';
import { WebhookEventsHandler } from './webhook-events.handler.js';

/** What the worker does for contracts. */
@Module({ imports: [MailModule, WebhookOutboxModule], providers: [CapAlertHandler, WebhookEventsHandler] })
export class ContractsJobsModule {}
