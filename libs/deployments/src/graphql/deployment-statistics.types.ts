import { ArgsType, Field, Float, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { DeploymentStatistics, Percentiles, TrafficFigures } from '#libs/usage';
import { BigIntScalar, NodeField } from '#platform/graphql';
import { DeploymentRevisionType } from './deployments.types.js';

@ArgsType()
export class DeploymentStatisticsArgs {
  @Field(() => GraphQLISODateTime, { description: 'Calls that were let in at or after this time.' }) from!: Date;
  @Field(() => GraphQLISODateTime, { description: 'Calls that were let in before it; at most 31 days after `from`.' })
  to!: Date;
}

@ObjectType('SecondsPercentiles', {
  description: 'Seconds that a share of the calls stayed within, exact. Null where there was no such call.',
})
export class SecondsPercentilesType implements Percentiles {
  @Field(() => Float, { nullable: true, description: 'Half of them, in seconds.' }) p50!: number | null;
  @Field(() => Float, { nullable: true, description: '95% of them, in seconds.' }) p95!: number | null;
  @Field(() => Float, { nullable: true, description: '99% of them, in seconds.' }) p99!: number | null;
}

@ObjectType('DeploymentTraffic', {
  description:
    'What calls came to, together. Counted are those that were let in: what is refused before (no permission, limits, an engine that is not ready in time) leaves no usage behind.',
})
export class DeploymentTrafficType implements TrafficFigures {
  @Field(() => Int, { description: 'Calls that were let in.' }) requests!: number;
  @Field(() => Int, { description: 'Of them, those that have not ended.' }) running!: number;
  @Field(() => Int, { description: 'Those that went to their end.' }) completed!: number;
  @Field(() => Int, { description: 'Those that the engine refused, or failed before an answer.' }) refused!: number;
  @Field(() => Int, { description: 'Those whose caller went away.' }) clientDisconnected!: number;
  @Field(() => Int, { description: 'Those whose engine failed in mid-answer.' }) engineFailed!: number;
  @Field(() => Int, { description: 'Those whose gateway died in mid-answer.' }) recorderLost!: number;
  @Field(() => BigIntScalar, { description: 'Tokens of prompts.' }) inputTokens!: bigint;
  @Field(() => BigIntScalar, {
    description:
      'Of them, those that the engine had in its cache: beginnings of earlier prompts of the same organization. A stream that was broken off counts with none.',
  })
  cachedInputTokens!: bigint;
  @Field(() => BigIntScalar, { description: 'Tokens of answers.' }) outputTokens!: bigint;
  @Field(() => SecondsPercentilesType, {
    description:
      'Of completed calls, from being let in to the last byte, in seconds. The wait for a cold engine comes before.',
  })
  latencySeconds!: Percentiles;
  @Field(() => SecondsPercentilesType, {
    description: 'Of streamed calls, from being let in to the first token that was delivered, in seconds.',
  })
  firstTokenSeconds!: Percentiles;
  @Field(() => Float, {
    nullable: true,
    description: 'Of completed calls, output tokens by the seconds of their latency. Null where there was none.',
  })
  outputTokensPerSecond!: number | null;
}

@ObjectType('DeploymentTrafficBucket', { description: 'Calls of one stretch of time.' })
export class DeploymentTrafficBucketType {
  @Field(() => GraphQLISODateTime, { description: 'Where it begins: a whole multiple of its length, in UTC.' })
  from!: Date;
  @Field(() => DeploymentTrafficType, { description: 'What its calls came to.' }) traffic!: TrafficFigures;
}

@ObjectType('DeploymentTrafficOfRevision', { description: 'Calls that one revision answered.' })
export class DeploymentTrafficOfRevisionType {
  @Field(() => ID, { description: 'Id of the revision.' }) revisionId!: string;
  @NodeField(() => DeploymentRevisionType, { from: 'revisionId', description: 'The revision.' })
  revision?: DeploymentRevisionType | null;
  @Field(() => DeploymentTrafficType, { description: 'What its calls came to.' }) traffic!: TrafficFigures;
}

@ObjectType('DeploymentStatistics', { description: 'How a deployment answered in a span of time.' })
export class DeploymentStatisticsType implements DeploymentStatistics {
  @Field(() => GraphQLISODateTime, { description: 'As asked for.' }) from!: Date;
  @Field(() => GraphQLISODateTime, { description: 'As asked for.' }) to!: Date;
  @Field(() => Int, {
    description:
      'Length of each bucket: a minute for up to 5 hours, then 5 or 15 minutes, an hour or six. At most 301.',
  })
  bucketSeconds!: number;
  @Field(() => DeploymentTrafficType, { description: 'All of it.' }) total!: TrafficFigures;
  @Field(() => [DeploymentTrafficBucketType], {
    description:
      'All of the range, in order, those without calls too. The first and the last count what lies in the range.',
  })
  buckets!: DeploymentStatistics['buckets'];
  @Field(() => [DeploymentTrafficOfRevisionType], { description: 'By revision, those that were called.' })
  revisions!: DeploymentStatistics['revisions'];
}
