import { useNavigate } from '@tanstack/react-router';
import { GitCompareArrows } from 'lucide-react';
import { type FormEvent, useMemo, useState } from 'react';
import { type ResultOf, useEveryPage } from '../../api';
import { paths } from '../../app';
import { formatScore, type ListedRun } from '../../evaluation';
import { formatTime, useNow } from '../../format';
import { Button, Card, Field, LinkButton, Loaded, LoadingState, Select } from '../../ui';
import { ComparableRuns, type Run } from './documents';
import { comparableWith, inOrder } from './pairing';

const NONE = {
  nodes: [] as ListedRun[],
  pageInfo: { hasNextPage: false, endCursor: null },
};
const runsOf = ({ node }: ResultOf<typeof ComparableRuns>) => (node && 'runs' in node ? node.runs : NONE);

/** The way to before and after: the run on what the checkpoint was made from is proposed. */
export function CompareWith({ run, suiteId }: { run: Run; suiteId: string }) {
  const request = useEveryPage(ComparableRuns, { suiteId }, runsOf);
  return (
    <Card title="Before and after" description="Put it beside another run of this suite, example by example.">
      <Loaded request={request} skeleton={<LoadingState lines={1} />}>
        {(runs) => <Choice run={run} runs={runs} />}
      </Loaded>
    </Card>
  );
}

function Choice({ run, runs }: { run: Run; runs: readonly ListedRun[] }) {
  const others = useMemo(() => comparableWith(run, runs), [run, runs]);
  const [chosen, setChosen] = useState<string | null>(null);
  const navigate = useNavigate();
  const nowMilliseconds = useNow(60_000);
  const other = others.find(({ id }) => id === chosen) ?? others[0];
  if (!other) {
    return (
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-ink-soft">
          No other run of this suite has succeeded yet: run it on another checkpoint first.
        </p>
        <LinkButton to={paths.evaluations()}>All evaluations</LinkButton>
      </div>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [baseline, candidate] = inOrder<ListedRun>(run, other);
    void navigate({
      to: paths.compareEvaluations(),
      search: { baseline: baseline.id, candidate: candidate.id } as never,
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
      <Field label="Compare with the run on" className="w-full sm:w-auto sm:min-w-96">
        <Select value={other.id} onChange={({ target }) => setChosen(target.value)}>
          {others.map(({ id, checkpointName, score, createdAt }) => (
            <option key={id} value={id}>
              {checkpointName}
              {score && `, ${formatScore(score.metric, score.score)}`},{' '}
              {formatTime(createdAt, 'relative', nowMilliseconds)}
            </option>
          ))}
        </Select>
      </Field>
      <Button type="submit" kind="primary" icon={GitCompareArrows}>
        Compare
      </Button>
    </form>
  );
}
