import { Args, ID, Int, Resolver, Subscription } from '@nestjs/graphql';
import { ComputeFeed } from '#libs/compute/graphql';
import { FineTuningService } from '#libs/fine-tuning';
import { authorize } from '#libs/identity';
import { Database } from '#platform/database';
import { Ctx, type RequestContext } from '#platform/graphql';
import { FineTuneJobUpdateType } from './fine-tuning.types.js';
import { JobFollower, type JobNews } from './job-follower.js';

type Update = { fineTuneJobUpdates: Omit<FineTuneJobUpdateType, 'fineTuneJob'> };

@Resolver()
export class FineTuneSubscription {
  constructor(
    private readonly database: Database,
    private readonly fineTuning: FineTuningService,
    private readonly feed: ComputeFeed,
  ) {}

  @Subscription(() => FineTuneJobUpdateType, {
    description:
      'Follows a job: what there is after a number, then what comes; the last update is of the job when it is over. Needs the permission jobs:read.',
  })
  async fineTuneJobUpdates(
    @Ctx() context: RequestContext,
    @Args('fineTuneJobId', { type: () => ID, description: 'Which job.' }) fineTuneJobId: string,
    @Args('after', { type: () => Int, nullable: true, description: '`sequence` of the last update that was seen.' })
    after?: number,
  ): Promise<AsyncIterableIterator<Update>> {
    authorize(context.principal, 'jobs:read');
    const read = () => this.database.read(context.scope, (tx) => this.fineTuning.get(tx, fineTuneJobId));
    // One that can't be seen is refused here, not in the stream.
    await read();
    const follower = new JobFollower({
      after: after ?? 0,
      read,
      follow: (computeJobId, from) => this.feed.follow(context.scope, computeJobId, { after: from }),
    });
    return mapped(follower, (news) => {
      // What was loaded for the update before is out of date.
      context.forget();
      return { fineTuneJobUpdates: { ...news, fineTuneJobId } as unknown as Update['fineTuneJobUpdates'] };
    });
  }
}

/** Leaving it leaves the source at once. */
function mapped(source: JobFollower, map: (news: JobNews) => Update): AsyncIterableIterator<Update> {
  return {
    async next() {
      const { value, done } = await source.next();
      return done ? { value: undefined, done } : { value: map(value), done: false };
    },
    async return() {
      await source.return();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
