import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsOptional, Length, Matches, Max, Min, ValidateNested } from 'class-validator';
import { OrganizationType, UserType } from '#libs/identity/graphql';
import type { Currency } from '#libs/kernel';
import {
  BigIntScalar,
  ConnectionArgs,
  CurrencyEnum,
  connectionOf,
  enumOf,
  MutationInput,
  MutationPayload,
  NodeField,
  NodeType,
} from '#platform/graphql';
import {
  LISTING_AUDIENCES,
  LISTING_METERS,
  LISTING_STATES,
  type ListingAudience,
  type ListingMeter,
  type ListingState,
  type ListingVerdict,
} from '../listings/listing.js';
import { MOST_NAMED } from '../listings/listing.service.js';
import { LicenseType } from './license.types.js';

export const ListingStateEnum = enumOf(LISTING_STATES);
registerEnumType(ListingStateEnum, {
  name: 'ListingState',
  description: 'Where a listing stands.',
  valuesMap: {
    DRAFT: { description: 'Its publisher works on it.' },
    IN_REVIEW: { description: 'It waits for the lab.' },
    LISTED: { description: 'Whom it is for may use it. It no longer changes.' },
    REJECTED: { description: 'The lab gave it back: it may be changed and submitted again.' },
    WITHDRAWN: { description: 'Its publisher ended it.' },
    TAKEN_DOWN: { description: 'The lab ended it.' },
  },
});

export const ListingAudienceEnum = enumOf(LISTING_AUDIENCES);
registerEnumType(ListingAudienceEnum, {
  name: 'ListingAudience',
  description: 'For whom a listing is.',
  valuesMap: {
    ALL_PARTNERS: { description: 'Every partner of the lab, those that come later too.' },
    NAMED: { description: 'The organizations that it names.' },
  },
});

export const ListingMeterEnum = enumOf(LISTING_METERS);
registerEnumType(ListingMeterEnum, {
  name: 'ListingMeter',
  description: 'What a listing has a price for.',
  valuesMap: {
    INPUT_TOKENS: { description: 'Tokens of prompts.' },
    CACHED_INPUT_TOKENS: { description: 'Tokens of prompts that were still held from an earlier call.' },
    OUTPUT_TOKENS: { description: 'Tokens of answers.' },
  },
});

export const ListingVerdictEnum = { APPROVED: 'approved', REJECTED: 'rejected' } as const;
registerEnumType(ListingVerdictEnum, {
  name: 'ListingVerdict',
  description: 'What the lab decided.',
  valuesMap: { APPROVED: { description: 'It was listed.' }, REJECTED: { description: 'It was given back.' } },
});

@ObjectType('ListingPrice', { description: 'A quantity Q costs Q × priceNanos / perUnits.' })
export class ListingPriceType {
  @Field(() => ListingMeterEnum, { description: 'What is counted.' }) meter!: ListingMeter;
  @Field(() => BigIntScalar, { description: "Billionths of the major unit of the listing's currency." })
  priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units of the meter the price is for.' }) perUnits!: bigint;
}

@ObjectType('ListingReview', { description: 'What the lab decided of a listing, between it and the publisher.' })
export class ListingReviewType {
  @Field(() => ListingVerdictEnum, { description: 'What.' }) verdict!: ListingVerdict;
  @Field(() => String, { nullable: true, description: 'Why it was rejected.' }) reason!: string | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'What the publisher gets of what its use by others comes to, in hundredths of a percent; null: it was rejected.',
  })
  publisherShareBasisPoints!: number | null;
  licenseId!: string | null;
  @NodeField(() => LicenseType, {
    from: 'licenseId',
    description: 'The version of the licence of the base that allowed it; null: it was rejected.',
  })
  license!: LicenseType | null;
  @Field({ description: 'SHA-256 of the terms that were read, hexadecimal.' }) termsSha256!: string;
  reviewedBy!: string;
  @NodeField(() => UserType, { from: 'reviewedBy', description: 'Who decided; null for the publisher.' })
  reviewer!: UserType | null;
  @Field({ description: 'When.' }) reviewedAt!: Date;
}

@ObjectType('Listing', {
  implements: () => [NodeType],
  description:
    'A variant that its publisher offers to other partners, on terms and at a price that the lab has reviewed. What is listed no longer changes: another price is another listing.',
})
export class ListingType extends NodeType {
  @Field(() => ID, { description: 'The organization that publishes it.' }) organizationId!: string;
  @NodeField(() => OrganizationType, {
    from: 'organizationId',
    description: 'The publisher; null for other partners, to whom the name of the variant says it.',
  })
  organization!: OrganizationType | null;
  checkpointId!: string;
  @NodeField(() => NodeType as never, { from: 'checkpointId', description: 'The variant, a Checkpoint.' })
  checkpoint!: NodeType | null;
  @Field({ description: 'What it is called.' }) title!: string;
  @Field({ description: 'What it is good for, for people who choose.' }) summary!: string;
  @Field(() => ListingAudienceEnum, { description: 'For whom it is.' }) audience!: ListingAudience;
  @Field(() => CurrencyEnum, {
    description: 'Of its prices. Where usage is charged in another one, the prices of the base hold instead.',
  })
  currency!: Currency;
  @Field(() => [ListingPriceType], { description: 'What its use costs others; one price for each meter.' })
  prices!: ListingPriceType[];
  @Field({ description: 'Whether others may fine-tune from it.' }) allowsFineTuning!: boolean;
  @Field({ description: 'On which terms it is offered.' }) terms!: string;
  @Field({ description: 'SHA-256 of the terms in UTF-8, hexadecimal.' }) termsSha256!: string;
  @Field(() => Int, { description: 'Counts the texts that the terms have had, from 1.' }) termsVersion!: number;
  @Field(() => ListingStateEnum, { description: 'Where it stands.' }) state!: ListingState;
  @Field({ description: 'When it was drafted.' }) createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was last submitted.' }) submittedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'Since when others may use it.' }) listedAt!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it was withdrawn or taken down.' }) endedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why the lab took it down.' }) endReason!: string | null;
}
export const { Connection: ListingConnection } = connectionOf(ListingType, 'Listing');

@ObjectType('ListingImpact', { description: 'How much of an organization hangs on a listing.' })
export class ListingImpactType {
  @Field(() => ID, { description: 'Whose.' }) organizationId!: string;
  @NodeField(() => OrganizationType, {
    from: 'organizationId',
    description: 'The same, where it is the caller’s to see.',
  })
  organization!: OrganizationType | null;
  @Field({
    description:
      'Of what kind: `deployments` that answer with its variant, `fine_tunes` from it, `calls` that were answered by it.',
  })
  what!: string;
  @Field(() => Int, { description: 'How many.' }) count!: number;
}

@ArgsType()
export class ListingsOfStateArgs extends ConnectionArgs {
  @Field(() => ListingStateEnum, { nullable: true, description: 'Only those that stand there.' }) state?: ListingState;
}

@InputType({ description: 'A quantity Q costs Q × priceNanos / perUnits.' })
export class ListingPriceInput {
  @Field(() => ListingMeterEnum, { description: 'What is counted.' }) meter!: ListingMeter;
  @Field(() => BigIntScalar, { description: 'Billionths of the major unit of the currency, at least 0.' })
  priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units of the meter the price is for, such as 1000000.' })
  perUnits!: bigint;
}

const PRICES = 'One price for each meter; of input and of output tokens there has to be one.';
const NAMED = `The organizations that may use it, at most ${MOST_NAMED}`;

@InputType({ description: 'Drafts a listing of a variant that the own fine-tunes made.' })
export class CreateListingInput extends MutationInput {
  @Field(() => ID, { description: 'The variant.' }) checkpointId!: string;
  @Field({ description: 'What it is called, 1 to 200 characters.' }) @Length(1, 200) title!: string;
  @Field({ description: 'What it is good for, 1 to 2,000 characters.' }) @Length(1, 2_000) summary!: string;
  @Field(() => [ID], { nullable: true, description: `${NAMED}; all partners if left out.` })
  @IsOptional()
  @ArrayMaxSize(MOST_NAMED)
  organizationIds?: string[] | null;
  @Field(() => CurrencyEnum, { description: 'Of the prices.' }) currency!: Currency;
  @Field(() => [ListingPriceInput], { description: PRICES })
  @ArrayMinSize(1)
  @ArrayMaxSize(LISTING_METERS.length)
  @ValidateNested({ each: true })
  @Type(() => ListingPriceInput)
  prices!: ListingPriceInput[];
  @Field({ description: 'On which terms it is offered, 1 to 200,000 characters.' })
  @Length(1, 200_000)
  terms!: string;
  @Field(() => Boolean, { nullable: true, description: 'Whether others may fine-tune from it; false if left out.' })
  allowsFineTuning?: boolean | null;
}

@InputType({ description: 'Changes what is given of a draft; a rejected listing becomes a draft by it.' })
export class UpdateListingInput extends MutationInput {
  @Field(() => ID, { description: 'The listing.' }) listingId!: string;
  @Field(() => String, { nullable: true, description: 'What it is called, 1 to 200 characters.' })
  @IsOptional()
  @Length(1, 200)
  title?: string | null;
  @Field(() => String, { nullable: true, description: 'What it is good for, 1 to 2,000 characters.' })
  @IsOptional()
  @Length(1, 2_000)
  summary?: string | null;
  @Field(() => [ID], { nullable: true, description: `${NAMED}; null: all partners. Unchanged if left out.` })
  @IsOptional()
  @ArrayMaxSize(MOST_NAMED)
  organizationIds?: string[] | null;
  @Field(() => CurrencyEnum, { nullable: true, description: 'Of the prices.' }) currency?: Currency | null;
  @Field(() => [ListingPriceInput], { nullable: true, description: PRICES })
  @IsOptional()
  @ArrayMinSize(1)
  @ArrayMaxSize(LISTING_METERS.length)
  @ValidateNested({ each: true })
  @Type(() => ListingPriceInput)
  prices?: ListingPriceInput[] | null;
  @Field(() => String, {
    nullable: true,
    description: 'On which terms it is offered, 1 to 200,000 characters; another text is another version.',
  })
  @IsOptional()
  @Length(1, 200_000)
  terms?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether others may fine-tune from it.' })
  allowsFineTuning?: boolean | null;
}

@InputType({ isAbstract: true })
export abstract class ListingInput extends MutationInput {
  @Field(() => ID, { description: 'The listing.' }) listingId!: string;
}

@InputType({ isAbstract: true })
abstract class ReasonedListingInput extends ListingInput {
  @Field({ description: 'Why, 1 to 500 characters: the publisher reads it.' }) @Length(1, 500) reason!: string;
}

@InputType({ description: 'Hands a draft to the lab.' })
export class SubmitListingInput extends ListingInput {}

@InputType({ description: 'Ends an own listing.' })
export class WithdrawListingInput extends ListingInput {}

@InputType({ description: 'Lists what is in review.' })
export class ApproveListingInput extends ListingInput {
  @Field({ description: 'SHA-256 of the terms that were read, hexadecimal.' })
  @Matches(/^[0-9a-f]{64}$/)
  termsSha256!: string;
  @Field(() => Int, {
    description:
      'What the publisher gets of what its use by others comes to, in hundredths of a percent, 0 to 10,000; it never changes.',
  })
  @Min(0)
  @Max(10_000)
  publisherShareBasisPoints!: number;
}

@InputType({ description: 'Gives what is in review back to its publisher.' })
export class RejectListingInput extends ReasonedListingInput {}

@InputType({
  description: 'Ends what is listed. The reason is also told to whom it was offered, by refusals.',
})
export class TakeDownListingInput extends ReasonedListingInput {}

@ObjectType()
export class ListingPayload extends MutationPayload {
  @NodeField(() => ListingType, { description: 'The listing.' }) listing!: string | null;
}

@ObjectType()
export class TakenDownListingPayload extends ListingPayload {
  @Field(() => [ListingImpactType], {
    nullable: true,
    description: 'What of other organizations hangs on it, by organization and kind.',
  })
  affected!: ListingImpactType[] | null;
}
