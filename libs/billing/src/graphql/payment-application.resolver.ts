import { Args, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { Currency } from '#libs/kernel';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { Database } from '#platform/database';
import { Ctx, MutationRunner, type RequestContext } from '#platform/graphql';
import type { IssuedInvoice } from '../invoices/invoice.js';
import { PaymentApplicationService } from '../payment-applications/payment-application.service.js';
import { InvoicePayload, InvoiceType } from './invoice.types.js';
import { ApplyUnappliedPaymentsInput, PaymentApplicationType } from './payment-application.types.js';

@Resolver()
export class PaymentApplicationMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly applications: PaymentApplicationService,
  ) {}

  @Mutation(() => InvoicePayload, {
    description:
      'Has an invoice paid, in part or in full, with what its partner paid beyond what was due (`Invoice.unapplied`); it shows as paid a moment later. Refused with APPLICATION_NOTHING_OPEN and APPLICATION_NOTHING_UNAPPLIED where there is nothing to pay, or to pay with, with APPLICATION_EXCEEDS beyond either, with INVOICE_COLLECTED_ELSEWHERE where a payment provider collects the invoice. For the lab; needs the permission invoices:write.',
  })
  applyUnappliedPayments(@Ctx() context: RequestContext, @Args('input') input: ApplyUnappliedPaymentsInput) {
    const options = { name: 'applyUnappliedPayments', permission: 'invoices:write', input } as const;
    return this.mutations.run(context, options, async (tx) => {
      const { invoiceId, amountMinor } = input;
      await this.applications.request(tx, { invoiceId, amountMinor: amountMinor ?? null });
      return { invoice: invoiceId };
    });
  }
}

@Resolver(() => InvoiceType)
export class PaymentApplicationFields {
  constructor(
    private readonly database: Database,
    private readonly applications: PaymentApplicationService,
  ) {}

  @ResolveField(() => [PaymentApplicationType], { description: 'What applyUnappliedPayments paid of it.' })
  paymentApplications(
    @Ctx() context: RequestContext,
    @Parent() { id, currency }: IssuedInvoice,
  ): Promise<PaymentApplicationType[]> {
    return context
      .batched('Invoice.paymentApplications', {}, (ids) =>
        this.database.read(context.scope, async (tx) => {
          const byInvoice = Map.groupBy(await this.applications.of(tx, ids), ({ invoiceId }) => invoiceId);
          return ids.map((one) => byInvoice.get(one) ?? []);
        }),
      )
      .load(id)
      .then((found) =>
        found.map(({ amountMinor, appliedMinor, ...rest }) => ({
          ...rest,
          amount: LedgerAmountType.of(amountMinor, currency),
          applied: appliedMinor === null ? null : LedgerAmountType.of(appliedMinor, currency),
        })),
      );
  }

  @ResolveField(() => LedgerAmountType, {
    description:
      "What the partner paid in the invoice's currency and no invoice used: too much, for a void invoice, or for what was credited after it was paid; less what was asked for already, to be applied or refunded.",
  })
  unapplied(
    @Ctx() context: RequestContext,
    @Parent() { organizationId, currency }: IssuedInvoice,
  ): Promise<LedgerAmountType> {
    return context
      .batched('Invoice.unapplied', {}, (keys) =>
        this.database.read(context.scope, async (tx) => {
          const amounts: LedgerAmountType[] = [];
          for (const key of keys) {
            const [organizationId, currency] = key.split(' ') as [string, Currency];
            const unappliedMinor = await this.applications.unapplied(tx, { organizationId, currency });
            amounts.push(LedgerAmountType.of(unappliedMinor, currency));
          }
          return amounts;
        }),
      )
      .load(`${organizationId} ${currency}`);
  }
}
