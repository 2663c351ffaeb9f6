import { Controller, Headers, HttpCode, Inject, Post, type RawBodyRequest, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PAYMENT_PROVIDER, PaymentEvents, type PaymentProvider } from '#libs/billing';

/** Where Stripe tells what happened. Its signature is all the authentication there is; who has none learns nothing. */
@Controller('webhooks/stripe')
export class StripeController {
  constructor(
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    private readonly events: PaymentEvents,
  ) {}

  /** 200 when the event is stored, also when it was before; what follows from it is the worker's business. */
  @Post()
  @HttpCode(200)
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Headers('stripe-signature') signature = '',
  ): Promise<{ received: true }> {
    await this.events.store([this.provider.verifyWebhook(request.rawBody ?? '', signature)]);
    return { received: true };
  }
}
