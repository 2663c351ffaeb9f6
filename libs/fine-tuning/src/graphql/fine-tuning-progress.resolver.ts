import { Inject } from '@nestjs/common';
import { Float, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { type JobProgress, secondsLeft } from '#libs/fine-tuning';
import { CLOCK, type Clock } from '#libs/kernel';
import { FineTuneProgressType } from './fine-tuning.types.js';

@Resolver(() => FineTuneProgressType)
export class FineTuneProgressResolver {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  @ResolveField(() => Float, {
    nullable: true,
    description: 'Until the job is over, estimated; null until its trainer has a pace to tell from.',
  })
  secondsLeft(@Parent() progress: JobProgress): number | null {
    return secondsLeft(progress, this.clock.now());
  }
}
