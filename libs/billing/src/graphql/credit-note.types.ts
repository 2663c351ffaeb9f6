import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, Length, ValidateNested } from 'class-validator';
import { LedgerAmountType } from '#libs/ledger/graphql';
import {
  BigIntScalar,
  ConnectionArgs,
  connectionOf,
  enumOf,
  MutationInput,
  MutationPayload,
  NodeField,
  NodeType,
} from '#platform/graphql';
import { DISPUTE_STATES, type DisputeState } from '../disputes/invoice-dispute.js';
import { REFUND_STATES, type RefundState } from '../refunds/refund.js';
import { InvoiceType } from './invoice.types.js';

@ObjectType('CreditNoteLine', { description: 'What a credit note takes back of one line of its invoice.' })
export class CreditNoteLineType {
  @Field(() => ID, { description: 'The line of the invoice, as `Invoice.lines` has it.' }) lineId!: string;
  @Field(() => LedgerAmountType, { description: 'Above zero: how much less the line charges.' })
  amount!: LedgerAmountType;
}

@ObjectType('CreditNote', {
  implements: () => [NodeType],
  description:
    'Takes back part of a final invoice, which stays as it is but for what is open on it. It never changes itself.',
})
export class CreditNoteType extends NodeType {
  invoiceId!: string;
  @NodeField(() => InvoiceType, { from: 'invoiceId', description: 'The invoice.' }) invoice!: InvoiceType | null;
  @Field(() => ID, { description: 'The partner.' }) organizationId!: string;
  @Field(() => Int, { description: "Counts the lab's credit notes without gaps, apart from its invoices." })
  number!: number;
  @Field({ description: 'Why.' }) reason!: string;
  @Field({ description: 'All of it in canonical JSON (RFC 8785).' }) document!: string;
  @Field({ description: 'SHA-256 of the UTF-8 bytes of `document`, in hex.' }) documentSha256!: string;
  @Field({ description: 'When it was issued.' }) issuedAt!: Date;
  @Field(() => Date, {
    nullable: true,
    description: 'When the books took it over, and what is open on the invoice with them; null until then.',
  })
  postedAt!: Date | null;
}
export const RefundStateEnum = enumOf(REFUND_STATES);
registerEnumType(RefundStateEnum, {
  name: 'RefundState',
  description: 'How far a refund has come.',
  valuesMap: {
    REQUESTED: { description: 'The lab decided on it; the books follow in a moment.' },
    PENDING: { description: 'It is in the books, and at the payment provider or on its way there.' },
    SUCCEEDED: { description: 'The payment provider has given it back. A bank may still return it: then it fails.' },
    FAILED: { description: 'It did not come through, and is owed to the partner as before.' },
  },
});

@ObjectType('Refund', {
  description: 'Gives back a payment, or a part of it, of what a credit note left owed to the partner.',
})
export class RefundType {
  @Field(() => ID, { description: 'Its id; the books and the payment provider name it by that.' }) id!: string;
  @Field(() => ID, { description: "The payment provider's id of the payment that it goes back to." })
  paymentId!: string;
  @Field(() => LedgerAmountType, { description: 'How much of it.' }) amount!: LedgerAmountType;
  @Field({ description: 'Why.' }) reason!: string;
  @Field(() => RefundStateEnum, { description: 'How far it has come.' }) state!: RefundState;
  @Field({ description: 'When it was asked for.' }) requestedAt!: Date;
  @Field(() => Date, {
    nullable: true,
    description: 'When the payment provider said that it succeeded or failed; null until then.',
  })
  settledAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it failed, in the words of who says so; null otherwise.' })
  failure!: string | null;
}

export const { Connection: CreditNoteConnection } = connectionOf(CreditNoteType, 'CreditNote');

@ArgsType()
export class CreditNotesArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this partner; for the lab.' }) organizationId?: string;
  @Field(() => ID, { nullable: true, description: 'Only those of this invoice.' }) invoiceId?: string;
}

@InputType({ description: 'What is taken back of one line.' })
export class CreditNoteLineInput {
  @Field(() => ID, { description: 'The line of the invoice, as `Invoice.lines` has it.' }) lineId!: string;
  @Field(() => BigIntScalar, {
    description:
      "Whole minor units of the invoice's currency, above zero; no more than earlier notes leave of the line.",
  })
  amountMinor!: bigint;
}

@InputType({ description: 'Takes back part of a final invoice. Tax is a line of its own.' })
export class CreateCreditNoteInput extends MutationInput {
  @Field(() => ID, { description: 'The invoice, which is due or paid.' }) invoiceId!: string;
  @Field({ description: 'Why, 1 to 500 characters; the partner can read it.' }) @Length(1, 500) reason!: string;
  @Field(() => [CreditNoteLineInput], { description: '1 to 100 lines, each once.' })
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => CreditNoteLineInput)
  lines!: CreditNoteLineInput[];
  @Field(() => [ID], {
    nullable: true,
    description: 'Open disputes about these lines that it settles; none if left out.',
  })
  disputeIds?: string[] | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether what of it was paid before goes back to the payments, the newest first, as soon as the books say how much that is. If left out it stays owed, and refundCreditNote gives it back later.',
  })
  refund?: boolean | null;
}

@InputType({ description: 'Gives back what a credit note left owed to the partner, or a part of it.' })
export class RefundCreditNoteInput extends MutationInput {
  @Field(() => ID, { description: 'The credit note, which is in the books.' }) creditNoteId!: string;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: "Whole minor units of the invoice's currency, above zero; all that is still owed if left out.",
  })
  amountMinor?: bigint | null;
  @Field({ description: 'Why, 1 to 500 characters; the partner can read it.' }) @Length(1, 500) reason!: string;
}

@ObjectType()
export class CreditNotePayload extends MutationPayload {
  @NodeField(() => CreditNoteType, { description: 'The credit note.' }) creditNote!: string | null;
}

export const DisputeStateEnum = enumOf(DISPUTE_STATES);
registerEnumType(DisputeStateEnum, {
  name: 'InvoiceDisputeState',
  description: 'Where a dispute stands.',
  valuesMap: {
    OPEN: { description: 'The lab has not decided; nobody is reminded of what is disputed.' },
    CREDITED: { description: 'A credit note settled it.' },
    REJECTED: { description: 'The lab says that the line is right.' },
  },
});

@ObjectType('InvoiceDispute', {
  implements: () => [NodeType],
  description: 'What a partner says against a line of an invoice.',
})
export class InvoiceDisputeType extends NodeType {
  invoiceId!: string;
  @NodeField(() => InvoiceType, { from: 'invoiceId', description: 'The invoice.' }) invoice!: InvoiceType | null;
  @Field(() => ID, { description: 'The partner.' }) organizationId!: string;
  @Field(() => ID, { description: 'The line of the invoice, as `Invoice.lines` has it.' }) lineId!: string;
  @Field({ description: 'Why the line is wrong.' }) reason!: string;
  @Field(() => DisputeStateEnum, { description: 'Where it stands.' }) state!: DisputeState;
  @Field({ description: 'When it was opened.' }) openedAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was credited or rejected.' }) closedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was rejected.' }) rejection!: string | null;
  creditNoteId!: string | null;
  @NodeField(() => CreditNoteType, { from: 'creditNoteId', description: 'What settled it.' })
  creditNote!: CreditNoteType | null;
}
export const { Connection: InvoiceDisputeConnection } = connectionOf(InvoiceDisputeType, 'InvoiceDispute');

@ArgsType()
export class InvoiceDisputesArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this partner; for the lab.' }) organizationId?: string;
  @Field(() => ID, { nullable: true, description: 'Only those of this invoice.' }) invoiceId?: string;
  @Field(() => DisputeStateEnum, { nullable: true, description: 'Only those that stand so.' }) state?: DisputeState;
}

@InputType({ description: 'Says what is wrong about a line of a final invoice.' })
export class DisputeInvoiceLineInput extends MutationInput {
  @Field(() => ID, { description: 'The invoice, which is due or paid.' }) invoiceId!: string;
  @Field(() => ID, { description: 'Its line, as `Invoice.lines` has it.' }) lineId!: string;
  @Field({ description: 'Why it is wrong, 1 to 500 characters; the lab can read it.' }) @Length(1, 500) reason!: string;
}

@InputType({ description: 'Says why a disputed line is right.' })
export class RejectInvoiceDisputeInput extends MutationInput {
  @Field(() => ID, { description: 'The dispute, which is open.' }) disputeId!: string;
  @Field({ description: 'Why, 1 to 500 characters; the partner can read it.' }) @Length(1, 500) reason!: string;
}

@ObjectType()
export class InvoiceDisputePayload extends MutationPayload {
  @NodeField(() => InvoiceDisputeType, { description: 'The dispute.' }) invoiceDispute!: string | null;
}
