import { useNavigate } from '@tanstack/react-router';
import { ArrowLeftRight } from 'lucide-react';
import { useRequest } from '../../api';
import { paths, useSession } from '../../app';
import { Button, EmptyState, LinkButton, Loaded, LoadingState, PageHeader, Pagination, usePage } from '../../ui';
import { ComparedExamples } from './compared-examples';
import { ComparisonSummary } from './comparison-summary';
import { EvaluationComparisonPage } from './documents';
import { CRUMBS, NoEvaluations } from './no-evaluations';
import { PartFilter } from './part-filter';
import { type ComparisonPart, type ComparisonSearch, compareEvaluationsRoute } from './route';

const TITLE = 'Before and after';
const PAGE_ROWS = 20;
const OUTCOMES = { regressions: 'LOSS', improvements: 'WIN', ties: 'TIE' } as const;

/** Two runs of one suite, example by example. */
export function CompareScreen() {
  const { baseline, candidate, show } = compareEvaluationsRoute.useSearch();
  const { may } = useSession();
  if (!may('EVALUATIONS_READ')) return <NoEvaluations title={TITLE} />;
  if (!baseline || !candidate) {
    return (
      <>
        <PageHeader title={TITLE} crumbs={CRUMBS} />
        <EmptyState
          title="Nothing to compare yet"
          actions={<LinkButton to={paths.evaluations()}>Choose two runs</LinkButton>}
        >
          Select two runs of one suite in the list of evaluations.
        </EmptyState>
      </>
    );
  }
  return <Compared baselineId={baseline} candidateId={candidate} part={show ?? null} />;
}

interface ComparedProps {
  baselineId: string;
  candidateId: string;
  part: ComparisonPart | null;
}

function Compared({ baselineId, candidateId, part }: ComparedProps) {
  const navigate = useNavigate();
  const { page, next, previous } = usePage(PAGE_ROWS, `${baselineId} ${candidateId} ${part}`);
  const request = useRequest(EvaluationComparisonPage, {
    ...page,
    baselineId,
    candidateId,
    outcome: part && OUTCOMES[part],
  });
  const change = (search: ComparisonSearch) =>
    void navigate({
      to: '.',
      search: ((old: object) => ({ ...old, ...search })) as never,
      replace: true,
      resetScroll: false,
    });
  const swap = () => change({ baseline: candidateId, candidate: baselineId });
  return (
    <>
      <PageHeader
        title={TITLE}
        crumbs={CRUMBS}
        actions={
          <Button icon={ArrowLeftRight} onClick={swap}>
            Swap
          </Button>
        }
      >
        What changed from one run of a suite to another, example by example.
      </PageHeader>
      <Loaded request={request} skeleton={<LoadingState lines={10} />}>
        {({ compareEvaluationRuns: comparison }) => (
          <div className="flex flex-col gap-5">
            <ComparisonSummary comparison={comparison} />
            <PartFilter comparison={comparison} part={part} onChange={(show) => change({ show: show ?? undefined })} />
            <ComparedExamples comparison={comparison} part={part} />
            <Pagination
              of="examples"
              info={comparison.pairs.pageInfo}
              busy={request.refreshing}
              onNext={next}
              onPrevious={previous}
            />
          </div>
        )}
      </Loaded>
    </>
  );
}
