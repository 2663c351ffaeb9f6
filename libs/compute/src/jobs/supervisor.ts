import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { Every, Schedules } from '#platform/queue';
import type { Logger } from '#platform/telemetry';
import { changeAttempt, findLiveAttempt, lockJob } from '../compute.repository.js';
import { LEASE_SECONDS } from '../compute.settings.js';
import type { AttemptExit, ComputeAttempt, ComputeJob } from '../compute-job.js';
import { type AttemptErrorCode, attemptError } from './attempt.policy.js';
import { COMPUTE_JOBS_SETTINGS, type ComputeJobsSettings } from './compute-jobs.settings.js';
import { COMPUTE_LOGGER } from './compute-jobs.tokens.js';
import { concludeAttempt } from './conclusion.js';
import { attemptKey, DRIVER, type Driver, type Observation } from './drivers/driver.js';
import { LogKeeper } from './log-keeper.js';
import { type Measure, measureFor } from './supervision.policy.js';
import { scopeOf, type WatchedAttempt, WorkList } from './work-list.js';

const STOP_POLL_MILLISECONDS = 200;
const KILL_PATIENCE_SECONDS = 5;
const ENDING_POLL_MILLISECONDS = 100;

/**
 * Compares what ought to run with what the driver says runs, and brings them together: ends what is over, cut off,
 * cancelled or unknown; asks what shall pause to stop; hands jobs on whose attempt is gone.
 */
@Injectable()
export class Supervisor {
  private adopted = false;

  constructor(
    private readonly database: Database,
    private readonly workList: WorkList,
    private readonly logs: LogKeeper,
    private readonly schedules: Schedules,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DRIVER) private readonly driver: Driver,
    @Inject(COMPUTE_JOBS_SETTINGS) private readonly settings: ComputeJobsSettings,
    @Inject(COMPUTE_LOGGER) private readonly logger: Logger,
  ) {}

  @Every('1s', 'compute.supervise')
  async supervise(signal?: AbortSignal): Promise<void> {
    // In this order: an attempt has its row before the driver knows it.
    const keys = await this.driver.keys();
    const watched = await this.workList.watched(this.driver.name);
    const observed = await this.driver.observe(watched.map(attemptKeyOf));
    if (!this.adopted) await this.adopt(watched, observed);
    for (const attempt of watched) {
      if (signal?.aborted) return;
      const observation = observed.get(attemptKeyOf(attempt)) ?? { phase: 'absent' };
      await this.attend(attempt, observation).catch((error: unknown) =>
        this.logger.error({ err: error, attemptId: attempt.id }, 'an attempt could not be attended to'),
      );
    }
    const known = new Set(watched.map(attemptKeyOf));
    await this.clearAway(keys.filter((key) => !known.has(key)));
    // Who has said its last word is gone in a moment.
    const ending = watched.some(({ state, reportedAt }) => state !== 'ended' && reportedAt);
    if (ending) setTimeout(() => this.schedules.runSoon('compute.supervise'), ENDING_POLL_MILLISECONDS).unref();
  }

  /** Asks every live attempt to save and stop, and ends those that take too long. Their jobs go back into the queue. */
  async stopAll(): Promise<void> {
    for (const attempt of await this.live()) {
      await this.withLive(attempt, async (tx, _, live) => {
        if (live.state !== 'starting' && live.state !== 'running') return;
        await changeAttempt(tx, live, { state: 'stopping', stopRequestedAt: this.clock.now() });
      });
    }
    await this.awaitEnds(this.settings.endPatienceSeconds);
    for (const attempt of await this.live()) await this.fence(attempt, 'stop_overdue');
    await this.awaitEnds(KILL_PATIENCE_SECONDS);
  }

  private async live(): Promise<WatchedAttempt[]> {
    return (await this.workList.watched(this.driver.name)).filter(({ state }) => state !== 'ended');
  }

  private async awaitEnds(seconds: number): Promise<void> {
    for (let waited = 0; waited < seconds * 1000; waited += STOP_POLL_MILLISECONDS) {
      this.schedules.runSoon('compute.supervise');
      if ((await this.live()).length === 0) return;
      await sleep(STOP_POLL_MILLISECONDS);
    }
  }

  /** While no worker or api was there, attempts that run could not renew their leases: they get the time to do so. */
  private async adopt(watched: WatchedAttempt[], observed: Map<string, Observation>): Promise<void> {
    for (const attempt of watched) {
      if (attempt.state === 'ended' || observed.get(attemptKeyOf(attempt))?.phase !== 'running') continue;
      const leaseExpiresAt = new Date(this.clock.now().getTime() + LEASE_SECONDS * 1000);
      await this.withLive(attempt, async (tx, _, live) => {
        if (live.leaseExpiresAt < leaseExpiresAt) await changeAttempt(tx, live, { leaseExpiresAt });
      });
      attempt.leaseExpiresAt = leaseExpiresAt;
      this.logger.info({ computeJobId: attempt.jobId, attempt: attempt.number }, 'a running attempt was found');
    }
    this.adopted = true;
  }

  private async attend(attempt: WatchedAttempt, observation: Observation): Promise<void> {
    const measure = measureFor(attempt, observation, this.clock.now(), this.settings);
    await this.logs.collect(attempt, { all: measure.do === 'conclude' || measure.do === 'release' });
    await this.take(attempt, measure);
  }

  private async take(attempt: WatchedAttempt, measure: Measure): Promise<void> {
    const key = attemptKeyOf(attempt);
    switch (measure.do) {
      case 'nothing':
        return;
      case 'conclude':
        return this.conclude(attempt, measure.exit);
      case 'release':
        await this.logs.archive(attempt);
        return this.driver.forget(key);
      case 'fence':
        return this.fence(attempt, measure.code);
      case 'kill':
        return this.driver.cancel(key, 'kill');
      case 'stop':
        await this.driver.cancel(key, 'stop');
        return this.withLive(attempt, async (tx, _, live) => {
          await changeAttempt(tx, live, { signalledAt: this.clock.now() });
        });
    }
  }

  private async conclude(attempt: WatchedAttempt, exit: AttemptExit): Promise<void> {
    await this.withLive(attempt, async (tx, job, live) => {
      const { outcome, next, error } = await concludeAttempt(tx, job, live, { exit, now: this.clock.now() });
      this.logger.info({ computeJobId: job.id, attempt: live.number, exit, outcome, next, error }, 'attempt ended');
    });
    // A slot is free.
    this.schedules.runSoon('compute.dispatch');
  }

  private async fence(attempt: WatchedAttempt, code: AttemptErrorCode): Promise<void> {
    let fenced = false;
    await this.withLive(attempt, async (tx, _, live) => {
      const now = this.clock.now();
      // A heartbeat may have come since we looked.
      if (live.state === 'fenced' || (code === 'lease_expired' && live.leaseExpiresAt > now)) return;
      await changeAttempt(tx, live, { state: 'fenced', fencedAt: now, fenceError: attemptError(code) });
      fenced = true;
      this.logger.warn({ computeJobId: attempt.jobId, attempt: live.number, code }, 'attempt cut off');
    });
    if (fenced) await this.driver.cancel(attemptKeyOf(attempt), 'kill');
  }

  /** Under the job's lock, if the attempt is still not over. */
  private async withLive(
    { id, jobId, ...owned }: WatchedAttempt,
    work: (tx: Transaction, job: ComputeJob, live: ComputeAttempt) => Promise<void>,
  ): Promise<void> {
    await this.database.transaction(scopeOf(owned), async (tx) => {
      const job = await lockJob(tx, jobId);
      const live = await findLiveAttempt(tx, jobId);
      if (live?.id === id) await work(tx, job, live);
    });
  }

  /** Attempts that the database does not watch (any more): it was restored, or a worker died between two steps. */
  private async clearAway(keys: string[]): Promise<void> {
    const observed = await this.driver.observe(keys);
    for (const [key, { phase }] of observed) {
      if (phase === 'running' || phase === 'waiting') await this.driver.cancel(key, 'kill');
      else await this.driver.forget(key);
    }
  }
}

const attemptKeyOf = ({ jobId, number }: WatchedAttempt): string => attemptKey({ jobId, number });
