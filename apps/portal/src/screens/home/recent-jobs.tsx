import { ArrowRight, MessagesSquare } from 'lucide-react';
import { type RequestState, usePolling } from '../../api';
import { paths, useSession } from '../../app';
import { formatDuration, formatPercent, words } from '../../format';
import { Card, LinkButton, Status, TextLink, Time, type Tone } from '../../ui';
import type { HomeJob } from './documents';

const POLL_MILLISECONDS = 5_000;
const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);
const TONES: Record<HomeJob['status'], Tone> = {
  VALIDATING_FILES: 'accent',
  QUEUED: 'warn',
  RUNNING: 'accent',
  PAUSED: 'warn',
  SUCCEEDED: 'ok',
  FAILED: 'bad',
  CANCELLED: 'neutral',
};

interface RecentJobsProps {
  jobs: readonly HomeJob[];
  request: RequestState<unknown>;
}

/** What is under way, and what came of the last ones. */
export function RecentJobs({ jobs, request: { refresh } }: RecentJobsProps) {
  const underWay = jobs.some(({ status }) => !ENDED.has(status));
  usePolling(refresh, underWay, POLL_MILLISECONDS);
  return (
    <Card
      title="Fine-tunes"
      actions={
        <LinkButton small kind="quiet" icon={ArrowRight} to={paths.fineTunes()}>
          All of them
        </LinkButton>
      }
    >
      <ul className="-my-2 divide-y divide-line">
        {jobs.map((job) => (
          <RecentJob key={job.id} job={job} />
        ))}
      </ul>
    </Card>
  );
}

function RecentJob({ job }: { job: HomeJob }) {
  const { may } = useSession();
  const { id, status, suffix, parent, trainingFile, outputName, createdAt, error } = job;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2.5">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2.5">
          <TextLink to={paths.fineTune(id)}>{suffix ?? id}</TextLink>
          <Status tone={TONES[status]} live={status === 'RUNNING'}>
            {words(status)}
          </Status>
          <span className="text-sm text-ink-faint">{error?.code ?? progressOf(job)}</span>
        </p>
        <p className="text-sm text-ink-faint">
          {parent?.name ?? 'a checkpoint'} on {trainingFile?.filename ?? 'a deleted file'}, <Time at={createdAt} />
        </p>
      </div>
      {status === 'SUCCEEDED' && outputName && may('INFERENCE_CALL') && (
        <LinkButton
          small
          icon={MessagesSquare}
          to={paths.playground()}
          search={{ ...(parent ? { left: parent.name } : {}), right: outputName } as never}
        >
          Chat
        </LinkButton>
      )}
    </li>
  );
}

function progressOf({ status, progress }: HomeJob): string {
  if (status !== 'RUNNING' || !progress?.totalSteps) return '';
  const left = progress.secondsLeft === null ? '' : `, about ${formatDuration(progress.secondsLeft)} left`;
  return `${formatPercent(progress.step / progress.totalSteps)}${left}`;
}
