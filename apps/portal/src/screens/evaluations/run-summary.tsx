import { useNames } from '../../api';
import { isJudged, isUnderWay, METRICS, progressText, RunScore, shareDone } from '../../evaluation';
import { formatCount, formatDuration, formatMeasure, formatTokens, plural } from '../../format';
import { Amount, Card, type Fact, Facts, MadeBy, Notice, Progress, Time } from '../../ui';
import type { Run } from './documents';

const HEADINGS: Record<Run['status'], string> = {
  QUEUED: 'Waiting for a place',
  RUNNING: 'Answering',
  SUCCEEDED: 'What it found',
  FAILED: 'It failed',
  CANCELLED: 'It was cancelled',
};

/** How far it is, what it found, what it cost. */
export function RunSummary({ run }: { run: Run }) {
  const { status, progress, failure, createdBy, createdAt } = run;
  const names = useNames([createdBy]);
  const facts: Fact[] = [
    ...suiteFacts(run),
    ...scoreFacts(run),
    ...costFacts(run),
    { label: 'Asked for', value: <Time at={createdAt} style="minute" /> },
    { label: 'By', value: <MadeBy id={createdBy} names={names} /> },
  ];
  return (
    <Card title={HEADINGS[status]}>
      {failure && (
        <Notice tone="bad" title={failure.message}>
          <span className="font-mono text-xs">{failure.code}</span> · Nothing is billed.
        </Notice>
      )}
      {status === 'CANCELLED' && <p className="text-ink-soft">Somebody gave it up. Nothing is billed.</p>}
      {isUnderWay(status) && (
        <>
          <Progress
            label="Evaluation"
            value={status === 'QUEUED' ? 0 : shareDone(progress)}
            text={progressText(progress)}
          />
          <p role="status" className="text-ink-soft">
            {status === 'QUEUED' ? 'It begins when the cluster has a place for it.' : progressText(progress)}
          </p>
        </>
      )}
      <Facts columns facts={facts} />
    </Card>
  );
}

function suiteFacts({ suite }: Run): Fact[] {
  if (!suite) return [];
  const { metric, rowCount, maxNewTokens } = suite;
  return [
    { label: 'Metric', value: <span title={METRICS[metric].help}>{METRICS[metric].name}</span> },
    { label: 'Examples', value: rowCount === null ? '–' : formatCount(rowCount) },
    ...(isJudged(metric) ? [{ label: 'Longest answer', value: plural(maxNewTokens, 'token') }] : []),
  ];
}

function scoreFacts({ score }: Run): Fact[] {
  if (!score) return [];
  const { metric, meanLoss, cut, promptTokens, outputTokens, seconds } = score;
  return [
    { label: 'Score ± standard error', value: <RunScore score={score} /> },
    ...(isJudged(metric)
      ? [
          { label: 'Loss of what is expected', value: `${formatMeasure(meanLoss)} nats per token` },
          { label: 'Cut at the longest answer', value: plural(cut, 'answer') },
          { label: 'Written', value: formatTokens(outputTokens) },
        ]
      : []),
    { label: 'Read', value: formatTokens(promptTokens) },
    { label: 'Took', value: formatDuration(seconds) },
  ];
}

function costFacts({ cost, evaluationTokens, status }: Run): Fact[] {
  if (!cost) return isUnderWay(status) ? [{ label: 'Cost', value: 'billed when it succeeds' }] : [];
  return [
    {
      label: 'Cost',
      value: (
        <>
          <Amount money={cost} />
          {evaluationTokens && <span className="text-ink-faint"> for {formatTokens(evaluationTokens)}</span>}
        </>
      ),
    },
  ];
}
