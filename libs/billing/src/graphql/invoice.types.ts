import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Length } from 'class-validator';
import { ContractType, ListingType, MeterEnum } from '#libs/contracts/graphql';
import type { Currency, Meter } from '#libs/kernel';
import { LedgerAmountType } from '#libs/ledger/graphql';
import {
  BigIntScalar,
  ConnectionArgs,
  CurrencyEnum,
  connectionOf,
  MutationInput,
  MutationPayload,
  NodeField,
  NodeType,
} from '#platform/graphql';
import type { InvoiceState } from '../invoices/invoice.js';
import type { DetailedLine } from '../invoices/invoice-postings.js';

export const InvoiceStateEnum = {
  DRAFT: 'draft',
  OPEN: 'open',
  FINALIZED: 'finalized',
  PAID: 'paid',
  VOID: 'void',
  UNCOLLECTIBLE: 'uncollectible',
} as const;
registerEnumType(InvoiceStateEnum, {
  name: 'InvoiceState',
  description: 'Where an invoice stands.',
  valuesMap: {
    DRAFT: { description: 'Its period runs.' },
    OPEN: { description: 'Its period is over; usage that comes late is still taken onto it.' },
    FINALIZED: { description: 'It is due, and what it says never changes.' },
    PAID: { description: 'Nothing is due on it.' },
    VOID: { description: 'The lab took it back.' },
    UNCOLLECTIBLE: { description: 'The lab gave up what was due on it.' },
  },
});

export const InvoicePartEnum = {
  USAGE: 'usage',
  MINIMUM: 'minimum',
  ADJUSTMENT: 'adjustment',
  CREDIT: 'credit',
  PURCHASE: 'purchase',
  DRAWDOWN: 'drawdown',
  OVERAGE: 'overage',
  TRUE_UP: 'true_up',
  CARRIED_IN: 'carried_in',
  TAX: 'tax',
} as const;
registerEnumType(InvoicePartEnum, {
  name: 'InvoicePart',
  description: 'What a line of an invoice is.',
  valuesMap: {
    USAGE: { description: 'Usage of one meter by one project, at one price.' },
    MINIMUM: { description: 'What usage came to less than the least that a period costs.' },
    ADJUSTMENT: { description: 'Usage of an earlier period that came late: what that period costs more, or less.' },
    CREDIT: { description: 'Charges that a credit paid: lessens what is due.' },
    PURCHASE: { description: 'A prepaid commitment that is bought.' },
    DRAWDOWN: { description: 'Charges that a prepaid commitment paid: lessens what is due.' },
    OVERAGE: { description: 'The surcharge on what goes beyond a commitment.' },
    TRUE_UP: { description: 'What was committed and not used by its end.' },
    CARRIED_IN: { description: 'A total below zero of the invoice before.' },
    TAX: { description: 'Tax.' },
  },
});

@ObjectType('InvoiceLine', { description: 'One line of an invoice.' })
export class InvoiceLineType {
  @Field(() => ID, { description: 'Its place; the books name it by this.' }) id!: string;
  @Field(() => InvoicePartEnum, { description: 'What it is.' }) part!: DetailedLine['part'];
  @Field(() => LedgerAmountType, {
    description:
      'Above zero for credits and drawdowns, too, which lessen what is due; below zero for what is carried in.',
  })
  amount!: LedgerAmountType;
  @Field(() => MeterEnum, { nullable: true, description: 'What was counted.' }) meter!: Meter | null;
  @Field(() => BigIntScalar, { nullable: true, description: 'How much, of usage.' }) quantity!: bigint | null;
  @Field(() => ID, { nullable: true, description: 'The project that used it.' }) projectId!: string | null;
  @Field(() => Int, { nullable: true, description: 'The number of the version of the contract that prices it.' })
  version!: number | null;
  @Field(() => String, { nullable: true, description: 'The price rule of that version.' }) ruleId!: string | null;
  listingId!: string | null;
  @NodeField(() => ListingType, {
    from: 'listingId',
    description: 'Of use of another partner’s variant: the listing, at whose price it is charged.',
  })
  listing!: ListingType | null;
  @Field(() => Int, { nullable: true, description: 'The period that an adjustment is about.' }) period!: number | null;
  @Field(() => ID, { nullable: true, description: 'The credit that paid.' }) grantId!: string | null;
  @Field(() => String, { nullable: true, description: 'The commitment, by its id in the contract.' })
  commitmentId!: string | null;
}

@ObjectType('Invoice', {
  implements: () => [NodeType],
  description: 'What a partner owes for one period of a contract. Once it is final it never changes.',
})
export class InvoiceType extends NodeType {
  contractId!: string;
  @NodeField(() => ContractType, { from: 'contractId', description: 'The contract.' }) contract!: ContractType | null;
  @Field(() => ID, { description: 'The partner.' }) organizationId!: string;
  @Field(() => Int, { description: 'Which period of the contract, from 1.' }) period!: number;
  @Field({ description: 'The first instant of the period.' }) from!: Date;
  @Field({ description: 'The first instant after it.' }) to!: Date;
  @Field({ description: 'The end of grace: usage that becomes final later is adjusted on a later invoice.' })
  finalizesAt!: Date;
  @Field(() => InvoiceStateEnum, { description: 'Where it stands.' }) state!: InvoiceState;
  @Field(() => CurrencyEnum, { description: 'Of all its amounts.' }) currency!: Currency;
  @Field(() => Int, { nullable: true, description: "Counts the lab's invoices without gaps; null until it is final." })
  number!: number | null;
  @Field(() => Date, { nullable: true, description: 'When it became final.' }) finalizedAt!: Date | null;
  @Field(() => Date, {
    nullable: true,
    description: 'The last instant at which paying it is in time, by the contract; null until it is final.',
  })
  dueAt!: Date | null;
  @Field(() => String, {
    nullable: true,
    description: 'All of it in canonical JSON (RFC 8785); null until it is final.',
  })
  document!: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of the UTF-8 bytes of `document`, in hex.' })
  documentSha256!: string | null;
  @Field(() => Date, { nullable: true, description: 'When it was voided or given up.' }) closedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was voided or given up.' }) closeReason!: string | null;
}
export const { Connection: InvoiceConnection } = connectionOf(InvoiceType, 'Invoice');

@ObjectType('InvoicePreview', {
  description:
    'The invoice that comes next, made as it will be, of what is known now. It is the invoice if nothing more comes.',
})
export class InvoicePreviewType {
  @Field(() => Int, { description: 'Which period of the contract, from 1.' }) period!: number;
  @Field({ description: 'The first instant of the period.' }) from!: Date;
  @Field({ description: 'The first instant after it.' }) to!: Date;
  @Field({ description: 'The end of grace.' }) finalizesAt!: Date;
  @Field(() => LedgerAmountType, { description: 'What would be due.' }) due!: LedgerAmountType;
  @Field(() => [InvoiceLineType], { description: 'Its lines.' }) lines!: InvoiceLineType[];
  @Field({ description: 'All of it in canonical JSON (RFC 8785).' }) document!: string;
  @Field(() => Int, { description: 'Usage of the contract that has no price, counted by request and meter.' })
  unpriced!: number;
}

@ArgsType()
export class InvoicesArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this partner; for the lab.' }) organizationId?: string;
  @Field(() => ID, { nullable: true, description: 'Only those of this contract.' }) contractId?: string;
  @Field(() => InvoiceStateEnum, { nullable: true, description: 'Only those that stand so.' }) state?: InvoiceState;
}

@InputType({ isAbstract: true })
abstract class InvoiceInput extends MutationInput {
  @Field(() => ID, { description: 'The invoice.' }) invoiceId!: string;
  @Field({ description: 'Why, 1 to 500 characters; the partner can read it.' }) @Length(1, 500) reason!: string;
}

@InputType({ description: 'Takes back an invoice of which nothing was paid. What it charged is not invoiced anew.' })
export class VoidInvoiceInput extends InvoiceInput {}

@InputType({ description: 'Gives up what is due on an invoice.' })
export class MarkInvoiceUncollectibleInput extends InvoiceInput {}

@ObjectType()
export class InvoicePayload extends MutationPayload {
  @NodeField(() => InvoiceType, { description: 'The invoice.' }) invoice!: string | null;
}
