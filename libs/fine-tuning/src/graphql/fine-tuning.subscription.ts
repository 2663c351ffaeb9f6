import { setTimeout as sleep } from 'node:timers/promises';
import { Args, ID, Int, Resolver, Subscription } from '@nestjs/graphql';
import { ComputeFeed, type ComputeUpdate } from '#libs/compute/graphql';
import { type FineTuneJob, FineTuningService, fineTuneJobStates } from '#libs/fine-tuning';
import { authorize } from '#libs/identity';
import { Database } from '#platform/database';
import { Ctx, type RequestContext } from '#platform/graphql';
import { FineTuneJobUpdateType } from './fine-tuning.types.js';

type Update = { fineTuneJobUpdates: Omit<FineTuneJobUpdateType, 'fineTuneJob'> };

const VALIDATION_POLL_MILLISECONDS = 500;

@Resolver()
export class FineTuneSubscription {
  constructor(
    private readonly database: Database,
    private readonly fineTuning: FineTuningService,
    private readonly feed: ComputeFeed,
  ) {}

  @Subscription(() => FineTuneJobUpdateType, {
    description:
      'Follows a job: what there is after a number, then what comes, until the job is over. Needs the permission jobs:read.',
  })
  async fineTuneJobUpdates(
    @Ctx() context: RequestContext,
    @Args('fineTuneJobId', { type: () => ID, description: 'Which job.' }) fineTuneJobId: string,
    @Args('after', { type: () => Int, nullable: true, description: '`sequence` of the last update that was seen.' })
    after?: number,
  ): Promise<AsyncIterableIterator<Update>> {
    authorize(context.principal, 'jobs:read');
    const { computeJobId } = await this.validated(context, fineTuneJobId);
    if (!computeJobId) return over();
    const updates = this.feed.follow(context.scope, computeJobId, { after: after ?? 0 });
    return mapped(updates, (update) => {
      // What was loaded for the update before is out of date.
      context.forget();
      const { state: _, ...news } = update;
      return { fineTuneJobUpdates: { ...news, fineTuneJobId } as unknown as Update['fineTuneJobUpdates'] };
    });
  }

  /** Training has something to tell once the file is validated. */
  private async validated(context: RequestContext, id: string): Promise<FineTuneJob> {
    for (;;) {
      const job = await this.database.read(context.scope, (tx) => this.fineTuning.get(tx, id));
      if (job.computeJobId || fineTuneJobStates.isTerminal(job.status)) return job;
      await sleep(VALIDATION_POLL_MILLISECONDS);
    }
  }
}

/** Leaving it leaves the source at once, which an async generator that waits could not. */
function mapped(
  source: AsyncIterableIterator<ComputeUpdate>,
  map: (update: ComputeUpdate) => Update,
): AsyncIterableIterator<Update> {
  return {
    async next() {
      const { value, done } = await source.next();
      return done ? { value: undefined, done } : { value: map(value), done: false };
    },
    async return() {
      await source.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* over(): AsyncGenerator<Update> {}
