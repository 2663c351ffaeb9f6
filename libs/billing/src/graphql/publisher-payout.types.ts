import { ArgsType, Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { Length } from 'class-validator';
import { OrganizationType } from '#libs/identity/graphql';
import type { Currency } from '#libs/kernel';
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

@ObjectType('PublisherPayout', {
  implements: () => [NodeType],
  description: 'Money that the lab sent to a publisher for what its listings earned. It never changes.',
})
export class PublisherPayoutType extends NodeType {
  @Field(() => ID, { description: 'The publisher.' }) organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'The publisher.' })
  organization!: OrganizationType | null;
  @Field({ description: "As the lab's bank statement names it." }) reference!: string;
  @Field({ description: 'When the lab sent it.' }) paidAt!: Date;
  @Field({ description: 'When somebody of the lab entered it.' }) recordedAt!: Date;
  @Field(() => Date, {
    nullable: true,
    description: "When it came into the publisher's books; null for the moment until then.",
  })
  postedAt!: Date | null;
}

export const { Connection: PublisherPayoutConnection } = connectionOf(PublisherPayoutType, 'PublisherPayout');

@ObjectType('PublisherBalance', {
  description: 'What a publisher earned, and what of it is still to be paid, in one currency.',
})
export class PublisherBalanceType {
  @Field(() => ID, { description: 'The publisher.' }) organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'The publisher.' })
  organization!: OrganizationType | null;
  @Field(() => LedgerAmountType, {
    description: 'What its listings earned, by final invoices, as credit notes leave it.',
  })
  earned!: LedgerAmountType;
  @Field(() => LedgerAmountType, { description: 'What the lab paid of it, by all payouts.' })
  paidOut!: LedgerAmountType;
  @Field(() => LedgerAmountType, {
    description:
      'What is still to be paid: what was earned less what was paid out. Below zero where what was paid out was credited to who used the listing afterwards.',
  })
  payable!: LedgerAmountType;
}

@ArgsType()
export class PublisherPayoutsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those to this partner; for the lab.' }) organizationId?: string;
}

@InputType({ description: 'Enters money that the lab sent to a publisher.' })
export class RecordPublisherPayoutInput extends MutationInput {
  @Field(() => ID, { description: 'The publisher.' }) organizationId!: string;
  @Field(() => CurrencyEnum, { description: 'ISO 4217.' }) currency!: Currency;
  @Field(() => BigIntScalar, {
    description: 'In minor units of the currency, above zero, and no more than is payable.',
  })
  amountMinor!: bigint;
  @Field({
    description:
      "As the lab's bank statement names it, 1 to 140 characters: the same one again for the same publisher is the same payout.",
  })
  @Length(1, 140)
  reference!: string;
  @Field({ description: 'When it was sent; not in the future.' }) paidAt!: Date;
}

@ObjectType()
export class PublisherPayoutPayload extends MutationPayload {
  @NodeField(() => PublisherPayoutType, { description: 'The payout.' }) publisherPayout!: string | null;
}
