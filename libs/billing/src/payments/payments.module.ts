import { type DynamicModule, Module } from '@nestjs/common';
import { BillingModule } from '../billing.module.js';
import { AbsentProvider, type StripeOptions, StripeProvider } from '../stripe/index.js';
import { PaymentDrifts } from './payment-drift.js';
import { PaymentEvents } from './payment-events.js';
import { PAYMENT_PROVIDER } from './payment-provider.js';
import { PaymentRefunds } from './payment-refunds.js';
import { Payments } from './payments.service.js';

export interface PaymentOptions {
  /** Null: nobody collects here. */
  stripe: StripeOptions | null;
}

const SERVICES = [Payments, PaymentRefunds, PaymentEvents, PaymentDrifts];

@Module({})
export class PaymentsModule {
  static forRoot({ stripe }: PaymentOptions): DynamicModule {
    const provider = {
      provide: PAYMENT_PROVIDER,
      useValue: stripe ? new StripeProvider(stripe) : new AbsentProvider(),
    };
    return {
      module: PaymentsModule,
      imports: [BillingModule],
      providers: [provider, ...SERVICES],
      exports: [provider, ...SERVICES],
    };
  }
}
