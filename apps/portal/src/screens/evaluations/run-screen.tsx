import { useState } from 'react';
import { type Failure, usePolling, useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { isUnderWay, RunStatus } from '../../evaluation';
import { EmptyState, Failures, LinkButton, Loaded, Notice, PageHeader, TextLink, Time } from '../../ui';
import { CompareWith } from './compare-with';
import { EvaluationRunPage, type Run } from './documents';
import { CRUMBS, NoEvaluations } from './no-evaluations';
import { evaluationRoute } from './route';
import { RunActions } from './run-actions';
import { RunResults } from './run-results';
import { RunSummary } from './run-summary';

/** One suite on one checkpoint: how far it is, what it found, and every answer. */
export function RunScreen() {
  const { id } = evaluationRoute.useParams();
  const { may } = useSession();
  if (!may('EVALUATIONS_READ')) return <NoEvaluations title="Evaluation" />;
  return <KnownRun key={id} id={id} />;
}

function KnownRun({ id }: { id: string }) {
  const request = useRequest(EvaluationRunPage, { id });
  const run =
    request.status === 'ready' && request.data.node && 'status' in request.data.node ? request.data.node : null;
  usePolling(request.refresh, run !== null && isUnderWay(run.status));
  if (!run) {
    return (
      <>
        <PageHeader title="Evaluation" crumbs={CRUMBS} />
        <Loaded request={request}>{() => <Gone />}</Loaded>
      </>
    );
  }
  return <Loaded request={request}>{() => <Found run={run} />}</Loaded>;
}

function Gone() {
  return (
    <EmptyState
      title="There is no such run"
      actions={<LinkButton to={paths.evaluations()}>All evaluations</LinkButton>}
    >
      It may belong to a project that you are not assigned to.
    </EmptyState>
  );
}

function Found({ run }: { run: Run }) {
  const { suite, checkpoint, checkpointName, status, removal } = run;
  const [refused, setRefused] = useState<readonly Failure[]>([]);
  return (
    <>
      <PageHeader
        title={suite?.name ?? 'Evaluation'}
        crumbs={CRUMBS}
        status={<RunStatus status={status} />}
        actions={<RunActions run={run} onRefused={setRefused} />}
      >
        <span className="break-all">
          on {checkpoint ? <TextLink to={paths.model(checkpointName)}>{checkpointName}</TextLink> : checkpointName}
        </span>
      </PageHeader>
      <div className="flex flex-col gap-5">
        <Failures failures={refused} />
        <RunSummary run={run} />
        {removal && (
          <Notice
            tone="warn"
            title={
              <>
                Its answers were removed <Time at={removal.at} />
              </>
            }
          >
            By {removal.reason}. What they came to stays.
          </Notice>
        )}
        {status === 'SUCCEEDED' && !removal && (
          <>
            {suite && <CompareWith run={run} suiteId={suite.id} />}
            <RunResults run={run} />
          </>
        )}
      </div>
    </>
  );
}
