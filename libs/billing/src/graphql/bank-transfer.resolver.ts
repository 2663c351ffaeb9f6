import { Args, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { Database } from '#platform/database';
import { Ctx, MutationRunner, type RequestContext } from '#platform/graphql';
import { BankTransferService } from '../bank-transfers/bank-transfer.service.js';
import type { IssuedInvoice } from '../invoices/invoice.js';
import { BankTransferType, RecordBankTransferInput } from './bank-transfer.types.js';
import { InvoicePayload, InvoiceType } from './invoice.types.js';

@Resolver()
export class BankTransferMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly transfers: BankTransferService,
  ) {}

  @Mutation(() => InvoicePayload, {
    description:
      'Enters money for a final invoice that came by bank transfer; the invoice shows it as paid a moment later. Refused with BANK_TRANSFER_DIFFERS for another amount under the same reference, with INVOICE_COLLECTED_ELSEWHERE where a payment provider collects the invoice. For the lab; needs the permission invoices:write.',
  })
  recordBankTransfer(@Ctx() context: RequestContext, @Args('input') input: RecordBankTransferInput) {
    const options = { name: 'recordBankTransfer', permission: 'invoices:write', input } as const;
    return this.mutations.run(context, options, async (tx) => {
      await this.transfers.record(tx, input);
      return { invoice: input.invoiceId };
    });
  }
}

@Resolver(() => InvoiceType)
export class BankTransferFields {
  constructor(
    private readonly database: Database,
    private readonly transfers: BankTransferService,
  ) {}

  @ResolveField(() => [BankTransferType], { description: 'What was entered for it by recordBankTransfer.' })
  bankTransfers(
    @Ctx() context: RequestContext,
    @Parent() { id, currency }: IssuedInvoice,
  ): Promise<BankTransferType[]> {
    return context
      .batched('Invoice.bankTransfers', {}, (ids) =>
        this.database.read(context.scope, async (tx) => {
          const byInvoice = Map.groupBy(await this.transfers.of(tx, ids), ({ invoiceId }) => invoiceId);
          return ids.map((one) => byInvoice.get(one) ?? []);
        }),
      )
      .load(id)
      .then((found) => found.map((one) => ({ ...one, amount: LedgerAmountType.of(one.amountMinor, currency) })));
  }
}
