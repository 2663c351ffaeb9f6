import { Field, ObjectType, registerEnumType } from '@nestjs/graphql';
import { OrganizationType } from '#libs/identity/graphql';
import type { Meter } from '#libs/kernel';
import { BigIntScalar, connectionOf, enumOf, MoneyType, NodeField, NodeType } from '#platform/graphql';
import { ENTITLEMENT_ACTIONS, type EntitlementAction } from '../entitlement.js';
import { isFlat, type Price, unitPrice } from '../pricing/price-book.js';
import { ContractVersionType } from './contract.types.js';
import { MeterEnum } from './contract-terms.types.js';

export const EntitlementActionEnum = enumOf(ENTITLEMENT_ACTIONS);
registerEnumType(EntitlementActionEnum, {
  name: 'EntitlementAction',
  description: 'What an entitlement allows.',
  valuesMap: {
    BROWSE: { description: 'See it, its evaluations and its lineage.' },
    FINE_TUNE: { description: 'Start fine-tune jobs from it.' },
    DEPLOY: { description: 'Call and deploy it and the variants made from it.' },
    DOWNLOAD_WEIGHTS: { description: 'Download its weights.' },
    DOWNLOAD_OPTIMIZER_STATE: { description: 'Download the optimizer state kept beside it.' },
  },
});

export const RateCardStatusEnum = { DRAFT: 'draft', PUBLISHED: 'published' } as const;
registerEnumType(RateCardStatusEnum, {
  name: 'RateCardStatus',
  description: 'Where a rate card stands.',
  valuesMap: {
    DRAFT: { description: 'For the lab to look over; of no effect.' },
    PUBLISHED: { description: 'In force from its time on; it never changes.' },
  },
});

@ObjectType('Entitlement', {
  implements: () => [NodeType],
  description: 'What the lab lets a partner do with a family or a checkpoint. It is never changed, only revoked.',
})
export class EntitlementType extends NodeType {
  organizationId!: string;
  @NodeField(() => OrganizationType, { from: 'organizationId', description: 'The grantee.' })
  organization!: OrganizationType | null;
  subjectId!: string;
  @NodeField(() => NodeType as never, {
    from: 'subjectId',
    description: 'The family, all its checkpoints included, or the checkpoint.',
  })
  subject!: NodeType | null;
  @Field(() => [EntitlementActionEnum], { description: 'What it allows; BROWSE always.' })
  actions!: EntitlementAction[];
  @Field({ description: 'The contract clause behind it.' }) clause!: string;
  @Field({ description: 'The first instant at which it holds.' }) validFrom!: Date;
  @Field(() => Date, {
    nullable: true,
    description: 'The first instant at which it no longer holds; null: an open end.',
  })
  validTo!: Date | null;
  @Field({ description: 'When it was granted.' }) createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was revoked.' }) revokedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'Why it was revoked.' }) revocationReason!: string | null;
}
export const { Connection: EntitlementConnection } = connectionOf(EntitlementType, 'Entitlement');

@ObjectType('RateCardLine', { description: 'The price of a meter for a family, a checkpoint, or everything.' })
export class RateCardLineType {
  @Field(() => MeterEnum, { description: 'What is counted.' }) meter!: Meter;
  subjectId!: string | null;
  @NodeField(() => NodeType as never, {
    from: 'subjectId',
    description: 'The family or checkpoint it is for; null: everything that has no nearer line.',
  })
  subject!: NodeType | null;
  @Field(() => MoneyType, { description: 'The price of `perUnits`.' }) price!: MoneyType;
  @Field(() => BigIntScalar, {
    description: 'How many units the price is for: the price of one is this exact fraction.',
  })
  perUnits!: bigint;
}

@ObjectType('RateCard', {
  implements: () => [NodeType],
  description: 'Prices that hold from a time on, until a later card for the same customer takes effect.',
})
export class RateCardType extends NodeType {
  @Field({ description: 'For people to read.' }) name!: string;
  @Field(() => RateCardStatusEnum, { description: 'Where it stands.' }) status!: string;
  forOrganizationId!: string | null;
  @NodeField(() => OrganizationType, {
    from: 'forOrganizationId',
    description: 'Whose prices these are; null: everybody’s who has none of their own.',
  })
  forOrganization!: OrganizationType | null;
  @Field(() => Date, { nullable: true, description: 'From when it holds; null while it is a draft.' })
  effectiveFrom!: Date | null;
  @Field(() => Date, { nullable: true, description: 'When it was published.' }) publishedAt!: Date | null;
  @Field({ description: 'When it was drafted.' }) createdAt!: Date;
}
export const { Connection: RateCardConnection } = connectionOf(RateCardType, 'RateCard');

@ObjectType('Price', { description: 'What a meter of a checkpoint costs the caller now, less discounts.' })
export class PriceType {
  @Field(() => MeterEnum, { description: 'What is counted.' }) meter!: Meter;
  @Field(() => MoneyType, {
    description: 'The price of `perUnits`; of tiers, that of the dearest one without its fee.',
  })
  price!: MoneyType;
  @Field(() => BigIntScalar, { description: 'How many units the price is for.' }) perUnits!: bigint;
  @Field({
    description:
      'Whether a unit always costs that. False for tiers and packages, where it depends on what else is used in the month.',
  })
  isFlat!: boolean;
  rateCardId!: string | null;
  @NodeField(() => RateCardType, { from: 'rateCardId', description: 'The card that says so; null: a contract does.' })
  rateCard!: RateCardType | null;
  contractVersionId!: string | null;
  @NodeField(() => ContractVersionType, {
    from: 'contractVersionId',
    description:
      'The version of the contract that says so; null: a rate card does, or the caller may not read contracts.',
  })
  contractVersion!: ContractVersionType | null;

  static of(this: void, price: Price): PriceType {
    const { rule, source, currency } = price;
    const { priceNanos, perUnits } = unitPrice(price);
    return {
      meter: rule.meter,
      price: MoneyType.of(priceNanos, currency),
      perUnits,
      isFlat: isFlat(price),
      rateCardId: source.kind === 'rate_card' ? source.rateCardId : null,
      rateCard: null,
      contractVersionId: source.kind === 'contract' ? source.versionId : null,
      contractVersion: null,
    };
  }
}

/** The most lines of a rate card. */
export const MOST_LINES = 1_000;
