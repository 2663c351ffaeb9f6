import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Failure } from '../../../api';
import { paths, useWhyNot } from '../../../app';
import {
  EmptyState,
  ErrorState,
  LinkButton,
  LoadingState,
  NoPermission,
  PageHeader,
  PartialNotice,
  Tabs,
} from '../../../ui';
import { JobStatus } from '../job-status';
import { type JobSearch, jobRoute } from '../route';
import type { Job } from './documents';
import { JobActions, Refused } from './job-actions';
import { JobCharts } from './job-charts';
import { JobCheckpoints } from './job-checkpoints';
import { JobEvents } from './job-events';
import { JobLog } from './job-log';
import { JobProgress } from './job-progress';
import { JobSettings } from './job-settings';
import { type JobFeed, useJob } from './use-job';

const CRUMBS = [{ label: 'Fine-tunes', to: paths.fineTunes() }];

export function JobScreen() {
  const { id } = jobRoute.useParams();
  const refusal = useWhyNot()('JOBS_READ');
  if (refusal) {
    return (
      <>
        <PageHeader title="Fine-tune" crumbs={CRUMBS} />
        <NoPermission message={refusal} />
      </>
    );
  }
  return <FollowedJob key={id} id={id} />;
}

function FollowedJob({ id }: { id: string }) {
  const feed = useJob(id);
  const { request, job } = feed;
  if (job) return <JobPage job={job} feed={feed} />;
  return (
    <>
      <PageHeader title="Fine-tune" crumbs={CRUMBS} />
      {request.status === 'loading' && <LoadingState lines={8} />}
      {request.status === 'failed' && <ErrorState failure={request.failure} onRetry={request.refresh} />}
      {request.status === 'ready' && (
        <EmptyState
          title="There is no such fine-tune"
          actions={<LinkButton to={paths.fineTunes()}>All fine-tunes</LinkButton>}
        >
          It may belong to a project that you are not assigned to.
        </EmptyState>
      )}
    </>
  );
}

function JobPage({ job, feed }: { job: Job; feed: JobFeed }) {
  const navigate = useNavigate();
  const { tab = 'overview' } = jobRoute.useSearch();
  const [refused, setRefused] = useState<readonly Failure[]>([]);
  const show = (next: 'overview' | NonNullable<JobSearch['tab']>) =>
    void navigate({
      to: '.',
      search: ((old: object) => ({ ...old, tab: next === 'overview' ? undefined : next })) as never,
      replace: true,
      resetScroll: false,
    });
  return (
    <>
      <PageHeader
        title={job.suffix ?? 'Fine-tune'}
        crumbs={CRUMBS}
        status={<JobStatus status={job.status} />}
        actions={<JobActions job={job} onRefused={setRefused} />}
      >
        {job.parent?.name ?? 'A checkpoint that you may not see'} on{' '}
        {job.trainingFile?.filename ?? 'a file deleted since'}
      </PageHeader>
      <Refused failures={refused} />
      {feed.request.status === 'ready' && (
        <PartialNotice missing={[...feed.request.missing, ...feed.missing]} onRetry={feed.request.refresh} />
      )}
      <Tabs
        label="Parts of the job"
        value={tab}
        onChange={show}
        tabs={[
          { value: 'overview', label: 'Overview', content: <Overview job={job} feed={feed} /> },
          { value: 'logs', label: 'Logs', content: <JobLog job={job} /> },
          { value: 'settings', label: 'Settings', content: <JobSettings job={job} /> },
        ]}
      />
    </>
  );
}

function Overview({ job, feed }: { job: Job; feed: JobFeed }) {
  const saved = feed.events.filter(({ type }) => type === 'checkpoint').length;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="flex min-w-0 flex-col gap-5">
        <JobProgress job={job} curves={feed.curves} tokensPerSecond={feed.tokensPerSecond} />
        <JobCharts {...feed} jobId={job.id} started={job.status === 'RUNNING'} />
      </div>
      <aside aria-label="What happened" className="flex min-w-0 flex-col gap-5">
        <JobEvents events={feed.events} />
        <JobCheckpoints job={job} saved={saved} />
      </aside>
    </div>
  );
}
