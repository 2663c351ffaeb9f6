import { Field, ID, InputType, Int } from '@nestjs/graphql';
import type { Meter } from '#libs/kernel';
import { BigIntScalar } from '#platform/graphql';
import {
  DEFAULT_PAYMENT_DAYS,
  MOST_COMMITMENTS,
  MOST_DISCOUNTS,
  MOST_PAYMENT_DAYS,
  MOST_PRICE_RULES,
  MOST_RETENTION_DAYS,
  MOST_TAGS,
  MOST_TIERS,
} from '../contract/terms.js';
import { CommitmentKindEnum, MeterEnum } from './contract-terms.types.js';

@InputType({
  description: 'Which usage a price is for: where all that is given holds. Give nothing for all usage of the meter.',
})
export class ContractMatchInput {
  @Field(() => ID, { nullable: true, description: 'Usage of this project; goes before rules that name none.' })
  projectId?: string;
  @Field(() => ID, { nullable: true, description: 'Usage of this listing; goes second.' }) listingId?: string;
  @Field(() => ID, { nullable: true, description: 'Usage of this base checkpoint; goes third.' }) checkpointId?: string;
  @Field(() => ID, { nullable: true, description: 'Usage of this family; goes fourth.' }) familyId?: string;
  @Field(() => String, { nullable: true, description: 'Training by this method; goes last.' }) method?: string;
}

@InputType({ description: 'A quantity Q costs Q × priceNanos / perUnits.' })
export class ContractFlatPriceInput {
  @Field(() => BigIntScalar, { description: 'Billionths (10⁻⁹) of the major unit of the currency, at least 0.' })
  priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units of the meter the price is for, at least 1.' })
  perUnits!: bigint;
}

@InputType({ description: 'A part of a quantity, and what it costs.' })
export class ContractPriceTierInput {
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Its last unit of the meter; rising. Leave it out for the last tier, and for no other.',
  })
  upTo?: bigint | null;
  @Field(() => BigIntScalar, { description: 'Billionths (10⁻⁹) of the major unit of the currency, at least 0.' })
  priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units of the meter the price is for, at least 1.' })
  perUnits!: bigint;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'Added once per period where the tier applies: billionths of the major unit; none if left out.',
  })
  feeNanos?: bigint | null;
}

@InputType({ description: 'A price by tiers.' })
export class ContractTieredPriceInput {
  @Field(() => [ContractPriceTierInput], { description: `From the lowest to the last, at most ${MOST_TIERS}.` })
  tiers!: ContractPriceTierInput[];
}

@InputType({ description: 'Every package begun costs the price.' })
export class ContractPackagePriceInput {
  @Field(() => BigIntScalar, { description: 'Billionths (10⁻⁹) of the major unit of the currency, at least 0.' })
  priceNanos!: bigint;
  @Field(() => BigIntScalar, { description: 'How many units of the meter are in a package, at least 1.' })
  packageUnits!: bigint;
}

@InputType({
  description: 'What a meter costs: give exactly one of `flat`, `graduated`, `volume` and `package`.',
})
export class ContractPriceRuleInput {
  @Field({ description: 'Its name in the contract, 1 to 200 characters, unique among the rules.' }) id!: string;
  @Field(() => MeterEnum, { description: 'What is counted.' }) meter!: Meter;
  @Field(() => ContractMatchInput, {
    nullable: true,
    description: 'Which usage it is for; all of the meter if left out. No two rules of a meter have the same.',
  })
  match?: ContractMatchInput | null;
  @Field(() => ContractFlatPriceInput, { nullable: true, description: 'The same price for every unit.' })
  flat?: ContractFlatPriceInput | null;
  @Field(() => ContractTieredPriceInput, { nullable: true, description: 'Each unit costs the price of its own tier.' })
  graduated?: ContractTieredPriceInput | null;
  @Field(() => ContractTieredPriceInput, {
    nullable: true,
    description: 'All units cost the price of the tier in which the last one lies.',
  })
  volume?: ContractTieredPriceInput | null;
  @Field(() => ContractPackagePriceInput, { nullable: true, description: 'Units are sold in packages.' })
  package?: ContractPackagePriceInput | null;
}

@InputType({ description: 'A part of the price that is not charged.' })
export class ContractDiscountInput {
  @Field({ description: 'Its name in the contract, 1 to 200 characters, unique among the discounts.' }) id!: string;
  @Field(() => Int, { description: 'In hundredths of a percent, 0 to 10,000.' }) basisPoints!: number;
  @Field(() => [MeterEnum], { nullable: true, description: 'The meters it is for; all if left out.' })
  meters?: Meter[] | null;
}

@InputType({ description: 'An amount that the partner is bound to spend in a time.' })
export class ContractCommitmentInput {
  @Field({ description: 'Its name in the contract, 1 to 200 characters, unique among the commitments.' }) id!: string;
  @Field(() => CommitmentKindEnum, { description: 'How it is paid; it never changes.' }) kind!: string;
  @Field(() => BigIntScalar, { description: 'In minor units of the currency; an amendment may raise it, never lower.' })
  amountMinor!: bigint;
  @Field({
    description: 'Its first instant: the first of a month at 00:00 UTC in the term, or the start of the contract.',
  })
  from!: Date;
  @Field({
    description: 'The first instant after it: the first of a month at 00:00 UTC in the term, or its end.',
  })
  to!: Date;
  @Field(() => Int, {
    nullable: true,
    description:
      'What usage beyond it costs, in hundredths of a percent of its price, at least 10,000; 10,000, no surcharge, if left out.',
  })
  overageBasisPoints?: number | null;
}

@InputType({
  description: 'For how long the platform keeps what the partner brought and made, in days of 86,400 seconds.',
})
export class ContractRetentionInput {
  @Field(() => Int, {
    nullable: true,
    description: `A file that the partner uploaded is deleted so many days after it was complete, 1 to ${MOST_RETENTION_DAYS}; kept until somebody deletes it if left out.`,
  })
  uploadDays?: number | null;
  @Field(() => Int, {
    nullable: true,
    description: `All content of the partner is deleted so many days after its last contract ended, 0 to ${MOST_RETENTION_DAYS}; kept until somebody deletes it if left out.`,
  })
  afterEndDays?: number | null;
}

// Limits and rules are those of the terms themselves, which say where something is wrong: see readTerms.
@InputType({
  description:
    'What a version says of money, of what may be used where, and of how long data are kept. How an invoice comes of it: docs/guides/how-an-invoice-is-made.md. What breaks its rules is refused with CONTRACT_TERMS_INVALID, whose path names the place.',
})
export class ContractTermsInput {
  @Field(() => [ContractPriceRuleInput], { description: `The prices, at most ${MOST_PRICE_RULES}.` })
  prices!: ContractPriceRuleInput[];
  @Field(() => [ContractDiscountInput], {
    nullable: true,
    description: `The discounts, at most ${MOST_DISCOUNTS}; none if left out.`,
  })
  discounts?: ContractDiscountInput[] | null;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: "The least that a whole month's usage costs, in minor units of the currency; none if left out.",
  })
  minimumMinor?: bigint | null;
  @Field(() => [ContractCommitmentInput], {
    nullable: true,
    description: `The commitments, at most ${MOST_COMMITMENTS}, which do not overlap; none if left out.`,
  })
  commitments?: ContractCommitmentInput[] | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Tax on what is due, in hundredths of a percent, 0 to 1,000,000; none if left out.',
  })
  taxBasisPoints?: number | null;
  @Field(() => Int, {
    nullable: true,
    description: `An invoice is to be paid within so many days of 86,400 seconds after it became final, 0 to ${MOST_PAYMENT_DAYS}; ${DEFAULT_PAYMENT_DAYS} if left out.`,
  })
  paymentDays?: number | null;
  @Field(() => [String], {
    nullable: true,
    description: `The export classifications of checkpoints that the partner is cleared for, as the lab writes them, at most ${MOST_TAGS}; none if left out.`,
  })
  exportClearances?: string[] | null;
  @Field(() => [String], {
    nullable: true,
    description: `The regions where alone its work may be done and its data may be, as platforms name theirs, 1 to ${MOST_TAGS}; anywhere if left out.`,
  })
  regions?: string[] | null;
  @Field(() => ContractRetentionInput, {
    nullable: true,
    description: 'For how long what the partner brought and made is kept; until somebody deletes it if left out.',
  })
  retention?: ContractRetentionInput | null;
}
