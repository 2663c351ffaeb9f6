import { paths } from '../../app';
import { formatDifference, formatStandardError, gainOf, type ListedRun, type Metric, RunScore } from '../../evaluation';
import { formatCount } from '../../format';
import { Card, Facts, TextLink } from '../../ui';
import type { Comparison } from './documents';
import { signTestSentence } from './sign-test';

/** What the comparison comes to: in figures, and in a sentence for who does not know the test behind them. */
export function ComparisonSummary({ comparison }: { comparison: Comparison }) {
  const { baseline, candidate, wins, losses, ties } = comparison;
  const metric = metricOf(comparison);
  const suite = candidate?.suite ?? baseline?.suite;
  return (
    <Card title={suite?.name ?? 'Two runs'}>
      <div className="grid gap-4 md:grid-cols-2">
        <Side label="Before: the baseline" run={baseline} />
        <Side label="After: the candidate" run={candidate} />
      </div>
      <Facts
        columns
        facts={[
          { label: 'Improved', value: <Count of={wins} tone="text-ok" /> },
          { label: 'Regressed', value: <Count of={losses} tone="text-bad" /> },
          { label: 'As before', value: <Count of={ties} /> },
          { label: 'Mean difference', value: <MeanDifference metric={metric} comparison={comparison} /> },
        ]}
      />
      <p className="max-w-prose text-ink-soft">{signTestSentence(comparison)}</p>
    </Card>
  );
}

export function metricOf({ baseline, candidate }: Comparison): Metric {
  return candidate?.suite?.metric ?? baseline?.suite?.metric ?? 'EXACT_MATCH';
}

function Side({ label, run }: { label: string; run: ListedRun | null }) {
  if (!run) {
    return (
      <div>
        <p className="text-sm text-ink-faint">{label}</p>
        <p>A run that is not yours to see</p>
      </div>
    );
  }
  return (
    <div className="min-w-0">
      <p className="text-sm text-ink-faint">{label}</p>
      <TextLink to={paths.evaluation(run.id)} className="font-medium break-all">
        {run.checkpointName}
      </TextLink>
      <p>
        <RunScore score={run.score} />
      </p>
    </div>
  );
}

function Count({ of, tone }: { of: number; tone?: string }) {
  return (
    <span className={of > 0 ? `text-lg font-semibold ${tone ?? ''}` : 'text-lg text-ink-faint'}>{formatCount(of)}</span>
  );
}

function MeanDifference({ metric, comparison }: { metric: Metric; comparison: Comparison }) {
  const { meanDifference, standardError } = comparison;
  const gain = gainOf(metric, meanDifference);
  return (
    <>
      {formatDifference(metric, meanDifference)}{' '}
      <span className="text-ink-faint" title="Standard error, from the paired examples">
        {formatStandardError(metric, standardError)}
      </span>
      {gain !== 0 && <span className={gain > 0 ? 'text-ok' : 'text-bad'}> {gain > 0 ? 'better' : 'worse'}</span>}
    </>
  );
}
