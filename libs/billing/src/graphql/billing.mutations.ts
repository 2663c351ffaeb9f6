import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { Ctx, MutationRunner, type RequestContext } from '#platform/graphql';
import { CreditGrantService } from '../credits/credit-grant.service.js';
import { InvoiceExportService } from '../exports/invoice-export.service.js';
import { InvoiceService } from '../invoices/invoice.service.js';
import { CreateCreditGrantInput, CreditGrantPayload, VoidCreditGrantInput } from './credit-grant.types.js';
import { InvoicePayload, MarkInvoiceUncollectibleInput, VoidInvoiceInput } from './invoice.types.js';
import { ExportInvoiceInput } from './invoice-export.types.js';

const CREDIT = 'credits:write';
const WRITE = 'invoices:write';
const READ = 'invoices:read';

@Resolver()
export class BillingMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly credits: CreditGrantService,
    private readonly invoices: InvoiceService,
    private readonly exports: InvoiceExportService,
  ) {}

  @Mutation(() => CreditGrantPayload, {
    description:
      'Grants a credit; refused with CREDIT_GRANT_INVALID for what the invoices could not be made from. For the lab; needs the permission credits:write.',
  })
  createCreditGrant(@Ctx() context: RequestContext, @Args('input') input: CreateCreditGrantInput) {
    return this.mutations.run(context, { name: 'createCreditGrant', permission: CREDIT, input }, async (tx) => {
      const { idempotencyKey: _key, ...given } = input;
      const grant = {
        ...given,
        effectiveAt: given.effectiveAt ?? null,
        expiresAt: given.expiresAt ?? null,
        priority: given.priority ?? 0,
        recurrence: given.recurrence ?? 'once',
        rolloverMinor: given.rolloverMinor ?? 0n,
        meters: given.meters ?? null,
        projectIds: given.projectIds ?? null,
      };
      return { creditGrant: await this.credits.grant(tx, grant) };
    });
  }

  @Mutation(() => CreditGrantPayload, {
    description:
      'Voids a credit: what it paid on invoices of periods that are over stays. Refused with CREDIT_GRANT_VOIDED the second time. For the lab; needs the permission credits:write.',
  })
  voidCreditGrant(@Ctx() context: RequestContext, @Args('input') input: VoidCreditGrantInput) {
    return this.mutations.run(context, { name: 'voidCreditGrant', permission: CREDIT, input }, async (tx) => {
      await this.credits.void(tx, input);
      return { creditGrant: input.creditGrantId };
    });
  }

  @Mutation(() => InvoicePayload, {
    description:
      'Voids a final invoice; refused with INVOICE_TOUCHED once something was paid, with INVOICE_CARRIES_BALANCE where another invoice rests on it. For the lab; needs the permission invoices:write.',
  })
  voidInvoice(@Ctx() context: RequestContext, @Args('input') input: VoidInvoiceInput) {
    return this.mutations.run(context, { name: 'voidInvoice', permission: WRITE, input }, async (tx) => {
      await this.invoices.void(tx, input);
      return { invoice: input.invoiceId };
    });
  }

  @Mutation(() => InvoicePayload, {
    description:
      'Gives up what is due on a final invoice; a payment that comes after all makes it due again. For the lab; needs the permission invoices:write.',
  })
  markInvoiceUncollectible(@Ctx() context: RequestContext, @Args('input') input: MarkInvoiceUncollectibleInput) {
    return this.mutations.run(context, { name: 'markInvoiceUncollectible', permission: WRITE, input }, async (tx) => {
      await this.invoices.markUncollectible(tx, input);
      return { invoice: input.invoiceId };
    });
  }

  @Mutation(() => InvoicePayload, {
    description:
      'Has the file made that a final invoice can be rebuilt from, offline, by npm run invoice:rebuild; refused with INVOICE_NOT_FINALIZED before. Fetch it by `export` of the invoice once that is ready. Needs the permission invoices:read.',
  })
  exportInvoice(@Ctx() context: RequestContext, @Args('input') input: ExportInvoiceInput) {
    return this.mutations.run(context, { name: 'exportInvoice', permission: READ, input }, async (tx) => {
      await this.exports.request(tx, input.invoiceId);
      return { invoice: input.invoiceId };
    });
  }
}
