import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { IsInt, IsOptional, Length, Max, Min } from 'class-validator';
import { ContractType, MeterEnum } from '#libs/contracts/graphql';
import type { Meter } from '#libs/kernel';
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
import { RECURRENCES, type Recurrence } from '../credits/credit-grant.js';

export const CreditRecurrenceEnum = enumOf(RECURRENCES);
registerEnumType(CreditRecurrenceEnum, {
  name: 'CreditRecurrence',
  description: 'How often a credit is given.',
  valuesMap: {
    ONCE: { description: 'Its amount pays until it is used up.' },
    MONTHLY: { description: 'Its amount is given anew in each period of the contract.' },
  },
});

const MINOR = "Whole minor units of the contract's currency";

@ObjectType('CreditGrant', {
  implements: () => [NodeType],
  description: 'A credit that pays charges of a contract. It never changes, but that it may be voided once.',
})
export class CreditGrantType extends NodeType {
  contractId!: string;
  @NodeField(() => ContractType, { from: 'contractId', description: 'Whose charges it pays.' })
  contract!: ContractType | null;
  @Field(() => ID, { description: 'The partner.' }) organizationId!: string;
  @Field({ description: 'What it is given for.' }) reason!: string;
  @Field(() => BigIntScalar, { description: `${MINOR}; of a monthly one in each period.` }) amountMinor!: bigint;
  @Field({ description: 'It pays on invoices of periods that end after this time.' }) effectiveAt!: Date;
  @Field(() => Date, { nullable: true, description: 'It pays on invoices of periods that begin before this time.' })
  expiresAt!: Date | null;
  @Field(() => Int, { description: 'The lowest pays first.' }) priority!: number;
  @Field(() => CreditRecurrenceEnum, { description: 'How often it is given.' }) recurrence!: Recurrence;
  @Field(() => BigIntScalar, { description: `${MINOR}: the most that a monthly one takes into the next period.` })
  rolloverMinor!: bigint;
  @Field(() => [MeterEnum], { nullable: true, description: 'Usage that it pays; null: all, and minimums.' })
  meters!: Meter[] | null;
  @Field(() => [ID], { nullable: true, description: 'Projects for which it pays; null: all, and minimums.' })
  projectIds!: string[] | null;
  @Field({ description: 'When it was granted.' }) grantedAt!: Date;
  @Field(() => Date, {
    nullable: true,
    description: 'When it was voided: it pays on no invoice of a period that ended later.',
  })
  voidedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was voided.' }) voidReason!: string | null;
}
export const { Connection: CreditGrantConnection } = connectionOf(CreditGrantType, 'CreditGrant');

@ArgsType()
export class CreditGrantsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this contract.' }) contractId?: string;
}

const LARGEST_PRIORITY = 1_000_000;

@InputType({ description: 'A credit for charges of a contract in force.' })
export class CreateCreditGrantInput extends MutationInput {
  @Field(() => ID, { description: 'The contract.' }) contractId!: string;
  @Field({ description: 'What it is given for, 1 to 500 characters.' }) @Length(1, 500) reason!: string;
  @Field(() => BigIntScalar, { description: `${MINOR}, above zero.` }) amountMinor!: bigint;
  @Field(() => Date, { nullable: true, description: 'From when on it pays, never in the past; now if left out.' })
  effectiveAt?: Date | null;
  @Field(() => Date, { nullable: true, description: 'Until when it pays; without an end if left out.' })
  expiresAt?: Date | null;
  @Field(() => Int, { nullable: true, description: 'The lowest pays first; 0 if left out.' })
  @IsOptional()
  @IsInt()
  @Min(-LARGEST_PRIORITY)
  @Max(LARGEST_PRIORITY)
  priority?: number | null;
  @Field(() => CreditRecurrenceEnum, { nullable: true, description: 'How often it is given; ONCE if left out.' })
  recurrence?: Recurrence | null;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: `${MINOR}: the most of a monthly one that goes into the next period; none if left out.`,
  })
  rolloverMinor?: bigint | null;
  @Field(() => [MeterEnum], { nullable: true, description: 'Usage that it pays; all if left out.' })
  meters?: Meter[] | null;
  @Field(() => [ID], { nullable: true, description: 'Projects for which it pays; all if left out.' })
  projectIds?: string[] | null;
}

@InputType({ description: 'Ends a credit from now on.' })
export class VoidCreditGrantInput extends MutationInput {
  @Field(() => ID, { description: 'The credit.' }) creditGrantId!: string;
  @Field({ description: 'Why, 1 to 500 characters.' }) @Length(1, 500) reason!: string;
}

@ObjectType()
export class CreditGrantPayload extends MutationPayload {
  @NodeField(() => CreditGrantType, { description: 'The credit.' }) creditGrant!: string | null;
}
