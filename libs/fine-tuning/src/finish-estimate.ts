import type { ComputeProgress } from '#libs/compute';
import type { FineTuneJob } from './fine-tune-job.js';
import { OVERHEAD_SECONDS } from './plan.js';

/** From the trainer's last word until the job is over: its process exits, the result is read back, the variant is registered. */
export const CONCLUSION_SECONDS = 1;

type Estimated = Pick<
  FineTuneJob,
  'status' | 'startedAt' | 'estimatedSeconds' | 'estimatedFinishAt' | 'recordedTrainingSeconds'
>;

/** What the trainer said last, beside what jobs before it took to train. */
export type JobProgress = ComputeProgress & Pick<FineTuneJob, 'recordedTrainingSeconds'>;

export function progressOfJob(
  { recordedTrainingSeconds }: Pick<FineTuneJob, 'recordedTrainingSeconds'>,
  progress: ComputeProgress | null,
): JobProgress | null {
  return progress && { ...progress, recordedTrainingSeconds };
}

/**
 * When a job will be over, or null where nothing is under way:
 *
 *     finish = told at + left + the conclusion
 *     left   = done x what the trainer has left + (1 - done) x what it would have left by the jobs on record
 *
 * with `done` the share of its steps: few steps say little of those to come, beside work that comes and goes, and jobs before it
 * went through all of it. What the trainer has left by its own pace is told by forkpoint_trainer/time_left.py, and stands alone
 * where no job is on record.
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
      const expected = finishOf(progressOfJob(job, progress)) ?? plannedFinish(job, now);
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
export function secondsLeft(progress: JobProgress, now: Date): number | null {
  const finish = finishOf(progress);
  return finish && Math.max(0, finish.getTime() - now.getTime()) / 1000;
}

function finishOf(progress: JobProgress | null): Date | null {
  // What was told before the time was kept with it says nothing any more.
  if (!progress?.toldAt || progress.secondsLeft === null) return null;
  return after(new Date(progress.toldAt), trainingLeft(progress, progress.secondsLeft) + CONCLUSION_SECONDS);
}

function trainingLeft({ stage, step, totalSteps, recordedTrainingSeconds }: JobProgress, byPace: number): number {
  if (stage !== 'training' || recordedTrainingSeconds === null) return byPace;
  const done = step / totalSteps;
  return done * byPace + (1 - done) * (1 - done) * recordedTrainingSeconds;
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
