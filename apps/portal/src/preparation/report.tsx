import { useMemo } from 'react';
import { usePolling, useRequest } from '../api';
import { type Bin, Histogram } from '../charts/histogram';
import { formatCount, formatDuration, formatPercent, formatTokens, now, plural } from '../format';
import { EmptyState, type Fact, Facts, Loaded, Notice, Progress, Tabs } from '../ui';
import { type Preparation, PreparationReportPage, type Report } from './documents';
import { ErrorRows } from './error-rows';
import { Preview } from './preview';

export type ReportTab = 'errors' | 'preview' | 'lengths';

interface PreparationReportProps {
  id: string;
  /** Kept in the address by pages that are about the report. */
  tab?: ReportTab;
  onTabChange?: (tab: ReportTab) => void;
}

/** What a check of training data found: counts, errors beside their rows, rows as the model reads them, how long they are. */
export function PreparationReport({ id, tab, onTabChange }: PreparationReportProps) {
  const request = useRequest(PreparationReportPage, { id }, { alsoChangesWith: ['Preparation'] });
  const preparation =
    request.status === 'ready' && request.data.node && 'policy' in request.data.node ? request.data.node : null;
  usePolling(request.refresh, preparation?.status === 'PENDING');
  return (
    <Loaded request={request}>
      {() =>
        preparation ? (
          <Found preparation={preparation} tab={tab} onTabChange={onTabChange} />
        ) : (
          <EmptyState title="This check is not here">It belongs to another project, or there never was one.</EmptyState>
        )
      }
    </Loaded>
  );
}

function Found({ preparation, tab, onTabChange }: Omit<PreparationReportProps, 'id'> & { preparation: Preparation }) {
  const { id, status, report, failure } = preparation;
  if (status === 'PENDING') return <UnderWay createdAt={preparation.createdAt} />;
  if (!report) {
    return (
      <Notice tone="bad" role="alert" title="The check came to no result">
        {failure?.message ?? 'The data is not known to be at fault.'} Check it again.
      </Notice>
    );
  }
  const tabs = [
    {
      value: 'errors' as const,
      label: report.errorCount > 0 ? `Errors (${formatCount(report.errorCount)})` : 'Errors',
      content: <ErrorRows preparationId={id} report={report} />,
    },
    { value: 'preview' as const, label: 'Preview', content: <Preview preparationId={id} /> },
    { value: 'lengths' as const, label: 'Row lengths', content: <Lengths preparation={preparation} report={report} /> },
  ];
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <Verdict status={status} report={report} />
      <Facts columns facts={factsOf(report)} />
      <Tabs
        label="What the check found"
        tabs={tabs}
        value={tab ?? (report.errorCount > 0 ? 'errors' : 'preview')}
        onChange={onTabChange}
      />
    </div>
  );
}

function UnderWay({ createdAt }: { createdAt: string }) {
  const seconds = Math.max(0, (now() - Date.parse(createdAt)) / 1000);
  return (
    <div role="status" className="flex flex-col gap-2">
      <p>
        Every row is read with the checkpoint’s own tokenizer and chat template. It began {formatDuration(seconds)} ago;
        a thousand rows take seconds.
      </p>
      <Progress label="Check of the data" value={null} />
    </div>
  );
}

function Verdict({ status, report }: { status: Preparation['status']; report: Report }) {
  if (status === 'READY') {
    return (
      <Notice tone="ok" title="Ready for training">
        {plural(report.rows.train, 'row')} to train on. The model learns {formatTokens(report.tokens.trainTrained)} of
        them in each epoch.
      </Notice>
    );
  }
  return (
    <Notice
      tone="bad"
      title={`${plural(report.rows.invalid, 'row')} of ${formatCount(report.rows.read)} can not be used`}
    >
      Training does not begin on data with errors. Mend the rows below and upload the file as a new version.
    </Notice>
  );
}

function factsOf({ rows, tokens, format }: Report): Fact[] {
  const facts: Array<Fact | null> = [
    { label: 'Format', value: FORMATS[format ?? ''] ?? 'Not recognized' },
    { label: 'Rows read', value: formatCount(rows.read) },
    { label: 'To train on', value: plural(rows.train, 'row') },
    rows.validation > 0 ? { label: 'To validate on', value: plural(rows.validation, 'row') } : null,
    rows.dropped > 0 ? { label: 'Left out as too long', value: plural(rows.dropped, 'row') } : null,
    rows.truncated > 0 ? { label: 'Cut as too long', value: plural(rows.truncated, 'row') } : null,
    rows.blankLines > 0 ? { label: 'Blank lines', value: formatCount(rows.blankLines) } : null,
    { label: 'Tokens of an epoch', value: formatCount(tokens.train) },
    { label: 'Trained on', value: shareOf(tokens.trainTrained, tokens.train) },
    rows.validation > 0 ? { label: 'Validation tokens', value: formatCount(tokens.validation) } : null,
    { label: 'Longest row', value: plural(tokens.longestRow, 'token') },
  ];
  return facts.filter((fact) => fact !== null);
}

const FORMATS: Record<string, string> = { openai_chat: 'OpenAI chat', prompt_completion: 'Prompt and completion' };

function shareOf(part: string, whole: string): string {
  const share = Number(whole) === 0 ? 0 : Number(part) / Number(whole);
  return `${formatCount(part)} (${formatPercent(share)})`;
}

function Lengths({ preparation, report }: { preparation: Preparation; report: Report }) {
  const { maxTokens } = preparation.policy;
  const bins = useMemo(() => binsOf(report, maxTokens), [report, maxTokens]);
  if (bins.length === 0) return <EmptyState title="No lengths">No row could be read, so none has a length.</EmptyState>;
  return (
    <div className="flex flex-col gap-3">
      <Histogram label="Rows by length" bins={bins} binLabel="Tokens" countLabel="Rows" />
      <p className="text-sm text-ink-soft">
        Limit of this check: {plural(maxTokens, 'token')} a row.{' '}
        {report.overLongCount > 0
          ? `${plural(report.overLongCount, 'row')} over it, first on ${plural(report.overLongLines.length, 'line')} ${report.overLongLines.map(formatCount).join(', ')}.`
          : 'No row is over it.'}
      </p>
    </div>
  );
}

function binsOf({ lengths }: Report, maxTokens: number): Bin[] {
  return lengths.map(({ upToTokens, rows }, index) => {
    const from = (lengths[index - 1]?.upToTokens ?? Math.floor(upToTokens / 2)) + 1;
    const label = from >= upToTokens ? formatCount(upToTokens) : `${formatCount(from)}–${formatCount(upToTokens)}`;
    return { label, count: rows, tone: from > maxTokens ? 'bad' : 'plain' };
  });
}
