import { ArgsType, Field, Float, Int, ObjectType } from '@nestjs/graphql';
import { type ComputeCurve, type ComputeCurves, type CurveRange, LARGEST_BUCKETS } from '#libs/compute';

@ArgsType()
class StepRangeArgs {
  @Field(() => [String], { nullable: true, description: 'Only these curves.' }) names?: string[];
  @Field(() => Int, { nullable: true, description: 'Only from this step on.' }) fromStep?: number;
  @Field(() => Int, { nullable: true, description: 'Only up to this step.' }) toStep?: number;
}

@ArgsType()
export class FineTuneSeriesArgs extends StepRangeArgs implements CurveRange {
  @Field(() => Int, { nullable: true, description: `1 to ${LARGEST_BUCKETS}; every point if left out.` })
  buckets?: number;
}

@ArgsType()
export class FineTuneCurvesArgs extends StepRangeArgs implements CurveRange {
  @Field(() => Int, {
    defaultValue: 1_000,
    description: `1 to ${LARGEST_BUCKETS}: as many as there are columns of pixels to draw on.`,
  })
  buckets!: number;
}

@ObjectType('FineTuneCurve', { description: 'One curve, or a part of it.' })
export class FineTuneCurveType implements ComputeCurve {
  @Field({ description: 'Such as train_loss, learning_rate, grad_norm, valid_loss, tokens.' }) name!: string;
  @Field(() => Int, { description: 'How many points there are in the range; `steps` has fewer if some are left out.' })
  pointCount!: number;
  @Field(() => [Int], { description: 'Optimizer steps, ascending.' }) steps!: number[];
  @Field(() => [Float], { description: 'The value at each of `steps`.' }) values!: number[];
}

@ObjectType('FineTuneCurves', { description: 'The curves of a job.' })
export class FineTuneCurvesType implements ComputeCurves {
  @Field(() => Int, {
    description: "All up to this number of the job's history is in them: follow the job with it as `after`.",
  })
  sequence!: number;
  @Field(() => [FineTuneCurveType], { description: 'By name; those without a point in the range are left out.' })
  curves!: FineTuneCurveType[];
}
