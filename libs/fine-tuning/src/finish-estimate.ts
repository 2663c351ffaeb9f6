import type { ComputeProgress } from '#libs/compute';
import type { FineTuneJob } from './fine-tune-job.js';
import { OVERHEAD_SECONDS } from './plan.js';

/** From the trainer's last word until the job is over: its process exits, the result is read back, the variant is registered. */
export const CONCLUSION_SECONDS = 1;

type Estimated = Pick<FineTuneJob, 'status' | 'startedAt' | 'estimatedSeconds' | 'estimatedFinishAt'>;

/**
 * When a job will be over, or null where nothing is under way:
 *
 *     finish = told at + what the trainer has left (forkpoint_trainer/time_left.py) + the conclusion
 *
 * Until the trainer has a pace to tell from, what was planned from jobs like it stands in, counted from its start; and until
 * it starts, from when it was accepted. What is overdue then is expected any moment.
 */
export function estimateFinish(job: Estimated, progress: ComputeProgress | null, now: Date): Date | null {
  switch (job.status) {
    case 'validating_files':
    case 'queued':
      return job.estimatedFinishAt && later(job.estimatedFinishAt, now);
    case 'running': {
      const expected = finishOf(progress) ?? plannedFinish(job, now);
      return expected && later(expected, now);
    }
    case 'paused':
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return null;
  }
}

/** Until the job is over, by what the trainer said last. */
export function secondsLeft(progress: ComputeProgress, now: Date): number | null {
  const finish = finishOf(progress);
  return finish && Math.max(0, finish.getTime() - now.getTime()) / 1000;
}

function finishOf(progress: ComputeProgress | null): Date | null {
  // What was told before the time was kept with it says nothing any more.
  if (!progress?.toldAt || progress.secondsLeft === null) return null;
  return after(new Date(progress.toldAt), progress.secondsLeft + CONCLUSION_SECONDS);
}

/** However long the start-up takes, all of the training is still to come. */
function plannedFinish({ startedAt, estimatedSeconds }: Estimated, now: Date): Date | null {
  if (!startedAt || estimatedSeconds === null) return null;
  return later(after(startedAt, estimatedSeconds), after(now, Math.max(0, estimatedSeconds - OVERHEAD_SECONDS)));
}

function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000);
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}
