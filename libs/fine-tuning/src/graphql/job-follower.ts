import { setTimeout as sleep } from 'node:timers/promises';
import type { ComputeUpdate } from '#libs/compute/graphql';
import { type FineTuneJob, fineTuneJobStates, type JobProgress, progressOfJob } from '#libs/fine-tuning';

/** What is new about a job; the job itself is read for each update. */
export type JobNews = Omit<ComputeUpdate, 'state' | 'progress'> & { progress: JobProgress | null };

export interface JobSource {
  after: number;
  read(): Promise<FineTuneJob>;
  /** What its training tells, after a number. */
  follow(computeJobId: string, after: number): AsyncIterableIterator<ComputeUpdate>;
}

/** Before training, and after it until the variant is registered: short, and nothing is told of it. */
const POLL_MILLISECONDS = 500;

/**
 * A job from wherever it is until it is over: its training has something to tell once the file is validated, and the last update
 * shows how the job ended. Not queued behind a `next` that waits, as an async generator's would be, `return` lets a subscriber go at once.
 */
export class JobFollower implements AsyncIterableIterator<JobNews> {
  private readonly gone = new AbortController();
  private training: { job: FineTuneJob; updates: AsyncIterableIterator<ComputeUpdate> } | undefined;
  private last: JobNews;
  private isShownToItsEnd = false;

  constructor(private readonly source: JobSource) {
    this.last = { sequence: source.after, progress: null, events: [], metrics: [] };
  }

  async next(): Promise<IteratorResult<JobNews>> {
    if (this.gone.signal.aborted || this.isShownToItsEnd) return { value: undefined, done: true };
    const news = await this.trainingNews();
    if (news) return { value: news, done: false };
    await this.until(({ status }) => fineTuneJobStates.isTerminal(status));
    if (this.gone.signal.aborted) return { value: undefined, done: true };
    this.isShownToItsEnd = true;
    return { value: { ...this.last, events: [], metrics: [] }, done: false };
  }

  async return(): Promise<IteratorResult<JobNews>> {
    this.gone.abort();
    await this.training?.updates.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Null when there was none, or no more. */
  private async trainingNews(): Promise<JobNews | null> {
    if (!this.training) {
      const job = await this.until((job) => job.computeJobId !== null || fineTuneJobStates.isTerminal(job.status));
      if (this.gone.signal.aborted || !job.computeJobId) return null;
      this.training = { job, updates: this.source.follow(job.computeJobId, this.last.sequence) };
    }
    const { value, done } = await this.training.updates.next();
    if (done) return null;
    const { state: _, progress, ...news } = value;
    // What jobs before it took is on record once it has started, which follows the first word of its trainer.
    if (progress && !this.training.job.startedAt) this.training.job = await this.source.read();
    this.last = { ...news, progress: progressOfJob(this.training.job, progress) };
    return this.last;
  }

  /** The job when it is so, or as it is when the subscriber leaves. */
  private async until(isSo: (job: FineTuneJob) => boolean): Promise<FineTuneJob> {
    const { signal } = this.gone;
    for (;;) {
      const job = await this.source.read();
      if (signal.aborted || isSo(job)) return job;
      await sleep(POLL_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }
}
