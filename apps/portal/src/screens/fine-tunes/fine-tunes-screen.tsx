import { useNavigate } from '@tanstack/react-router';
import { GitCompare, Plus, SlidersHorizontal } from 'lucide-react';
import { useMemo, useState } from 'react';
import { usePolling, useRequest } from '../../api';
import { paths, useProject, useSession } from '../../app';
import { formatDuration, formatShort } from '../../format';
import {
  Amount,
  Button,
  EmptyState,
  Field,
  LinkButton,
  Loaded,
  PageHeader,
  Pagination,
  Select,
  TextLink,
  Time,
  usePage,
} from '../../ui';
import { type Column, Table } from '../../ui/table';
import { MOST_JOBS } from './compare/selection';
import { FineTunesPage, type ListedJob } from './documents';
import { ENDED, JOB_STATUSES, JobStatus, type JobStatusName, progressText, queueText } from './job-status';
import { fineTunesRoute } from './route';

const PAGE_ROWS = 20;
const POLL_MILLISECONDS = 5_000;

export function FineTunesScreen() {
  const { may } = useSession();
  const project = useProject();
  const navigate = useNavigate();
  const { status } = fineTunesRoute.useSearch();
  const wanted = isStatus(status) ? status : null;
  const { page, next, previous } = usePage(PAGE_ROWS, `${project?.id} ${wanted}`);
  const jobs = useRequest(
    FineTunesPage,
    { ...page, projectId: project?.id, status: wanted ? [wanted] : null },
    { alsoChangesWith: ['FineTuneJob'] },
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(NONE_CHOSEN);
  const columns = useMemo(() => [choiceColumn(chosen, setChosen), ...COLUMNS], [chosen]);
  const underWay = jobs.status === 'ready' && jobs.data.fineTuneJobs.nodes.some((job) => !ENDED.has(job.status));
  usePolling(jobs.refresh, underWay, POLL_MILLISECONDS);

  return (
    <>
      <PageHeader
        title="Fine-tunes"
        actions={
          may('JOBS_WRITE') && (
            <LinkButton kind="primary" icon={Plus} to={paths.newFineTune()}>
              New fine-tune
            </LinkButton>
          )
        }
      >
        Jobs of {project ? <strong>{project.name}</strong> : 'your projects'}, newest first.
      </PageHeader>
      <div className="flex flex-col gap-3">
        <Field label="State" className="w-56">
          <Select
            value={wanted ?? ''}
            onChange={({ target }) =>
              void navigate({
                to: '.',
                search: ((old: object) => ({ ...old, status: target.value || undefined })) as never,
              })
            }
          >
            <option value="">All</option>
            {Object.entries(JOB_STATUSES).map(([value, { word }]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </Select>
        </Field>
        <Loaded request={jobs}>
          {({ fineTuneJobs: { nodes, pageInfo } }) =>
            nodes.length === 0 ? (
              <NoJobs filtered={wanted !== null} mayStart={may('JOBS_WRITE')} />
            ) : (
              <>
                <CompareChosen chosen={chosen} onClear={() => setChosen(NONE_CHOSEN)} />
                <Table
                  caption="Fine-tunes"
                  columns={columns}
                  rows={nodes}
                  rowId={({ id }) => id}
                  isSelected={({ id }) => chosen.has(id)}
                />
                <Pagination of="fine-tunes" info={pageInfo} busy={false} onNext={next} onPrevious={previous} />
              </>
            )
          }
        </Loaded>
      </div>
    </>
  );
}

const NONE_CHOSEN: ReadonlySet<string> = new Set();

/** What to do with the jobs that are ticked; they stay so from page to page. */
function CompareChosen({ chosen, onClear }: { chosen: ReadonlySet<string>; onClear: () => void }) {
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-2">
      <p role="status" className="text-ink-soft">
        {chosen.size === 0
          ? 'Tick jobs to compare their curves and settings.'
          : `${chosen.size} of ${MOST_JOBS} chosen`}
      </p>
      {chosen.size > 0 && (
        <>
          <LinkButton
            small
            kind="primary"
            icon={GitCompare}
            to={paths.compareFineTunes()}
            search={{ jobs: [...chosen].join() } as never}
          >
            Compare
          </LinkButton>
          <Button small onClick={onClear}>
            Choose none
          </Button>
        </>
      )}
    </div>
  );
}

function choiceColumn(chosen: ReadonlySet<string>, onChange: (chosen: ReadonlySet<string>) => void): Column<ListedJob> {
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return {
    id: 'choice',
    header: 'Compare',
    cell: ({ id, suffix }) => (
      <input
        type="checkbox"
        aria-label={`Compare ${suffix ?? id}`}
        checked={chosen.has(id)}
        disabled={chosen.size >= MOST_JOBS && !chosen.has(id)}
        onChange={() => toggle(id)}
        className="mt-0.75 size-4 accent-accent"
      />
    ),
  };
}

function NoJobs({ filtered, mayStart }: { filtered: boolean; mayStart: boolean }) {
  if (filtered) return <EmptyState title="None in this state">Choose another state to see more.</EmptyState>;
  return (
    <EmptyState
      icon={SlidersHorizontal}
      title="No fine-tunes yet"
      actions={
        mayStart && (
          <LinkButton kind="primary" to={paths.lineage()}>
            Pick a fork point
          </LinkButton>
        )
      }
    >
      A fine-tune begins at a checkpoint of the lineage, reads your data, and gives a variant that only your
      organization can call.
    </EmptyState>
  );
}

function isStatus(status: string | undefined): status is JobStatusName {
  return status !== undefined && Object.hasOwn(JOB_STATUSES, status);
}

const COLUMNS: Array<Column<ListedJob>> = [
  {
    id: 'name',
    header: 'Fine-tune',
    wide: true,
    sortBy: ({ suffix, id }) => suffix ?? id,
    cell: ({ id, suffix, parent, trainingFile }) => (
      <>
        <TextLink to={paths.fineTune(id)}>{suffix ?? id}</TextLink>
        <div className="text-sm text-ink-faint">
          {parent?.name ?? 'a checkpoint you may not see'} on {trainingFile?.filename ?? 'a deleted file'}
        </div>
      </>
    ),
  },
  {
    id: 'status',
    header: 'State',
    sortBy: ({ status }) => status,
    cell: ({ status, queuePosition, progress, error }) => (
      <>
        <JobStatus status={status} />
        <div className="text-sm whitespace-nowrap text-ink-faint">
          {error
            ? error.code
            : queuePosition
              ? queueText(queuePosition)
              : ENDED.has(status)
                ? ''
                : progressText(progress)}
        </div>
      </>
    ),
  },
  {
    id: 'tokens',
    header: 'Tokens',
    numeric: true,
    sortBy: ({ trainedTokens, plannedTokens }) => Number(trainedTokens ?? plannedTokens ?? 0),
    cell: ({ trainedTokens, plannedTokens }) =>
      trainedTokens ? formatShort(trainedTokens) : plannedTokens ? `${formatShort(plannedTokens)} planned` : '–',
  },
  {
    id: 'cost',
    header: 'Cost',
    numeric: true,
    sortBy: ({ cost, hardCap }) => Number(cost?.nanos ?? hardCap?.nanos ?? 0),
    cell: ({ cost, hardCap }) =>
      cost ? (
        <Amount money={cost} />
      ) : hardCap ? (
        <span className="text-ink-faint">
          at most <Amount money={hardCap} />
        </span>
      ) : (
        '–'
      ),
  },
  {
    id: 'took',
    header: 'Took',
    numeric: true,
    cell: ({ startedAt, finishedAt }) =>
      startedAt && finishedAt ? formatDuration((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000) : '–',
  },
  {
    id: 'created',
    header: 'Asked for',
    numeric: true,
    sortBy: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => <Time at={createdAt} />,
  },
];
