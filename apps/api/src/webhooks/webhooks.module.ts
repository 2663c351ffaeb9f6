import { type DynamicModule, Module } from '@nestjs/common';
import { type PaymentOptions, PaymentsModule } from '#libs/billing';
import { StripeController } from './stripe.controller.js';

/** What others tell us, by their own rules of who they are. */
@Module({})
export class WebhooksModule {
  static forRoot(options: PaymentOptions): DynamicModule {
    return { module: WebhooksModule, imports: [PaymentsModule.forRoot(options)], controllers: [StripeController] };
  }
}
