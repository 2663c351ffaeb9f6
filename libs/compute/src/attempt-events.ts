import type { EventsRequest, TrainerEvent } from '#libs/messages';
import type { Transaction } from '#platform/database';
import { COMPUTE_ERRORS } from './compute.errors.js';
import { changeAttempt, changeJob, insertCheckpoint } from './compute.repository.js';
import type { ComputeAttempt, ComputeJob, ComputeProgress, ReportedEnd } from './compute-job.js';
import { appendHistory, errorText, type NewEvent, type NewMetric, notifyFollowers } from './journal.js';
import { verificationKey } from './verification-key.js';

type EventOf<T extends TrainerEvent['type']> = Extract<TrainerEvent, { type: T }>;

export interface Arrival {
  /** Locked. */
  job: ComputeJob;
  attempt: ComputeAttempt;
  request: EventsRequest;
  now: Date;
}

/**
 * Takes the events that are new, in order, and gives the number up to which all are kept. Where earlier ones are missing
 * nothing is taken: the answer tells the trainer where to go on.
 */
export async function ingestEvents(tx: Transaction, { job, attempt, request, now }: Arrival): Promise<number> {
  const { lastEventNumber } = attempt;
  if (attempt.state === 'starting') await begin(tx, job, attempt, now);
  if (request.first_number > lastEventNumber + 1) return lastEventNumber;
  const fresh = request.events.filter((event) => event.number > lastEventNumber);
  const last = fresh.at(-1);
  if (!last) return lastEventNumber;

  const ofType = <T extends TrainerEvent['type']>(type: T) =>
    fresh.filter((event): event is EventOf<T> => event.type === type);
  for (const event of ofType('checkpoint')) await keepCheckpoint(tx, job, attempt, event, now);
  await appendHistory(tx, job.id, now, {
    events: fresh.flatMap((event) => historyOf(event, attempt.number)),
    metrics: ofType('metrics').flatMap((event): NewMetric[] => event.rows),
    attempt: attempt.number,
  });
  const progress = ofType('progress').at(-1);
  const report = ofType('report').at(-1)?.report;
  await changeJob(tx, job, {
    ...(progress && { progress: progressOf(progress, job.progress, now) }),
    ...(report && { report }),
  });
  if (progress) await notifyFollowers(tx, job.id);
  const ended = ofType('ended').at(-1);
  await changeAttempt(tx, attempt, {
    lastEventNumber: last.number,
    ...(ended && { reported: reportedEnd(job, attempt, ended), reportedAt: now }),
  });
  if (ended) tx.publish({ type: 'compute.wanted', payload: { what: 'supervise' } });
  return last.number;
}

/** The first sign of life. */
async function begin(tx: Transaction, job: ComputeJob, attempt: ComputeAttempt, now: Date): Promise<void> {
  await changeAttempt(tx, attempt, { state: 'running', startedAt: now });
  if (job.state !== 'starting') return;
  await changeJob(tx, job, { state: 'running', startedAt: job.startedAt ?? now });
  await appendHistory(tx, job.id, now, {
    events: [
      {
        attempt: attempt.number,
        type: 'state',
        message: attempt.resume
          ? `Attempt ${attempt.number} is at work and goes on after step ${attempt.resume.step}.`
          : `Attempt ${attempt.number} is at work.`,
        data: { state: 'running' },
      },
    ],
  });
  const { id: computeJobId, kind, ownerId } = job;
  tx.publish({
    type: 'compute.job.started',
    key: job.id,
    payload: { computeJobId, kind, ownerId, attempt: attempt.number },
  });
}

async function keepCheckpoint(
  tx: Transaction,
  job: ComputeJob,
  attempt: ComputeAttempt,
  { step, folder }: EventOf<'checkpoint'>,
  now: Date,
): Promise<void> {
  assertOwnManifest(job, attempt, folder.manifest);
  const { number } = attempt;
  await insertCheckpoint(tx, job.id, { attempt: number, step, folder, state: 'reported', createdAt: now });
  tx.publish({
    type: 'compute.checkpoint.verify',
    key: verificationKey(job.id),
    payload: { computeJobId: job.id, attempt: number, step },
  });
}

function reportedEnd(
  job: ComputeJob,
  attempt: ComputeAttempt,
  { outcome, folder, error }: EventOf<'ended'>,
): ReportedEnd {
  if (folder) assertOwnManifest(job, attempt, folder.manifest);
  return { outcome, ...(folder && { folder }), ...(error && { error }) };
}

/** A manifest copied from elsewhere would pass for this attempt's work. */
function assertOwnManifest(
  job: ComputeJob,
  attempt: ComputeAttempt,
  manifest: EventOf<'checkpoint'>['folder']['manifest'],
): void {
  if (manifest.job_id === job.id && manifest.attempt === attempt.number) return;
  throw COMPUTE_ERRORS.INVALID_TRAINER_REQUEST({
    problem: `the manifest is of job ${manifest.job_id}, attempt ${manifest.attempt}`,
  });
}

/** What a person reads later. Metrics have rows of their own; progress is only ever the newest. */
function historyOf(event: TrainerEvent, attempt: number): NewEvent[] {
  switch (event.type) {
    case 'log':
      return [{ attempt, type: 'log', level: event.level, message: event.message }];
    case 'checkpoint':
      return [
        {
          attempt,
          type: 'checkpoint',
          message: `Checkpoint at step ${event.step} is stored.`,
          data: { step: event.step },
        },
      ];
    case 'report':
      return [{ attempt, type: 'report', message: 'The report is there.', data: event.report }];
    case 'ended':
      return event.error ? [{ attempt, type: 'log', level: 'error', message: errorText(event.error) }] : [];
    case 'progress':
    case 'metrics':
      return [];
  }
}

/** Stages that read no tokens, such as the upload, leave the number as it was. */
function progressOf(event: EventOf<'progress'>, before: ComputeProgress | null, now: Date): ComputeProgress {
  const { stage, step, total_steps: totalSteps, tokens, seconds_left: secondsLeft = null } = event;
  const toldAt = now.toISOString();
  return { stage, step, totalSteps, tokens: Math.max(tokens, before?.tokens ?? 0), secondsLeft, toldAt };
}
