import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { ArrayMaxSize, IsOptional, Length } from 'class-validator';
import type { Currency } from '#libs/kernel';
import {
  BigIntScalar,
  ConnectionArgs,
  CurrencyEnum,
  connectionOf,
  enumOf,
  MoneyType,
  MutationInput,
  MutationPayload,
  NodeField,
  NodeType,
} from '#platform/graphql';
import { SPEND_CAP_PERIODS, type SpendCapPeriod } from '../caps/spend-cap.js';
import type { ContractSide } from '../contract/contract.js';
import { ContractSideEnum, ContractType } from './contract.types.js';

export const SpendCapPeriodEnum = enumOf(SPEND_CAP_PERIODS);
registerEnumType(SpendCapPeriodEnum, {
  name: 'SpendCapPeriod',
  description: 'Over what a spend cap counts.',
  valuesMap: {
    MONTH: { description: 'A calendar month, UTC; it begins anew with each.' },
    TOTAL: { description: 'All time.' },
  },
});

@ObjectType('SpendCapWindow', {
  description: 'What a cap has counted in a month, or in all. Inference is counted some seconds after it ended.',
})
export class SpendCapWindowType {
  @Field({ description: 'Its first instant.' }) startsAt!: Date;
  @Field(() => Date, { nullable: true, description: 'The first instant after it; null: it has no end.' })
  endsAt!: Date | null;
  @Field(() => MoneyType, { description: 'What was spent.' }) spent!: MoneyType;
  @Field(() => MoneyType, { description: 'What is reserved for jobs under way: the most that they can cost.' })
  held!: MoneyType;
  @Field(() => MoneyType, { description: 'What of the limit is neither spent nor held; never below zero.' })
  left!: MoneyType;
  @Field(() => [Int], { description: 'Percent of the limit that were reached and told of in it, rising.' })
  alertedPercents!: number[];
}

@ObjectType('SpendCap', {
  implements: () => [NodeType],
  description:
    'The most that may be spent on something. It never changes: setting it again replaces it, and what was stays on record.',
})
export class SpendCapType extends NodeType {
  @Field(() => ID, { description: 'The partner.' }) organizationId!: string;
  @Field(() => SpendCapPeriodEnum, { description: 'Over what it counts.' }) period!: SpendCapPeriod;
  @Field({ description: 'Whether what would go beyond it is refused. A soft one only alerts.' }) isHard!: boolean;
  @Field(() => [Int], { description: 'Percent of the limit, rising; each is told of once in a window.' })
  alertPercents!: number[];
  @Field(() => ContractSideEnum, { description: 'Who has set it, and alone may change it.' }) side!: ContractSide;
  contractId!: string | null;
  @NodeField(() => ContractType, { from: 'contractId', description: "What the lab's stands on." })
  contract!: ContractType | null;
  @Field(() => String, { nullable: true, description: 'The clause of the contract.' }) clause!: string | null;
  @Field({ description: 'From when on it holds.' }) createdAt!: Date;
  @Field(() => Date, { nullable: true, description: 'When it was replaced or removed.' }) endedAt!: Date | null;
  replacesId!: string | null;
  @NodeField(() => SpendCapType, { from: 'replacesId', description: 'The cap that it took the place of.' })
  replaces!: SpendCapType | null;
}
export const { Connection: SpendCapConnection } = connectionOf(SpendCapType, 'SpendCap');

@ObjectType('SpendCapAlert', {
  implements: () => [NodeType],
  description: 'A threshold of a spend cap that was reached: told of once in each window of the cap.',
})
export class SpendCapAlertType extends NodeType {
  capId!: string;
  @NodeField(() => SpendCapType, { from: 'capId', description: 'Whose threshold it is.' }) cap!: SpendCapType | null;
  @Field({ description: "The first instant of the cap's window in which it was reached." }) windowStartsAt!: Date;
  @Field(() => Int, { description: 'Percent of the limit.' }) percent!: number;
  @Field({ description: 'When it was reached.' }) reachedAt!: Date;
}
export const { Connection: SpendCapAlertConnection } = connectionOf(SpendCapAlertType, 'SpendCapAlert');

@ArgsType()
export class SpendCapsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this partner; for the lab.' }) organizationId?: string;
  @Field(() => ID, { nullable: true, description: 'Only those on this project.' }) projectId?: string;
  @Field({ defaultValue: false, description: 'Those too that were replaced or removed.' }) includeEnded!: boolean;
}

@ArgsType()
export class SpendCapAlertsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of this partner; for the lab.' }) organizationId?: string;
  @Field(() => ID, { nullable: true, description: 'Only those of this cap.' }) spendCapId?: string;
}

@InputType({
  description:
    'A cap on what an organization, one project or one key of it may spend. It replaces the one that the same side has on the same, for the same period and currency.',
})
export class SetSpendCapInput extends MutationInput {
  @Field(() => ID, { nullable: true, description: 'For the lab: the partner.' }) organizationId?: string | null;
  @Field(() => ID, { nullable: true, description: 'On what this project spends.' }) projectId?: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'On what this API key spends. Neither: on all that the organization spends.',
  })
  apiKeyId?: string | null;
  @Field(() => BigIntScalar, { description: "In billionths of the currency's unit; 0 lets nothing be spent." })
  limitNanos!: bigint;
  @Field(() => CurrencyEnum, { description: 'What is spent in another one is not counted.' }) currency!: Currency;
  @Field(() => SpendCapPeriodEnum, { description: 'Over what it counts.' }) period!: SpendCapPeriod;
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether what would go beyond it is refused, else it only alerts; true if left out.',
  })
  isHard?: boolean | null;
  @Field(() => [Int], {
    nullable: true,
    description: 'Percent of the limit at which it alerts: at most 10, rising, above 0; 50, 80 and 100 if left out.',
  })
  @IsOptional()
  @ArrayMaxSize(10)
  alertPercents?: number[] | null;
  @Field(() => ID, { nullable: true, description: 'For the lab: the contract that it stands on, which is in force.' })
  contractId?: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'For the lab: the clause of the contract, 1 to 500 characters; refusals name it.',
  })
  @IsOptional()
  @Length(1, 500)
  clause?: string | null;
}

@InputType({ description: 'Ends a cap of the own side. What it holds is settled all the same.' })
export class RemoveSpendCapInput extends MutationInput {
  @Field(() => ID, { description: 'The cap.' }) spendCapId!: string;
}

@ObjectType()
export class SpendCapPayload extends MutationPayload {
  @NodeField(() => SpendCapType, { description: 'The cap.' }) spendCap!: string | null;
}
