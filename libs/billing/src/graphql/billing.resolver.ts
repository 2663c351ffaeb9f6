import { Inject } from '@nestjs/common';
import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { listingOfRule } from '#libs/contracts';
import { CLOCK, type Clock, type Currency, canonicalJson } from '#libs/kernel';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, NodeLoader, type RequestContext, readNodes } from '#platform/graphql';
import { findCreditGrants, listCreditGrants } from '../credits/credit-grant.repository.js';
import type { InvoiceExport } from '../exports/invoice-export.js';
import { findExports } from '../exports/invoice-export.repository.js';
import type { IssuedInvoice } from '../invoices/invoice.js';
import { findInvoices, listInvoices } from '../invoices/invoice.repository.js';
import { type DetailedLine, linesOf } from '../invoices/invoice-postings.js';
import { previewInvoice } from '../invoices/invoice-preview.js';
import { CreditGrantConnection, CreditGrantsArgs } from './credit-grant.types.js';
import { InvoiceConnection, InvoiceLineType, InvoicePreviewType, InvoicesArgs, InvoiceType } from './invoice.types.js';
import { InvoiceExportType } from './invoice-export.types.js';

const READ = 'invoices:read';

@Resolver()
export class BillingQueries {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @NodeLoader('inv', 'Invoice')
  loadInvoices(context: RequestContext, ids: readonly string[]) {
    return readNodes(context, ids, { database: this.database, permission: READ, find: (tx) => findInvoices(tx, ids) });
  }

  @NodeLoader('cgr', 'CreditGrant')
  loadCreditGrants(context: RequestContext, ids: readonly string[]) {
    const find: Parameters<typeof readNodes>[2]['find'] = (tx) => findCreditGrants(tx, ids);
    return readNodes(context, ids, { database: this.database, permission: READ, find });
  }

  @Query(() => InvoiceConnection, {
    description: 'Invoices, those of the latest periods first, drafts too. Needs the permission invoices:read.',
  })
  async invoices(@Ctx() context: RequestContext, @Args() args: InvoicesArgs) {
    this.authorizer.authorize(context.principal, READ);
    const { organizationId, contractId, state } = args;
    return this.database.read(context.scope, (tx) => listInvoices(tx, { organizationId, contractId, state }, args));
  }

  @Query(() => InvoicePreviewType, {
    nullable: true,
    description:
      'The earliest invoice of a contract that is not final, as it would be now; null before the contract begins, and for one that is not there. Needs the permission invoices:read.',
  })
  async invoicePreview(
    @Ctx() context: RequestContext,
    @Args('contractId', { type: () => ID, description: 'The contract.' }) contractId: string,
  ): Promise<InvoicePreviewType | null> {
    this.authorizer.authorize(context.principal, READ);
    const now = this.clock.now();
    const preview = await this.database.read(context.scope, (tx) => previewInvoice(tx, contractId, now));
    if (!preview) return null;
    const { contract, invoice, unpriced } = preview;
    return {
      period: invoice.number,
      from: new Date(invoice.from),
      to: new Date(invoice.to),
      finalizesAt: new Date(invoice.finalizedAt),
      due: LedgerAmountType.of(BigInt(invoice.dueMinor), contract.currency),
      lines: linesOf('preview', invoice).map((line) => shown(line, contract.currency)),
      document: canonicalJson(invoice),
      unpriced: unpriced.length,
    };
  }

  @Query(() => CreditGrantConnection, {
    description: 'Credits, newest first, those that were voided too. Needs the permission invoices:read.',
  })
  async creditGrants(@Ctx() context: RequestContext, @Args() args: CreditGrantsArgs) {
    this.authorizer.authorize(context.principal, READ);
    return this.database.read(context.scope, (tx) => listCreditGrants(tx, { contractId: args.contractId }, args));
  }
}

@Resolver(() => InvoiceType)
export class InvoiceFields {
  constructor(private readonly database: Database) {}

  @ResolveField(() => LedgerAmountType, { nullable: true, description: 'What it asks for; null until it is final.' })
  due(@Parent() { dueMinor, currency }: IssuedInvoice): LedgerAmountType | null {
    return dueMinor === null ? null : LedgerAmountType.of(dueMinor, currency);
  }

  @ResolveField(() => LedgerAmountType, {
    nullable: true,
    description: 'What of it is neither paid nor given up; null until it is final.',
  })
  open(@Parent() { openMinor, currency }: IssuedInvoice): LedgerAmountType | null {
    return openMinor === null ? null : LedgerAmountType.of(openMinor, currency);
  }

  @ResolveField(() => [InvoiceLineType], {
    description: 'Its lines, in the order of the document; none until it is final.',
  })
  lines(@Parent() { id, document, currency }: IssuedInvoice): InvoiceLineType[] {
    return document === null ? [] : linesOf(id, JSON.parse(document)).map((line) => shown(line, currency));
  }

  @ResolveField(() => InvoiceExportType, {
    nullable: true,
    description: 'The file that it can be rebuilt from; null until somebody asked for it with exportInvoice.',
  })
  export(@Ctx() context: RequestContext, @Parent() { id }: IssuedInvoice): Promise<InvoiceExport | null> {
    return context
      .batched('Invoice.export', {}, (ids) =>
        this.database.read(context.scope, async (tx) => {
          const exports = new Map((await findExports(tx, ids)).map((each) => [each.invoiceId, each]));
          return ids.map((one) => exports.get(one) ?? null);
        }),
      )
      .load(id);
  }
}

function shown({ amountMinor, ...line }: DetailedLine, currency: Currency): InvoiceLineType {
  const listingId = line.ruleId ? listingOfRule(line.ruleId) : null;
  return { ...line, listingId, amount: LedgerAmountType.of(amountMinor, currency) } as InvoiceLineType;
}
