import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Database, type Scope } from '#platform/database';
import { Listener } from '#platform/outbox';
import { createLogger } from '#platform/telemetry';
import { getJob } from '../compute.repository.js';
import type { ComputeProgress } from '../compute-job.js';
import { type ComputeJobState, computeJobStates } from '../compute-job.state.js';
import type { ComputeMetric } from '../curves.js';
import { type ComputeEvent, ComputeHistory } from '../history.js';
import { COMPUTE_CHANNEL } from '../journal.js';

/** What is new about a job since the update before. */
export interface ComputeUpdate {
  /** Everything up to this number has been shown: a follower who lost the connection goes on after it. */
  sequence: number;
  state: ComputeJobState;
  progress: ComputeProgress | null;
  events: ComputeEvent[];
  metrics: ComputeMetric[];
}

const LARGEST_SLICE = 500;

/**
 * Follows jobs for subscribers of this process. A notice says only that a job changed; what changed is read under the
 * subscriber's own scope, by number, so that nothing is missed, shown twice, or shown to whom it does not belong.
 */
@Injectable()
export class ComputeFeed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly followers = new Set<ComputeFollower>();
  private readonly listener: Listener;

  constructor(
    private readonly database: Database,
    private readonly history: ComputeHistory,
  ) {
    this.listener = new Listener(database, createLogger('api'), {
      role: 'app',
      channel: COMPUTE_CHANNEL,
      onNotification: (jobId) => this.notice((follower) => follower.jobId === jobId),
      onConnected: () => this.notice(() => true),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.listener.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.listener.stop();
    await Promise.all([...this.followers].map((follower) => follower.return()));
  }

  /** What there is after a number, then what comes; ends with the job. */
  follow(scope: Scope, jobId: string, { after = 0 }: { after?: number } = {}): AsyncIterableIterator<ComputeUpdate> {
    const read = (sequence: number) => this.read(scope, jobId, sequence);
    const follower = new ComputeFollower(jobId, after, read, () => this.followers.delete(follower));
    this.followers.add(follower);
    return follower;
  }

  private notice(chosen: (follower: ComputeFollower) => boolean): void {
    for (const follower of this.followers) if (chosen(follower)) follower.notice();
  }

  private async read(scope: Scope, jobId: string, after: number): Promise<{ update: ComputeUpdate; more: boolean }> {
    const range = { after, limit: LARGEST_SLICE };
    const { job, events, metrics } = await this.database.read(scope, async (tx) => ({
      job: await getJob(tx, jobId),
      events: (await this.history.events(tx, [jobId], range))[0]!,
      metrics: (await this.history.metrics(tx, [jobId], range))[0]!,
    }));
    // Where one list is cut off, the other is shown no further: they share their numbers.
    const ends = [events, metrics].filter((list) => list.length === LARGEST_SLICE).map((list) => list.at(-1)!.sequence);
    const upTo = Math.min(...ends);
    const shown = <T extends { sequence: number }>(list: T[]) => list.filter(({ sequence }) => sequence <= upTo);
    const [shownEvents, shownMetrics] = [shown(events), shown(metrics)];
    const sequence = Math.max(after, ...[...shownEvents, ...shownMetrics].map((row) => row.sequence));
    const { state, progress } = job;
    const update = { sequence, state, progress, events: shownEvents, metrics: shownMetrics };
    return { update, more: ends.length > 0 };
  }
}

class ComputeFollower implements AsyncIterableIterator<ComputeUpdate> {
  private due = true;
  private over = false;
  private shown: string | undefined;
  private wake: (() => void) | undefined;

  constructor(
    readonly jobId: string,
    private sequence: number,
    private readonly read: (after: number) => Promise<{ update: ComputeUpdate; more: boolean }>,
    private readonly onEnd: () => void,
  ) {}

  notice(): void {
    this.due = true;
    this.wake?.();
  }

  async next(): Promise<IteratorResult<ComputeUpdate>> {
    while (!this.over) {
      if (!this.due) {
        await new Promise<void>((wake) => {
          this.wake = wake;
        });
        continue;
      }
      this.due = false;
      const { update, more } = await this.read(this.sequence).catch((error: unknown) => {
        this.end();
        throw error;
      });
      this.due ||= more;
      const { events, metrics, ...standing } = update;
      const fingerprint = JSON.stringify(standing);
      const isNew = events.length > 0 || metrics.length > 0 || fingerprint !== this.shown;
      this.shown = fingerprint;
      this.sequence = update.sequence;
      if (computeJobStates.isTerminal(update.state) && !more) this.end();
      if (isNew) return { value: update, done: false };
    }
    return { value: undefined, done: true };
  }

  /** Not queued behind a `next` that waits, as an async generator's would be: a subscriber that leaves is gone at once. */
  async return(): Promise<IteratorResult<ComputeUpdate>> {
    this.end();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private end(): void {
    this.over = true;
    this.onEnd();
    this.wake?.();
  }
}
