import { Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { METERS, type Meter } from '#libs/kernel';
import { BigIntScalar, enumOf } from '#platform/graphql';
import { MOST_COMMITMENTS, MOST_DISCOUNTS, MOST_PRICE_RULES } from '../contract/terms.js';

export const MeterEnum = enumOf(METERS);
registerEnumType(MeterEnum, {
  name: 'Meter',
  description: 'What is counted, priced and billed.',
  valuesMap: {
    TRAINING_TOKENS: { description: 'Tokens that a fine-tune job reads, each epoch anew.' },
    INPUT_TOKENS: { description: 'Tokens of prompts.' },
    CACHED_INPUT_TOKENS: {
      description:
        'Tokens of prompts that were still held from an earlier call; INPUT_TOKENS where nothing prices them apart.',
    },
    OUTPUT_TOKENS: { description: 'Tokens of answers.' },
    EVALUATION_TOKENS: { description: 'Tokens that an evaluation reads and writes.' },
    GPU_SECONDS: { description: 'Seconds of a GPU of dedicated replicas; a GPU-hour is 3,600.' },
    STORED_BYTE_HOURS: { description: 'Bytes times the hours for which they are kept; a GB-month is 10⁹ × 730.' },
  },
});

export const CommitmentKindEnum = { PREPAID: 'prepaid', POSTPAID: 'postpaid' } as const;
registerEnumType(CommitmentKindEnum, {
  name: 'CommitmentKind',
  description: 'How a commitment is paid.',
  valuesMap: {
    PREPAID: { description: 'Bought at its beginning and drawn down; what is left at its end is forfeited.' },
    POSTPAID: { description: 'Usage is paid as it comes; at its end what is missing is made up.' },
  },
});

@ObjectType('ContractMatch', {
  description:
    'What a price rule is for: usage for which all that is given holds. Nothing given: all usage of the meter.',
})
export class ContractMatchType {
  @Field(() => ID, { nullable: true, description: 'Usage of this project; goes before rules that name none.' })
  projectId?: string;
  @Field(() => ID, { nullable: true, description: 'Usage of this listing; goes second.' }) listingId?: string;
  @Field(() => ID, { nullable: true, description: 'Usage of this base checkpoint; goes third.' }) checkpointId?: string;
  @Field(() => ID, { nullable: true, description: 'Usage of this family; goes fourth.' }) familyId?: string;
  @Field(() => String, { nullable: true, description: 'Training by this method; goes last.' }) method?: string;
}

@ObjectType('ContractFlatPrice', { description: 'A quantity Q costs Q × priceNanos / perUnits.' })
export class ContractFlatPriceType {
  @Field(() => BigIntScalar, { description: 'Billionths (10⁻⁹) of the major unit of the currency, at least 0.' })
  priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units of the meter the price is for, at least 1.' })
  perUnits!: bigint;
}

@ObjectType('ContractPriceTier', { description: 'A part of a quantity, and what it costs.' })
export class ContractPriceTierType {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Its last unit of the meter, counted anew in each period; rising; null for the last tier: no end.',
  })
  upTo!: bigint | null;
  @Field(() => BigIntScalar, { description: 'Billionths (10⁻⁹) of the major unit of the currency, at least 0.' })
  priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units of the meter the price is for, at least 1.' })
  perUnits!: bigint;
  @Field(() => BigIntScalar, {
    description: 'Added once per period where the tier applies: billionths of the major unit of the currency.',
  })
  feeNanos!: bigint;
}

@ObjectType('ContractTieredPrice', { description: 'A price by tiers.' })
export class ContractTieredPriceType {
  @Field(() => [ContractPriceTierType], { description: 'At least one, at most 50, from the lowest to the last.' })
  tiers!: ContractPriceTierType[];
}

@ObjectType('ContractPackagePrice', { description: 'Every package begun costs the price.' })
export class ContractPackagePriceType {
  @Field(() => BigIntScalar, { description: 'Billionths (10⁻⁹) of the major unit of the currency, at least 0.' })
  priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units of the meter are in a package, at least 1.' })
  packageUnits!: bigint;
}

@ObjectType('ContractPriceRule', {
  description: 'What a meter costs. It has one of the four kinds of price; the others are null.',
})
export class ContractPriceRuleType {
  @Field({ description: 'Its name in the contract: invoices and redlines refer to it.' }) id!: string;
  @Field(() => MeterEnum, { description: 'What is counted.' }) meter!: Meter;
  @Field(() => ContractMatchType, { description: 'Which usage it is for.' }) match!: ContractMatchType;
  @Field(() => ContractFlatPriceType, { nullable: true, description: 'The same price for every unit.' })
  flat!: ContractFlatPriceType | null;
  @Field(() => ContractTieredPriceType, { nullable: true, description: 'Each unit costs the price of its own tier.' })
  graduated!: ContractTieredPriceType | null;
  @Field(() => ContractTieredPriceType, {
    nullable: true,
    description: 'All units cost the price of the tier in which the last one lies.',
  })
  volume!: ContractTieredPriceType | null;
  @Field(() => ContractPackagePriceType, { nullable: true, description: 'Units are sold in packages.' })
  package!: ContractPackagePriceType | null;
}

@ObjectType('ContractDiscount', { description: 'A part of the price that is not charged.' })
export class ContractDiscountType {
  @Field({ description: 'Its name in the contract.' }) id!: string;
  @Field(() => Int, { description: 'In hundredths of a percent, 0 to 10,000; those of a meter add up.' })
  basisPoints!: number;
  @Field(() => [MeterEnum], { nullable: true, description: 'The meters it is for; null: all.' })
  meters!: Meter[] | null;
}

@ObjectType('ContractCommitment', { description: 'An amount that the partner is bound to spend in a time.' })
export class ContractCommitmentType {
  @Field({ description: 'Its name in the contract; an amendment keeps it.' }) id!: string;
  @Field(() => CommitmentKindEnum, { description: 'How it is paid; it never changes.' }) kind!: string;
  @Field(() => BigIntScalar, { description: 'In minor units of the currency; an amendment may raise it, never lower.' })
  amountMinor!: bigint;
  @Field({ description: 'Its first instant: where a period begins. It never changes.' }) from!: Date;
  @Field({ description: 'The first instant after it: where a period ends. It never changes.' }) to!: Date;
  @Field(() => Int, {
    description:
      'What usage beyond it costs, in hundredths of a percent of its price: at least 10,000, which is no surcharge.',
  })
  overageBasisPoints!: number;
}

@ObjectType('ContractRetention', {
  description: 'For how long the platform keeps what the partner brought and made, in days of 86,400 seconds.',
})
export class ContractRetentionType {
  @Field(() => Int, {
    nullable: true,
    description:
      'A file that the partner uploaded is deleted so many days after it was complete; null: kept until somebody deletes it.',
  })
  uploadDays!: number | null;
  @Field(() => Int, {
    nullable: true,
    description:
      'All content of the partner is deleted so many days after its last contract ended; null: kept until somebody deletes it.',
  })
  afterEndDays!: number | null;
}

@ObjectType('ContractTerms', {
  description:
    'What a version says of money, of what may be used where, and of how long data are kept. How an invoice comes of it: docs/guides/how-an-invoice-is-made.md.',
})
export class ContractTermsType {
  @Field(() => [ContractPriceRuleType], { description: `The prices, at most ${MOST_PRICE_RULES}.` })
  prices!: ContractPriceRuleType[];
  @Field(() => [ContractDiscountType], { description: `The discounts, at most ${MOST_DISCOUNTS}.` })
  discounts!: ContractDiscountType[];
  @Field(() => BigIntScalar, {
    description: "The least that a whole month's usage costs, in minor units of the currency; 0: none.",
  })
  minimumMinor!: bigint;
  @Field(() => [ContractCommitmentType], { description: `The commitments, at most ${MOST_COMMITMENTS}.` })
  commitments!: ContractCommitmentType[];
  @Field(() => Int, { description: 'Tax on what is due, in hundredths of a percent; 0: none.' })
  taxBasisPoints!: number;
  @Field(() => Int, {
    description: 'An invoice is to be paid within so many days of 86,400 seconds after it became final.',
  })
  paymentDays!: number;
  @Field(() => [String], {
    description:
      'The export classifications of checkpoints that the partner is cleared for, such as 4E091; none: only what has none.',
  })
  exportClearances!: readonly string[];
  @Field(() => [String], {
    nullable: true,
    description: 'The regions where alone its work may be done and its data may be; null: anywhere.',
  })
  regions!: readonly string[] | null;
  @Field(() => ContractRetentionType, { description: 'For how long what the partner brought and made is kept.' })
  retention!: ContractRetentionType;
}
