import { Inject } from '@nestjs/common';
import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { LedgerAmountType } from '#libs/ledger/graphql';
import { Database } from '#platform/database';
import {
  AUTHORIZER,
  type Authorizer,
  type Connection,
  ConnectionArgs,
  Ctx,
  MutationRunner,
  NodeLoader,
  type RequestContext,
  readNodes,
} from '#platform/graphql';
import type { CreditNote } from '../credit-notes/credit-note.js';
import { findCreditNotes, listCreditNotes, listCreditNotesOf } from '../credit-notes/credit-note.repository.js';
import { CreditNoteService } from '../credit-notes/credit-note.service.js';
import type { InvoiceDispute } from '../disputes/invoice-dispute.js';
import { findDisputes, listDisputes } from '../disputes/invoice-dispute.repository.js';
import { InvoiceDisputeService } from '../disputes/invoice-dispute.service.js';
import type { IssuedInvoice } from '../invoices/invoice.js';
import type { Refund } from '../refunds/refund.js';
import { refundsOf } from '../refunds/refund.repository.js';
import { RefundService } from '../refunds/refund.service.js';
import {
  CreateCreditNoteInput,
  CreditNoteConnection,
  CreditNoteLineType,
  CreditNotePayload,
  CreditNotesArgs,
  CreditNoteType,
  DisputeInvoiceLineInput,
  InvoiceDisputeConnection,
  InvoiceDisputePayload,
  InvoiceDisputesArgs,
  InvoiceDisputeType,
  RefundCreditNoteInput,
  RefundType,
  RejectInvoiceDisputeInput,
} from './credit-note.types.js';
import { InvoiceType } from './invoice.types.js';

const READ = 'invoices:read';

@Resolver()
export class CreditNoteQueries {
  constructor(
    private readonly database: Database,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('cnote', 'CreditNote')
  loadCreditNotes(context: RequestContext, ids: readonly string[]) {
    const find: Parameters<typeof readNodes>[2]['find'] = (tx) => findCreditNotes(tx, ids);
    return readNodes(context, ids, { database: this.database, permission: READ, find });
  }

  @NodeLoader('disp', 'InvoiceDispute')
  loadDisputes(context: RequestContext, ids: readonly string[]) {
    const find: Parameters<typeof readNodes>[2]['find'] = (tx) => findDisputes(tx, ids);
    return readNodes(context, ids, { database: this.database, permission: READ, find });
  }

  @Query(() => CreditNoteConnection, { description: 'Credit notes, newest first. Needs the permission invoices:read.' })
  async creditNotes(@Ctx() context: RequestContext, @Args() args: CreditNotesArgs) {
    this.authorizer.authorize(context.principal, READ);
    const { organizationId, invoiceId } = args;
    return this.database.read(context.scope, (tx) => listCreditNotes(tx, { organizationId, invoiceId }, args));
  }

  @Query(() => InvoiceDisputeConnection, {
    description: 'Disputes of lines of invoices, newest first. Needs the permission invoices:read.',
  })
  async invoiceDisputes(@Ctx() context: RequestContext, @Args() args: InvoiceDisputesArgs) {
    this.authorizer.authorize(context.principal, READ);
    const { organizationId, invoiceId, state } = args;
    return this.database.read(context.scope, (tx) => listDisputes(tx, { organizationId, invoiceId, state }, args));
  }
}

@Resolver()
export class CreditNoteMutations {
  constructor(
    private readonly mutations: MutationRunner,
    private readonly notes: CreditNoteService,
    private readonly disputes: InvoiceDisputeService,
    private readonly refunds: RefundService,
  ) {}

  @Mutation(() => CreditNotePayload, {
    description:
      'Issues a credit note: what is open on the invoice is less by it, and what was paid already is owed to the partner (`CreditNote.owed`) or, with `refund`, goes back to the payments. Refused with CREDIT_NOTE_EXCEEDS beyond what earlier notes leave of a line or of what the invoice asked for; with `refund` also with REFUND_NOTHING_OWED where nothing of it was paid, and with REFUND_PAST_PROVIDER where it was paid past the payment provider. For the lab; needs the permission credits:write.',
  })
  createCreditNote(@Ctx() context: RequestContext, @Args('input') input: CreateCreditNoteInput) {
    const options = { name: 'createCreditNote', permission: 'credits:write', input };
    return this.mutations.run(context, options, async (tx) => {
      const { invoiceId, reason, lines, disputeIds, refund } = input;
      const terms = { invoiceId, reason, lines, disputeIds: disputeIds ?? [], refundsPaid: refund ?? false };
      return { creditNote: await this.notes.issue(tx, terms) };
    });
  }

  @Mutation(() => CreditNotePayload, {
    description:
      'Gives back what a credit note left owed to the partner, to the payments that it came from, the newest first; `CreditNote.refunds` says what becomes of it. Refused with REFUND_EXCEEDS beyond what is still owed, with REFUND_NOTHING_OWED where nothing is, with REFUND_TOO_EARLY before the note is in the books, with REFUND_PAST_PROVIDER where it was paid past the payment provider. For the lab; needs the permission credits:write.',
  })
  refundCreditNote(@Ctx() context: RequestContext, @Args('input') input: RefundCreditNoteInput) {
    const options = { name: 'refundCreditNote', permission: 'credits:write', input };
    return this.mutations.run(context, options, async (tx) => {
      const { creditNoteId, amountMinor, reason } = input;
      await this.refunds.request(tx, { creditNoteId, amountMinor: amountMinor ?? null, reason });
      return { creditNote: creditNoteId };
    });
  }

  @Mutation(() => InvoiceDisputePayload, {
    description:
      'Disputes a line of a final invoice, of what credit notes leave of it; refused with DISPUTE_OPEN while it is disputed. For the partner; needs the permission invoices:dispute.',
  })
  disputeInvoiceLine(@Ctx() context: RequestContext, @Args('input') input: DisputeInvoiceLineInput) {
    const options = { name: 'disputeInvoiceLine', permission: 'invoices:dispute', input };
    return this.mutations.run(context, options, async (tx) => {
      const { invoiceId, lineId, reason } = input;
      return { invoiceDispute: await this.disputes.open(tx, { invoiceId, lineId, reason }) };
    });
  }

  @Mutation(() => InvoiceDisputePayload, {
    description:
      'Rejects a dispute; refused with DISPUTE_CLOSED once it is decided. One that is right is settled by createCreditNote. For the lab; needs the permission invoices:write.',
  })
  rejectInvoiceDispute(@Ctx() context: RequestContext, @Args('input') input: RejectInvoiceDisputeInput) {
    const options = { name: 'rejectInvoiceDispute', permission: 'invoices:write', input };
    return this.mutations.run(context, options, async (tx) => {
      await this.disputes.reject(tx, input);
      return { invoiceDispute: input.disputeId };
    });
  }
}

@Resolver(() => CreditNoteType)
export class CreditNoteFields {
  constructor(private readonly database: Database) {}

  @ResolveField(() => [RefundType], {
    description:
      'What of it goes back, or was to: one for each payment and time, in the order in which it was asked for.',
  })
  refunds(@Ctx() context: RequestContext, @Parent() { id }: CreditNote): Promise<RefundType[]> {
    return this.batchedRefunds(context, id).then((refunds) =>
      refunds.map((refund) => ({ ...refund, amount: LedgerAmountType.of(refund.amountMinor, refund.currency) })),
    );
  }

  @ResolveField(() => LedgerAmountType, {
    nullable: true,
    description: '`owed` less the refunds that did not fail: what can still go back; null until it is posted.',
  })
  async unrefunded(@Ctx() context: RequestContext, @Parent() note: CreditNote): Promise<LedgerAmountType | null> {
    const { id, paidMinor, currency } = note;
    if (paidMinor === null) return null;
    const standing = (await this.batchedRefunds(context, id)).filter(({ state }) => state !== 'failed');
    return LedgerAmountType.of(
      standing.reduce((left, { amountMinor }) => left - amountMinor, paidMinor),
      currency,
    );
  }

  private batchedRefunds(context: RequestContext, creditNoteId: string): Promise<Refund[]> {
    return context
      .batched('CreditNote.refunds', {}, (ids) =>
        this.database.read(context.scope, async (tx) => {
          const byNote = Map.groupBy(await refundsOf(tx, ids), (refund) => refund.creditNoteId);
          return ids.map((id) => byNote.get(id) ?? []);
        }),
      )
      .load(creditNoteId);
  }

  @ResolveField(() => LedgerAmountType, { description: 'What it takes back in all.' })
  total(@Parent() { totalMinor, currency }: CreditNote): LedgerAmountType {
    return LedgerAmountType.of(totalMinor, currency);
  }

  @ResolveField(() => LedgerAmountType, {
    nullable: true,
    description:
      'What of it was paid before, so that the partner is owed it; null until it is posted. The books hold what of that was not refunded as unapplied payments.',
  })
  owed(@Parent() { paidMinor, currency }: CreditNote): LedgerAmountType | null {
    return paidMinor === null ? null : LedgerAmountType.of(paidMinor, currency);
  }

  @ResolveField(() => [CreditNoteLineType], { description: 'Its lines, as they were given.' })
  lines(@Parent() { lines, currency }: CreditNote): CreditNoteLineType[] {
    return lines.map(({ lineId, amountMinor }) => ({ lineId, amount: LedgerAmountType.of(amountMinor, currency) }));
  }
}

@Resolver(() => InvoiceDisputeType)
export class InvoiceDisputeFields {
  @ResolveField(() => LedgerAmountType, {
    description: 'What of the line no credit note had taken back when it was opened.',
  })
  amount(@Parent() { amountMinor, currency }: InvoiceDispute): LedgerAmountType {
    return LedgerAmountType.of(amountMinor, currency);
  }
}

@Resolver(() => InvoiceType)
export class InvoiceCreditNotes {
  constructor(private readonly database: Database) {}

  @ResolveField(() => CreditNoteConnection, { description: 'What was taken back of it, newest first.' })
  creditNotes(
    @Ctx() context: RequestContext,
    @Parent() { id }: IssuedInvoice,
    @Args() args: ConnectionArgs,
  ): Promise<Connection<CreditNote>> {
    return context
      .batched('Invoice.creditNotes', args, (ids) =>
        this.database.read(context.scope, (tx) => listCreditNotesOf(tx, ids, args)),
      )
      .load(id);
  }
}
