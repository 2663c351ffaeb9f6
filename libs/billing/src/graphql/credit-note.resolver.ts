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
  ) {}

  @Mutation(() => CreditNotePayload, {
    description:
      'Issues a credit note: what is open on the invoice is less by it, and what was paid already is owed to the partner (`CreditNote.owed`). Refused with CREDIT_NOTE_EXCEEDS beyond what earlier notes leave of a line or of what the invoice asked for. For the lab; needs the permission credits:write.',
  })
  createCreditNote(@Ctx() context: RequestContext, @Args('input') input: CreateCreditNoteInput) {
    const options = { name: 'createCreditNote', permission: 'credits:write', input };
    return this.mutations.run(context, options, async (tx) => {
      const { invoiceId, reason, lines, disputeIds } = input;
      return { creditNote: await this.notes.issue(tx, { invoiceId, reason, lines, disputeIds: disputeIds ?? [] }) };
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
  @ResolveField(() => LedgerAmountType, { description: 'What it takes back in all.' })
  total(@Parent() { totalMinor, currency }: CreditNote): LedgerAmountType {
    return LedgerAmountType.of(totalMinor, currency);
  }

  @ResolveField(() => LedgerAmountType, {
    nullable: true,
    description:
      'What of it was paid before, and is owed to the partner until it is refunded; null until it is posted. The books hold it as unapplied payments.',
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
