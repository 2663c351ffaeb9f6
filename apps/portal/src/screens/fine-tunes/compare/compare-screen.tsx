import { GitCompare } from 'lucide-react';
import { useMemo } from 'react';
import { useRequest } from '../../../api';
import { paths, useSession } from '../../../app';
import { plural } from '../../../format';
import { EmptyState, LinkButton, Loaded, NoPermission, Notice, PageHeader, Section } from '../../../ui';
import { compareFineTunesRoute } from '../route';
import { CompareCurves } from './compare-curves';
import { CompareEvaluationRuns } from './compare-evaluations';
import { CompareResults } from './compare-results';
import { CompareSettings } from './compare-settings';
import { type ComparedJob, CompareJobs } from './documents';
import { jobsOf, MOST_JOBS, namesOf } from './selection';

export function CompareScreen() {
  const { may } = useSession();
  const { jobs: address } = compareFineTunesRoute.useSearch();
  const ids = useMemo(() => jobsOf(address), [address]);
  return (
    <>
      <PageHeader title="Compare fine-tunes" crumbs={[{ label: 'Fine-tunes', to: paths.fineTunes() }]}>
        What differs between runs: their curves, what they were made from, and what came of it.
      </PageHeader>
      {!may('JOBS_READ') ? <NoPermission /> : ids.length === 0 ? <NoneChosen /> : <Compared ids={ids} />}
    </>
  );
}

function NoneChosen() {
  return (
    <EmptyState
      icon={GitCompare}
      title="Nothing to compare yet"
      actions={
        <LinkButton kind="primary" to={paths.fineTunes()}>
          Choose fine-tunes
        </LinkButton>
      }
    >
      Tick up to {MOST_JOBS} jobs in the list of fine-tunes, then choose Compare. The address of the page names them, so
      that it can be passed on.
    </EmptyState>
  );
}

function Compared({ ids }: { ids: readonly string[] }) {
  const request = useRequest(CompareJobs, { ids: [...ids] }, { requestPolicy: 'cache-and-network' });
  return (
    <Loaded request={request}>
      {({ nodes }) => <Jobs jobs={nodes.flatMap((node) => (node && 'status' in node ? [node] : []))} asked={ids} />}
    </Loaded>
  );
}

function Jobs({ jobs, asked }: { jobs: ComparedJob[]; asked: readonly string[] }) {
  const names = useMemo(() => namesOf(jobs), [jobs]);
  const missing = asked.length - jobs.length;
  if (jobs.length === 0) {
    return (
      <EmptyState title="None of these is here">They are of another organization, or the address is wrong.</EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-7">
      {missing > 0 && (
        <Notice
          tone="warn"
          title={`Shown without ${plural(missing, 'job')} that ${missing === 1 ? 'is' : 'are'} not here`}
        >
          They are of another organization, or the address is wrong.
        </Notice>
      )}
      <Section title="Curves">
        <CompareCurves jobs={jobs} names={names} />
      </Section>
      <Section title="Where they ended">
        <CompareResults jobs={jobs} names={names} />
      </Section>
      <Section title="Settings">
        <CompareSettings jobs={jobs} names={names} />
      </Section>
      <Section title="Evaluations">
        <CompareEvaluationRuns jobs={jobs} names={names} />
      </Section>
    </div>
  );
}
