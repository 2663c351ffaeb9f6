import { type DynamicModule, Module } from '@nestjs/common';
import { WebhookEndpointService } from './webhook-endpoint.service.js';
import { WebhookOutbox } from './webhook-outbox.js';
import { WEBHOOK_SETTINGS, type WebhookSettings } from './webhook-settings.js';

/** For domains that have something to tell: needs no settings. */
@Module({ providers: [WebhookOutbox], exports: [WebhookOutbox] })
export class WebhookOutboxModule {}

@Module({})
export class WebhookEndpointsModule {
  static forRoot(settings: WebhookSettings): DynamicModule {
    return {
      module: WebhookEndpointsModule,
      imports: [WebhookOutboxModule],
      providers: [WebhookEndpointService, { provide: WEBHOOK_SETTINGS, useValue: settings }],
      exports: [WebhookEndpointService, WebhookOutboxModule],
    };
  }
}
