import { formatCount, formatPercent, words } from '../format';
import { Status, type Tone } from '../ui';
import type { ListedRun, RunStatusName } from './documents';

const STATUSES: Readonly<Record<RunStatusName, { tone: Tone; word: string; live?: boolean }>> = {
  QUEUED: { tone: 'warn', word: 'Queued' },
  RUNNING: { tone: 'accent', word: 'Running', live: true },
  SUCCEEDED: { tone: 'ok', word: 'Succeeded' },
  FAILED: { tone: 'bad', word: 'Failed' },
  CANCELLED: { tone: 'neutral', word: 'Cancelled' },
};

export function RunStatus({ status }: { status: RunStatusName }) {
  const { tone, word, live } = STATUSES[status];
  return (
    <Status tone={tone} live={live}>
      {word}
    </Status>
  );
}

export function isUnderWay(status: RunStatusName): boolean {
  return status === 'QUEUED' || status === 'RUNNING';
}

type RunProgress = NonNullable<ListedRun['progress']>;

/** Null while nobody knows. */
export function shareDone(progress: RunProgress | null): number | null {
  return progress && progress.totalSteps > 0 ? progress.step / progress.totalSteps : null;
}

/** What is being done: in examples while it evaluates, in percent while it moves bytes. */
export function progressText(progress: RunProgress | null): string {
  if (!progress) return '';
  const { stage, step, totalSteps } = progress;
  const share = shareDone(progress);
  if (share === null) return words(stage);
  return stage === 'evaluating'
    ? `${formatCount(step)} of ${formatCount(totalSteps)} examples`
    : `${words(stage)}, ${formatPercent(share)}`;
}
