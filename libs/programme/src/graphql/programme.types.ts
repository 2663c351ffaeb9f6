import { ArgsType, Field, Float, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { CheckpointType } from '#libs/catalog/graphql';
import type { Currency } from '#libs/kernel';
import { BigIntScalar, CurrencyEnum, MoneyType, NodeField } from '#platform/graphql';

@ArgsType()
export class ProgrammeArgs {
  @Field(() => GraphQLISODateTime, { description: 'Admitted, and time of the cluster, at or after this time.' })
  from!: Date;
  @Field(() => GraphQLISODateTime, { description: 'Before this time; at most 366 days after `from`.' }) to!: Date;
  @Field(() => CurrencyEnum, {
    defaultValue: 'USD',
    description: 'Partners whose usage is priced in it, or in none: amounts of several currencies have no sum.',
  })
  currency!: Currency;
  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'What an hour of an attempt costs the lab, in billionths of the currency; for the margin.',
  })
  hourCostNanos?: bigint | null;
}

@ObjectType('ProgrammeLine', {
  description:
    'What partners made of one fork point. Amounts are usage at the prices of each contract, without what is of a whole invoice: minimums, commitments, credits, tax.',
})
export class ProgrammeLineType {
  @NodeField(() => CheckpointType, {
    from: 'checkpointId',
    description: 'The base checkpoint; null where it can not be told.',
  })
  checkpoint!: CheckpointType | null;
  @Field(() => ID, {
    nullable: true,
    description:
      'Its id; null for files that are kept, and for time of jobs and runs that used nothing that is billed, such as those that failed.',
  })
  checkpointId!: string | null;
  @Field(() => Int, { description: 'Partners that used it.' }) partners!: number;
  @Field(() => Int, { description: 'Fine-tune jobs that trained.' }) fineTuneJobs!: number;
  @Field(() => Int, { description: 'Evaluation runs.' }) evaluationRuns!: number;
  @Field(() => Int, { description: 'Requests to it and to its variants.' }) requests!: number;
  @Field(() => MoneyType, { description: 'Of all that has a price.' }) revenue!: MoneyType;
  @Field(() => MoneyType, { description: 'Of training.' }) trainingRevenue!: MoneyType;
  @Field(() => MoneyType, { description: 'Of evaluation.' }) evaluationRevenue!: MoneyType;
  @Field(() => MoneyType, { description: 'Of inference.' }) inferenceRevenue!: MoneyType;
  @Field(() => MoneyType, { description: 'Of files and variants that are kept.' }) storageRevenue!: MoneyType;
  @Field(() => Float, {
    description:
      'Hours that attempts of jobs and runs had a place on the cluster (GPU-hours where an attempt has one GPU), failed ones too; not the time of engines that serve.',
  })
  clusterHours!: number;
  @Field(() => MoneyType, {
    nullable: true,
    description: 'Of training and evaluation, beyond what their hours cost; null without `hourCostNanos`.',
  })
  margin!: MoneyType | null;
  @Field(() => MoneyType, { nullable: true, description: 'The same for each hour; null where there is none.' })
  marginPerHour!: MoneyType | null;
}

@ObjectType('Programme', { description: 'Which of the lab’s checkpoints partners use, and what comes of it.' })
export class ProgrammeType {
  @Field(() => CurrencyEnum, { description: 'Of all amounts.' }) currency!: Currency;
  @Field(() => [ProgrammeLineType], { description: 'One for each fork point; those of most revenue first.' })
  lines!: ProgrammeLineType[];
  @Field(() => ProgrammeLineType, { description: 'All of it; its checkpoint is null.' }) total!: ProgrammeLineType;
}
