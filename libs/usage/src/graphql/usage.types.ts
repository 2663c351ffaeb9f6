import { ArgsType, Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { MeterEnum } from '#libs/contracts/graphql';
import { ProjectType } from '#libs/identity/graphql';
import type { Meter } from '#libs/kernel';
import { BigIntScalar, ConnectionArgs, connectionOf, MoneyType, NodeField, NodeType } from '#platform/graphql';

export enum UsageKind {
  INFERENCE = 'inference',
  TRAINING = 'training',
  EVALUATION = 'evaluation',
  STORAGE = 'storage',
}
registerEnumType(UsageKind, {
  name: 'UsageKind',
  description: 'What used something.',
  valuesMap: {
    INFERENCE: { description: 'A request to a model.' },
    TRAINING: { description: 'A fine-tune job.' },
    EVALUATION: { description: 'An evaluation run.' },
    STORAGE: { description: 'Files of a project, or a variant, that were kept for a day or a part of one.' },
  },
});

export enum UsageState {
  ADMITTED = 'admitted',
  SETTLED = 'settled',
  CUT = 'cut',
}
registerEnumType(UsageState, {
  name: 'UsageState',
  description: 'How far a usage event is. Only SETTLED and CUT ones are billed.',
  valuesMap: {
    ADMITTED: { description: 'Under way; its counts grow.' },
    SETTLED: { description: 'Ended, with exact counts.' },
    CUT: { description: 'Ended by a crash of the gateway: billed for what was last counted as delivered.' },
  },
});

export enum UsageEndReason {
  COMPLETED = 'completed',
  REFUSED = 'refused',
  CLIENT_DISCONNECTED = 'client_disconnected',
  ENGINE_FAILED = 'engine_failed',
  RECORDER_LOST = 'recorder_lost',
}
registerEnumType(UsageEndReason, {
  name: 'UsageEndReason',
  description: 'Why a usage event ended.',
  valuesMap: {
    COMPLETED: { description: 'It went to its end.' },
    REFUSED: { description: 'The engine refused it or failed before an answer: nothing is billed.' },
    CLIENT_DISCONNECTED: { description: 'The caller went away; what had been delivered is billed.' },
    ENGINE_FAILED: { description: 'The engine failed in mid-answer; what had been delivered is billed.' },
    RECORDER_LOST: { description: 'The gateway died in mid-answer.' },
  },
});

export enum UsageDimension {
  PROJECT = 'project',
  MODEL = 'model',
  DAY = 'day',
  KIND = 'kind',
  API_KEY = 'api_key',
  JOB = 'job',
}
registerEnumType(UsageDimension, {
  name: 'UsageDimension',
  description: 'What a summary is split by, besides the meter.',
  valuesMap: {
    PROJECT: { description: 'The project that pays.' },
    MODEL: { description: 'The name that was called, or that the job was given.' },
    DAY: { description: 'The day (UTC) on which it was admitted.' },
    KIND: { description: 'Inference, training, evaluation or storage.' },
    API_KEY: { description: 'The key that called.' },
    JOB: { description: 'The fine-tune job or evaluation run.' },
  },
});

@ObjectType('UsageEvent', {
  description: 'One request, job or day of storage, with what it used. It is billed once.',
  implements: () => NodeType,
})
export class UsageEventType extends NodeType {
  @Field(() => UsageKind, { description: 'What used it.' }) kind!: UsageKind;
  @Field(() => ID, {
    description:
      'The request (as in x-request-id), fine-tune job or evaluation run; of storage the project, for its files, or the variant, and from when.',
  })
  sourceId!: string;
  @Field(() => UsageState, { description: 'How far it is.' }) state!: UsageState;
  @Field(() => UsageEndReason, { nullable: true, description: 'Why it ended; null while it is under way.' })
  endReason!: UsageEndReason | null;
  @NodeField(() => ProjectType, { from: 'projectId', description: 'The project that pays.' })
  project!: ProjectType | null;
  projectId!: string;
  @Field(() => String, { nullable: true, description: 'The name that the caller used; null for files.' })
  model!: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'The checkpoint that answered, was worked on or was kept; null for files.',
  })
  checkpointId!: string | null;
  @Field(() => ID, { nullable: true, description: 'The deployment that was called, if it was one.' })
  deploymentId!: string | null;
  @Field(() => ID, { nullable: true, description: 'The revision that answered.' }) revisionId!: string | null;
  @Field(() => ID, { nullable: true, description: 'The key that called.' }) apiKeyId!: string | null;
  @Field(() => BigIntScalar, { description: 'Tokens of the prompt.' }) inputTokens!: bigint;
  @Field(() => BigIntScalar, { description: 'Tokens of the prompt that were still held from an earlier call.' })
  cachedInputTokens!: bigint;
  @Field(() => BigIntScalar, { description: 'Tokens of the answer.' }) outputTokens!: bigint;
  @Field(() => BigIntScalar, { description: 'Tokens that were trained on.' }) trainingTokens!: bigint;
  @Field(() => BigIntScalar, { description: 'Tokens that were evaluated.' }) evaluationTokens!: bigint;
  @Field(() => BigIntScalar, { description: 'Bytes times the hours for which they were kept.' })
  storedByteHours!: bigint;
  @Field(() => GraphQLISODateTime, { description: 'When it was let in; its prices are those of this moment.' })
  admittedAt!: Date;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it ended.' }) endedAt!: Date | null;
}

export const { Connection: UsageEventConnection } = connectionOf(UsageEventType, 'UsageEvent');

@ArgsType()
export class UsageEventsArgs extends ConnectionArgs {
  @Field(() => ID, { nullable: true, description: 'Of this project only.' }) projectId?: string;
  @Field(() => UsageKind, { nullable: true, description: 'Of this kind only.' }) kind?: UsageKind;
  @Field(() => UsageState, { nullable: true, description: 'In this state only.' }) state?: UsageState;
  @Field({ nullable: true, description: 'Under this name only.' }) model?: string;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Admitted at or after this time.' }) from?: Date;
  @Field(() => GraphQLISODateTime, { nullable: true, description: 'Admitted before this time.' }) to?: Date;
}

@ArgsType()
export class UsageSummaryArgs {
  @Field(() => GraphQLISODateTime, { description: 'Admitted at or after this time.' }) from!: Date;
  @Field(() => GraphQLISODateTime, { description: 'Admitted before this time; at most 366 days after `from`.' })
  to!: Date;
  @Field(() => ID, { nullable: true, description: 'Of this project only.' }) projectId?: string;
  @Field(() => ID, { nullable: true, description: 'Of this organization instead of the own one. For the lab.' })
  organizationId?: string;
  @Field(() => [UsageDimension], {
    nullable: true,
    description: 'PROJECT, MODEL and DAY if left out; an empty list sums it all up.',
  })
  groupBy?: UsageDimension[];
}

@ObjectType('UsageSummaryRow', { description: 'What one meter counted in one group, and what it costs.' })
export class UsageSummaryRowType {
  @Field(() => MeterEnum, { description: 'What was counted.' }) meter!: Meter;
  @NodeField(() => ProjectType, { from: 'projectId', description: 'The project; null if not split by it.' })
  project!: ProjectType | null;
  @Field(() => ID, { nullable: true, description: 'Its id.' }) projectId!: string | null;
  @Field(() => String, { nullable: true, description: 'The model; null if not split by it.' }) model!: string | null;
  @Field(() => String, { nullable: true, description: 'The day, YYYY-MM-DD in UTC; null if not split by it.' })
  day!: string | null;
  @Field(() => UsageKind, { nullable: true, description: 'The kind; null if not split by it.' })
  kind!: UsageKind | null;
  @Field(() => ID, { nullable: true, description: 'The key; null if not split by it, and for jobs.' })
  apiKeyId!: string | null;
  @Field(() => ID, {
    nullable: true,
    description: 'The fine-tune job or evaluation run; null if not split by it, and for what is of none.',
  })
  jobId!: string | null;
  @Field(() => BigIntScalar, { description: 'How much.' }) quantity!: bigint;
  @Field(() => Int, { description: 'Requests, jobs and days of storage that it comes from.' }) events!: number;
  @Field(() => MoneyType, { nullable: true, description: 'Rounded once; null where a part has no price.' })
  cost!: MoneyType | null;
}

@ObjectType('UnpricedUsage', {
  description:
    'Usage that nothing prices: no rule of the contract in force, or without a contract no published rate card.',
})
export class UnpricedUsageType {
  @Field(() => MeterEnum, { description: 'What was counted.' }) meter!: Meter;
  @Field(() => BigIntScalar, { description: 'How much.' }) quantity!: bigint;
}

@ObjectType('UsageSummary', {
  description:
    'What was used in a span of time and what it costs: computed from usage events and the contract in force, else published rate cards.',
})
export class UsageSummaryType {
  @Field(() => GraphQLISODateTime, { description: 'As asked for.' }) from!: Date;
  @Field(() => GraphQLISODateTime, { description: 'As asked for.' }) to!: Date;
  @Field(() => [UsageSummaryRowType], { description: 'One per meter and group.' }) rows!: UsageSummaryRowType[];
  @Field(() => MoneyType, {
    description: 'Of all that has a price; rounded once, so the rows may sum to a little else.',
  })
  total!: MoneyType;
  @Field(() => [UnpricedUsageType], { description: 'What has no price; empty when all has.' })
  unpriced!: UnpricedUsageType[];
}
