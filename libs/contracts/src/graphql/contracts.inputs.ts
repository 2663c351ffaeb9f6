import { ArgsType, Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, Length, ValidateNested } from 'class-validator';
import type { Meter } from '#libs/kernel';
import { BigIntScalar, ConnectionArgs, MutationInput, MutationPayload, NodeField } from '#platform/graphql';
import type { EntitlementAction } from '../entitlement.js';
import { MeterEnum } from './contract-terms.types.js';
import { EntitlementActionEnum, EntitlementType, MOST_LINES, RateCardType } from './contracts.types.js';

@ArgsType()
export class EntitlementsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this grantee; for the lab.' }) organizationId?: string;
  @Field(() => ID, { nullable: true, description: 'Only those for this family or checkpoints of it.' })
  familyId?: string;
  @Field({ defaultValue: false, description: 'Only those that hold now.' }) inForce!: boolean;
}

@InputType({ description: 'Lets a partner use a family, or one checkpoint. Give `familyId` or `checkpointId`.' })
export class GrantEntitlementInput extends MutationInput {
  @Field(() => ID, { description: 'The partner organization.' }) organizationId!: string;
  @Field(() => ID, { nullable: true, description: 'The family, checkpoints published later included.' })
  familyId?: string;
  @Field(() => ID, { nullable: true, description: 'The one checkpoint.' }) checkpointId?: string;
  @Field(() => [EntitlementActionEnum], { description: 'What it allows; BROWSE is always added.' })
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  actions!: EntitlementAction[];
  @Field({ description: 'The contract clause behind it, 1 to 200 characters: refusals name it.' })
  @Length(1, 200)
  clause!: string;
  @Field(() => Date, { nullable: true, description: 'From when it holds; now if left out.' }) validFrom?: Date;
  @Field(() => Date, { nullable: true, description: 'Until before when it holds; an open end if left out.' })
  validTo?: Date;
}

@InputType({ description: 'Ends an entitlement at once.' })
export class RevokeEntitlementInput extends MutationInput {
  @Field(() => ID, { description: 'The entitlement.' }) entitlementId!: string;
  @Field({ description: 'Why, 1 to 500 characters: the partner can read it.' }) @Length(1, 500) reason!: string;
}

@ObjectType()
export class EntitlementPayload extends MutationPayload {
  @NodeField(() => EntitlementType, { description: 'The entitlement.' }) entitlement!: string | null;
}

@InputType({ description: 'The price of a meter: exactly `priceNanos` for every `perUnits`.' })
export class RateCardLineInput {
  @Field(() => MeterEnum, { description: 'What is counted.' }) meter!: Meter;
  @Field(() => ID, { nullable: true, description: 'For a family.' }) familyId?: string;
  @Field(() => ID, {
    nullable: true,
    description: 'For one checkpoint. Neither: for everything without a nearer line.',
  })
  checkpointId?: string;
  @Field(() => BigIntScalar, { description: 'In billionths of a US dollar.' }) priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units the price is for, such as 1000000.' })
  perUnits!: bigint;
}

@InputType({ description: 'Prices to look over before they are published.' })
export class DraftRateCardInput extends MutationInput {
  @Field({ description: 'For people to read, 1 to 200 characters.' }) @Length(1, 200) name!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'The partner whose prices these are; if left out, everybody’s who has none of their own.',
  })
  forOrganizationId?: string;
  @Field(() => [RateCardLineInput], { description: `At most ${MOST_LINES}, one per meter and subject.` })
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_LINES)
  @ValidateNested({ each: true })
  @Type(() => RateCardLineInput)
  lines!: RateCardLineInput[];
}

@InputType({ description: 'Puts drafted prices in force. They never change afterwards: a later card supersedes them.' })
export class PublishRateCardInput extends MutationInput {
  @Field(() => ID, { description: 'The draft.' }) rateCardId!: string;
  @Field(() => Date, {
    nullable: true,
    description: 'From when they hold: now, if left out, or later; never the past.',
  })
  effectiveFrom?: Date;
}

@ObjectType()
export class RateCardPayload extends MutationPayload {
  @NodeField(() => RateCardType, { description: 'The rate card.' }) rateCard!: string | null;
}
