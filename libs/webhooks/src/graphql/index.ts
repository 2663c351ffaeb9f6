import { type DynamicModule, Module } from '@nestjs/common';
import type { WebhookSettings } from '../webhook-settings.js';
import { WebhookEndpointsModule } from '../webhooks.module.js';
import { WebhookDeliveryFields, WebhooksResolver } from './webhooks.resolver.js';

@Module({})
export class WebhooksGraphqlModule {
  static forRoot(settings: WebhookSettings): DynamicModule {
    return {
      module: WebhooksGraphqlModule,
      imports: [WebhookEndpointsModule.forRoot(settings)],
      providers: [WebhooksResolver, WebhookDeliveryFields],
    };
  }
}
