import { formatCount, formatDuration, formatMeasure, formatShort, formatTokens, useNow } from '../../../format';
import { Amount, Card, type Fact, Facts, Notice, Progress, Time } from '../../../ui';
import { ENDED, isTraining, progressText, queueText, shareDone } from '../job-status';
import type { Job } from './documents';
import type { JobFeed } from './use-job';

const TICK_MILLISECONDS = 1_000;

interface JobProgressProps extends Pick<JobFeed, 'curves' | 'tokensPerSecond'> {
  job: Job;
}

/** How far it is, what is left, and what it costs. */
export function JobProgress({ job, curves, tokensPerSecond }: JobProgressProps) {
  const nowMilliseconds = useNow(TICK_MILLISECONDS);
  const { status, progress, error, plannedSteps } = job;
  const ended = ENDED.has(status);
  const share = status === 'SUCCEEDED' ? 1 : shareDone(progress);
  const planned = !plannedSteps ? '–' : `${formatCount(plannedSteps)}${status === 'SUCCEEDED' ? '' : ' planned'}`;
  return (
    <Card title={HEADINGS[status]}>
      {error && (
        <Notice tone="bad" title={error.message}>
          <span className="font-mono text-xs">{error.code}</span>
        </Notice>
      )}
      {status !== 'CANCELLED' && (
        <Progress
          label="Training"
          value={ended ? share : waitsFor(status) ? 0 : share}
          text={progressText(progress)}
          tone={status === 'SUCCEEDED' ? 'ok' : status === 'FAILED' ? 'bad' : status === 'PAUSED' ? 'warn' : 'accent'}
        />
      )}
      <p role="status" className="text-ink-soft">
        {sentenceOf(job)}
      </p>
      <Facts
        columns
        facts={[
          {
            label: 'Step',
            value: isTraining(progress)
              ? `${formatCount(progress.step)} of ${formatCount(progress.totalSteps)}`
              : planned,
          },
          ...timeFacts(job, nowMilliseconds),
          ...tokenFacts(job, tokensPerSecond),
          ...lastValues(curves),
          costFact(job),
        ]}
      />
    </Card>
  );
}

const HEADINGS: Record<Job['status'], string> = {
  VALIDATING_FILES: 'Reading your file',
  QUEUED: 'Waiting for the cluster',
  RUNNING: 'Training',
  PAUSED: 'Paused',
  SUCCEEDED: 'Done',
  FAILED: 'It failed',
  CANCELLED: 'Cancelled',
};

function waitsFor(status: Job['status']): boolean {
  return status === 'VALIDATING_FILES' || status === 'QUEUED';
}

function sentenceOf({ status, progress, outputName, estimatedSeconds, queuePosition }: Job): string {
  switch (status) {
    case 'VALIDATING_FILES':
      return 'Every row is read with the base’s tokenizer and template before anything is charged.';
    case 'QUEUED':
      return `${queuePosition ? `${queueText(queuePosition)}: it` : 'It'} begins as soon as there is room${estimatedSeconds ? `, and then takes about ${formatDuration(estimatedSeconds)}` : ''}. You may leave this page.`;
    case 'RUNNING':
      return progress?.totalSteps
        ? `${stageName(progress.stage)}: ${progressText(progress)}.`
        : 'The trainer starts and loads the base.';
    case 'PAUSED':
      return 'It is saved and takes no place on the cluster. Resume goes on at the same step.';
    case 'SUCCEEDED':
      return `The variant ${outputName ?? ''} can be called at once, without a deployment.`;
    case 'FAILED':
      return 'Checkpoints that were saved before are kept. Nothing beyond what was trained is billed.';
    case 'CANCELLED':
      return 'Checkpoints that were saved before are kept.';
  }
}

function stageName(stage: string): string {
  const text = stage.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function timeFacts({ status, startedAt, finishedAt, estimatedFinishAt }: Job, nowMilliseconds: number): Fact[] {
  if (!startedAt) return [];
  const until = finishedAt ? Date.parse(finishedAt) : nowMilliseconds;
  const took = formatDuration((until - Date.parse(startedAt)) / 1000);
  if (finishedAt)
    return [
      { label: 'Took', value: took },
      { label: 'Finished', value: <Time at={finishedAt} /> },
    ];
  if (status !== 'RUNNING' || !estimatedFinishAt) return [{ label: 'Running for', value: took }];
  const left = Math.max(0, Date.parse(estimatedFinishAt) - nowMilliseconds) / 1000;
  return [
    { label: 'Running for', value: took },
    { label: 'Left, about', value: formatDuration(left) },
    { label: 'Done, about', value: <Time at={estimatedFinishAt} style="clock" /> },
  ];
}

function tokenFacts({ status, progress, plannedTokens, trainedTokens }: Job, tokensPerSecond: number | null): Fact[] {
  const tokens = trainedTokens ?? progress?.tokens;
  return [
    {
      label: 'Tokens',
      value: tokens
        ? `${formatShort(tokens)}${plannedTokens ? ` of ${formatShort(plannedTokens)}` : ''}`
        : plannedTokens
          ? `${formatTokens(plannedTokens)} planned`
          : '–',
    },
    ...(status === 'RUNNING' && tokensPerSecond
      ? [{ label: 'Throughput', value: `${formatShort(Math.round(tokensPerSecond))} tokens/s` }]
      : []),
  ];
}

function lastValues(curves: JobFeed['curves']): Fact[] {
  return [
    { label: 'Loss', value: curves.last('train_loss') },
    { label: 'Validation loss', value: curves.last('valid_loss') },
  ].flatMap(({ label, value }) => (value === null ? [] : [{ label, value: formatMeasure(value) }]));
}

function costFact({ cost, hardCap }: Job): Fact {
  if (cost) return { label: 'Cost', value: <Amount money={cost} /> };
  return { label: 'Costs at most', value: hardCap ? <Amount money={hardCap} /> : '–' };
}
