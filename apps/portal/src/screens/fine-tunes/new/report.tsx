import { useRequest } from '../../../api';
import { formatCount, formatTokens, plural } from '../../../format';
import { Button, Facts, Loaded, Notice } from '../../../ui';
import { type Column, Table } from '../../../ui/table';
import { type FineTunePreparation, PreparationErrors } from '../documents';

interface ReportProps {
  preparation: FineTunePreparation;
  file: string;
  onRetry: () => void;
}

/** What validation found: how much there is to learn from, or what to mend. */
export function Report({ preparation, onRetry }: ReportProps) {
  const { status, failure, report } = preparation;
  if (status === 'FAILED') {
    return (
      <Notice
        tone="bad"
        role="alert"
        title="The validation came to no result"
        actions={
          <Button small onClick={onRetry}>
            Try again
          </Button>
        }
      >
        {failure?.message ?? 'It is not known to be the file’s fault.'}
      </Notice>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      {status === 'READY' ? (
        <Notice tone="ok" role="status" title={`${plural(report?.rows.train ?? 0, 'row')} to train on, no errors`} />
      ) : (
        <Notice
          tone="bad"
          role="alert"
          title={`The file can not be trained on: ${plural(report?.errorCount ?? 0, 'error')}`}
        >
          {failure?.message ?? 'Mend the lines below and choose the file again.'}
          {(report?.overLongCount ?? 0) > 0 &&
            ` ${plural(report?.overLongCount ?? 0, 'row')} longer than ${formatCount(preparation.policy.maxTokens)} tokens: mend them, or choose below to leave them out or cut them.`}
        </Notice>
      )}
      {report && <Counts report={report} />}
      {status === 'INVALID' && <Errors id={preparation.id} />}
    </div>
  );
}

function Counts({ report }: { report: NonNullable<FineTunePreparation['report']> }) {
  const { rows, tokens, format } = report;
  return (
    <Facts
      columns
      facts={[
        ...(format ? [{ label: 'Format', value: format }] : []),
        { label: 'Rows read', value: formatCount(rows.read) },
        ...(rows.validation > 0 ? [{ label: 'For validation', value: formatCount(rows.validation) }] : []),
        ...(rows.dropped > 0 ? [{ label: 'Left out', value: formatCount(rows.dropped) }] : []),
        ...(rows.truncated > 0 ? [{ label: 'Cut', value: formatCount(rows.truncated) }] : []),
        { label: 'Tokens an epoch', value: formatTokens(tokens.train) },
        { label: 'Of these learned', value: formatTokens(tokens.trainTrained) },
        { label: 'Longest row', value: formatTokens(tokens.longestRow) },
      ]}
    />
  );
}

interface DataError {
  line: number;
  pointer: string;
  code: string;
  message: string;
  fix: string;
}

const COLUMNS: Array<Column<DataError>> = [
  { id: 'line', header: 'Line', numeric: true, sortBy: ({ line }) => line, cell: ({ line }) => formatCount(line) },
  {
    id: 'where',
    header: 'Where',
    cell: ({ pointer, code }) => (
      <>
        <code className="font-mono text-sm">{pointer || '/'}</code>
        <div className="font-mono text-xs text-ink-faint">{code}</div>
      </>
    ),
  },
  {
    id: 'what',
    header: 'What is wrong, and how to mend it',
    wide: true,
    cell: ({ message, fix }) => (
      <>
        {message} <span className="text-ink-soft">{fix}</span>
      </>
    ),
  },
];

function Errors({ id }: { id: string }) {
  const request = useRequest(PreparationErrors, { id });
  return (
    <Loaded request={request}>
      {({ node }) => {
        const errors = node && 'errors' in node ? node.errors.nodes : [];
        if (errors.length === 0) return null;
        return (
          <Table
            compact
            caption="Errors by line"
            columns={COLUMNS}
            rows={errors as DataError[]}
            rowId={({ line, pointer, code }) => `${line} ${pointer} ${code}`}
          />
        );
      }}
    </Loaded>
  );
}
