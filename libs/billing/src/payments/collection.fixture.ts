import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ContractsJobsModule } from '#libs/contracts/jobs';
import type { AccountName } from '#libs/ledger';
import { Database, DatabaseModule } from '#platform/database';
import type { QueueModule } from '#platform/queue';
import { StorageModule } from '#platform/storage';
import { type TestOrganization, testStore } from '#test/harness';
import { FakeStripe } from '../../../../test/fakes/stripe/index.js';
import { billingScope } from '../billing-scope.js';
import { type Partnership, PartnershipFixture } from '../invoices/partnership.fixture.js';
import { BillingJobsModule } from '../jobs/billing-jobs.module.js';
import { PaymentEventHandler } from '../jobs/payment-event.handler.js';
import type { StripeOptions } from '../stripe/index.js';
import { payable } from './payable.fixture.js';
import { PaymentEvents } from './payment-events.js';
import { PAYMENT_PROVIDER, type PayableInvoice, type PaymentProvider, type ProviderEvent } from './payment-provider.js';
import { Payments } from './payments.service.js';

/** When all contracts begin. */
export const START = new Date('2024-01-10T12:00:00.000Z');
/** The fake goes by real time. */
export const NOW = new Date();

export type Partner = Partnership & { name: string; email: null };

/** Contracts and invoices on a real database, collected by what the worker does for billing through the fake of Stripe. */
export class CollectionFixture {
  readonly database = this.app.get(Database);
  readonly provider: PaymentProvider = this.app.get(PAYMENT_PROVIDER);
  readonly payments = this.app.get(Payments);
  readonly events = this.app.get(PaymentEvents);
  readonly handler = this.app.get(PaymentEventHandler);

  private constructor(
    readonly partnerships: PartnershipFixture,
    readonly fake: FakeStripe,
    readonly app: INestApplicationContext,
  ) {}

  static async start(options: Partial<StripeOptions> = {}): Promise<CollectionFixture> {
    const partnerships = await PartnershipFixture.start(START.toISOString());
    const fake = await new FakeStripe().start();
    const { url: apiUrl, webhookSecret } = fake;
    const stripe = { apiKey: 'sk_test_fake', webhookSecret, apiUrl, retries: 0, ...options };
    return new CollectionFixture(partnerships, fake, await startWorker(partnerships, stripe));
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.fake.stop();
    await this.partnerships.stop();
  }

  /** A partner with final invoices of these amounts, one for each month. They are not handed over yet. */
  async invoiced(amounts: readonly bigint[] = [3_285n]): Promise<[Partner, ...PayableInvoice[]]> {
    const { partnerships } = this;
    partnerships.clock.set(START);
    const day = (month: number, date: number) => new Date(Date.UTC(START.getUTCFullYear(), month, date)).toISOString();
    const partner = await partnerships.agree(day(amounts.length, 1));
    for (const [month, amount] of amounts.entries())
      await partnerships.use(partner, { at: day(month, 20), input: Number(amount) });
    await partnerships.at(day(amounts.length, 10));
    partnerships.clock.set(NOW);
    const { organizationId } = partner;
    const invoices = (await partnerships.issued(partner)).map(({ id, dueMinor }) =>
      payable(organizationId, { id, amounts: [dueMinor!] }),
    );
    return [{ ...partner, name: 'Partner', email: null }, ...invoices];
  }

  /** An invoice that was handed to the provider. */
  async issued() {
    const [partner, invoice] = await this.invoiced();
    return { partner, invoice: invoice!, ...(await this.payments.issue(invoice!, partner)) };
  }

  balance({ organizationId }: TestOrganization, account: AccountName): Promise<bigint> {
    const { reports } = this.partnerships;
    return this.database.read(billingScope(organizationId), (tx) => reports.balance(tx, { account, currency: 'USD' }));
  }

  /** Everything that the provider told from some event on comes in, and is processed. */
  async told(after: number, times = 1): Promise<void> {
    const received = this.verified(this.fake.webhooks({ after }));
    for (let time = 0; time < times; time++) {
      await this.events.store(received);
      await this.handler.processOpen();
    }
  }

  /** As they come over HTTP. */
  verified(webhooks: ReturnType<FakeStripe['webhooks']>): ProviderEvent[] {
    return webhooks.map(({ body, headers }) => this.provider.verifyWebhook(body, headers['stripe-signature']));
  }
}

/** What the worker does for billing; with a queue, by itself. */
export function startWorker(
  { testing, clock }: PartnershipFixture,
  stripe: StripeOptions | null,
  queue: Array<ReturnType<typeof QueueModule.forRoot>> = [],
): Promise<INestApplicationContext> {
  const { app: appUrl, reconciler, relay } = testing.urls;
  const connection = DatabaseModule.forRoot({ appUrl, narrowUrls: { reconciler, relay } }, clock);
  const store = StorageModule.forRoot(testStore());
  // Dunning stops services, and what follows from that is contracts' to do.
  const jobs = [BillingJobsModule.forRoot({ stripe }), ContractsJobsModule];
  @Module({ imports: [connection, store, ...queue, ...jobs] })
  class SpecWorker {}
  return NestFactory.createApplicationContext(SpecWorker, { logger: false, abortOnError: false });
}
