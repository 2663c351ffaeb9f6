import { formatOrdinal, formatPercent } from '../../format';
import { Status, type Tone } from '../../ui';
import type { ListedJob } from './documents';

export type JobStatusName = ListedJob['status'];

export const JOB_STATUSES: Readonly<Record<JobStatusName, { tone: Tone; word: string; live?: boolean }>> = {
  VALIDATING_FILES: { tone: 'accent', word: 'Validating the file', live: true },
  QUEUED: { tone: 'warn', word: 'Queued' },
  RUNNING: { tone: 'accent', word: 'Running', live: true },
  PAUSED: { tone: 'warn', word: 'Paused' },
  SUCCEEDED: { tone: 'ok', word: 'Succeeded' },
  FAILED: { tone: 'bad', word: 'Failed' },
  CANCELLED: { tone: 'neutral', word: 'Cancelled' },
};

export const ENDED: ReadonlySet<JobStatusName> = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);

export function JobStatus({ status }: { status: JobStatusName }) {
  const { tone, word, live } = JOB_STATUSES[status];
  return (
    <Status tone={tone} live={live}>
      {word}
    </Status>
  );
}

export interface Progressed {
  stage: string;
  step: number;
  totalSteps: number;
}

/** The stage that counts optimizer steps; the others count what they do, such as bytes to send. */
export function isTraining(progress: Progressed | null): progress is Progressed {
  return progress !== null && progress.stage === 'training' && progress.totalSteps > 0;
}

export function shareDone(progress: Progressed | null): number | null {
  return progress && progress.totalSteps > 0 ? progress.step / progress.totalSteps : null;
}

/** Whose turn it is, counted from 1. */
export function queueText(position: number): string {
  return position === 1 ? 'Next in the queue' : `${formatOrdinal(position)} in the queue`;
}

export function progressText(progress: Progressed | null): string {
  const share = shareDone(progress);
  if (!progress || share === null) return '';
  const percent = formatPercent(share);
  return isTraining(progress) ? `step ${progress.step} of ${progress.totalSteps}, ${percent}` : percent;
}
