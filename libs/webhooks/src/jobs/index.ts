import { type DynamicModule, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { AuditModule } from '#libs/audit';
import { MailModule } from '#libs/identity';
import { Every } from '#platform/queue';
import { WebhookDeliveryService } from '../webhook-delivery.service.js';
import { WEBHOOK_SETTINGS, type WebhookSettings } from '../webhook-settings.js';

@Injectable()
export class WebhookRun implements OnModuleDestroy {
  constructor(private readonly delivery: WebhookDeliveryService) {}

  @Every('5s', 'webhooks.delivery')
  run(signal?: AbortSignal): Promise<void> {
    return this.delivery.deliverDue(signal);
  }

  onModuleDestroy(): Promise<void> {
    return this.delivery.close();
  }
}

/** What the worker does for webhooks. */
@Module({})
export class WebhooksJobsModule {
  static forRoot(settings: WebhookSettings): DynamicModule {
    return {
      module: WebhooksJobsModule,
      imports: [AuditModule, MailModule],
      providers: [WebhookDeliveryService, WebhookRun, { provide: WEBHOOK_SETTINGS, useValue: settings }],
    };
  }
}
