import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Database } from '#platform/database';
import { Ctx, type RequestContext } from '#platform/graphql';
import type { IssuedInvoice } from '../invoices/invoice.js';
import { paymentPagesOf } from '../payments/payments.repository.js';
import { InvoiceType } from './invoice.types.js';

@Resolver(() => InvoiceType)
export class InvoicePaymentFields {
  constructor(private readonly database: Database) {}

  @ResolveField(() => String, {
    nullable: true,
    description:
      "Where the partner pays it: the payment provider's page. Null for the lab, before it was handed to the provider, and where none is configured.",
  })
  paymentUrl(@Ctx() context: RequestContext, @Parent() { id }: IssuedInvoice): Promise<string | null> {
    const read = async (ids: readonly string[]) => {
      const pages = await this.database.read(context.scope, (tx) => paymentPagesOf(tx, ids));
      return ids.map((one) => pages.get(one) ?? null);
    };
    return context.batched('Invoice.paymentUrl', {}, read).load(id);
  }
}
