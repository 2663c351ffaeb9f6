import { Injectable } from '@nestjs/common';
import { Every } from '#platform/queue';
import { createLogger } from '#platform/telemetry';
import { PaymentEvents, type ToldInvoice } from '../payments/payment-events.js';
import { Payments } from '../payments/payments.service.js';

/** Invoices per look at the store, and how many of them at once: Stripe takes a hundred calls a second. */
const BATCH = 100;
const CONCURRENCY = 4;

/**
 * Makes of stored events what they tell. An event says where to look and no more: what holds is asked of the provider, so it makes no difference
 * whether events come twice, in another order or months late.
 */
@Injectable()
export class PaymentEventHandler {
  private readonly logger = createLogger('worker');

  constructor(
    private readonly events: PaymentEvents,
    private readonly payments: Payments,
  ) {}

  @Every('2s', 'billing.payment-events')
  async run(signal: AbortSignal): Promise<void> {
    await this.processOpen(signal);
  }

  /** Until nothing is open but what failed, which comes again with the next run. Gives how many events were closed. */
  async processOpen(signal?: AbortSignal): Promise<number> {
    const failed = new Set<string>();
    let closed = 0;
    while (!signal?.aborted) {
      const told = (await this.events.open(BATCH)).filter(({ providerInvoiceId }) => !failed.has(providerInvoiceId));
      if (told.length === 0) break;
      const failedBefore = failed.size;
      for (let from = 0; from < told.length; from += CONCURRENCY) {
        const counts = await Promise.all(
          told.slice(from, from + CONCURRENCY).map((each) => this.process(each, failed)),
        );
        closed += counts.reduce((sum, count) => sum + count, 0);
      }
      // The provider is away: the next run asks again.
      if (failed.size - failedBefore === told.length) break;
    }
    return closed;
  }

  private async process(told: ToldInvoice, failed: Set<string>): Promise<number> {
    const { organizationId, providerInvoiceId, eventIds } = told;
    try {
      // What is not ours, or not on record yet: issuing looks at the provider again after it recorded an invoice.
      if (organizationId) await this.payments.refresh(organizationId, providerInvoiceId);
      await this.events.close(told, organizationId ? 'applied' : 'ignored');
      return eventIds.length;
    } catch (error) {
      failed.add(providerInvoiceId);
      this.logger.warn(
        { err: error, providerInvoiceId, events: eventIds.length },
        'events of an invoice could not be applied and come again',
      );
      return 0;
    }
  }
}
