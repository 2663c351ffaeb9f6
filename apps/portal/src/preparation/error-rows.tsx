import { useEffect, useMemo, useState } from 'react';
import { useRequest } from '../api';
import { formatCount, plural, words } from '../format';
import { Badge, EmptyState, Loaded, Notice, Pagination, usePage } from '../ui';
import { type DataError, type ErrorsOfPreparation, PreparationErrors, type RawFile, type Report } from './documents';
import { pointerRange } from './pointer-range';
import { readLines, SHOWN_CHARACTERS } from './raw-lines';

const ERRORS_ON_A_PAGE = 20;
const KEPT_ERRORS = 1_000;

/** What is wrong with the data, each beside the row as it stands in the file. */
export function ErrorRows({ preparationId, report }: { preparationId: string; report: Report }) {
  const { page, next, previous } = usePage(ERRORS_ON_A_PAGE, preparationId);
  const request = useRequest(PreparationErrors, { id: preparationId, ...page });
  if (report.errorCount === 0) return <EmptyState title="No errors">Every row can be read.</EmptyState>;
  return (
    <div className="flex flex-col gap-3">
      <ul aria-label="Errors by kind" className="flex flex-wrap gap-1.5">
        {report.errorCounts.map(({ code, count }) => (
          <li key={code}>
            <Badge tone="bad">
              {words(code).replace('json', 'JSON').replace('utf8', 'UTF-8')}{' '}
              <span className="font-normal">× {formatCount(count)}</span>
            </Badge>
          </li>
        ))}
      </ul>
      {report.errorCount > KEPT_ERRORS && (
        <Notice title={`${formatCount(report.errorCount)} errors; the first ${formatCount(KEPT_ERRORS)} are listed`}>
          Most often one mistake in what wrote the file causes many. Mend it, then upload the file again.
        </Notice>
      )}
      <Loaded request={request}>
        {({ node }) =>
          node && 'errors' in node ? (
            <>
              <Errors preparation={node} />
              <Pagination
                of="errors"
                info={node.errors.pageInfo}
                busy={request.refreshing}
                onNext={next}
                onPrevious={previous}
              />
            </>
          ) : null
        }
      </Loaded>
    </div>
  );
}

function Errors({ preparation }: { preparation: ErrorsOfPreparation }) {
  const { version, validationVersion, errors } = preparation;
  const dataset = useRawLines(version, errors.nodes, 'DATASET');
  const validation = useRawLines(validationVersion, errors.nodes, 'VALIDATION');
  return (
    <ol aria-label="Errors" className="flex flex-col divide-y divide-line rounded-lg border border-line bg-surface">
      {errors.nodes.map((error) => (
        <ErrorRow
          key={`${error.source} ${error.line} ${error.pointer} ${error.code}`}
          error={error}
          filename={
            validationVersion ? (error.source === 'DATASET' ? version : validationVersion)?.filename : undefined
          }
          raw={error.source === 'DATASET' ? dataset : validation}
        />
      ))}
    </ol>
  );
}

interface ErrorRowProps {
  error: DataError;
  /** Where there is more than one file. */
  filename?: string;
  raw: RawLines;
}

function ErrorRow({ error, filename, raw }: ErrorRowProps) {
  const { line, pointer, code, message, fix } = error;
  return (
    <li className="grid gap-x-5 gap-y-2 px-4 py-3 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className="font-semibold">{line === 0 ? 'Whole file' : `Line ${formatCount(line)}`}</span>
          {filename && <span className="text-sm text-ink-faint">{filename}</span>}
          <code className="font-mono text-xs text-ink-faint">{code}</code>
        </p>
        <p className="text-bad first-letter:uppercase">{message}</p>
        <p className="text-ink-soft">{fix}</p>
      </div>
      {line > 0 && (
        <div className="min-w-0">
          {pointer && <p className="mb-0.5 font-mono text-xs break-all text-ink-faint">{pointer}</p>}
          <RawRow
            text={raw.status === 'ready' ? raw.lines.get(line) : undefined}
            status={raw.status}
            pointer={pointer}
          />
        </div>
      )}
    </li>
  );
}

const AROUND_CHARACTERS = 240;

function RawRow({ text, status, pointer }: { text?: string; status: RawLines['status']; pointer: string }) {
  const [whole, setWhole] = useState(false);
  const range = useMemo(() => (text === undefined ? null : pointerRange(text, pointer)), [text, pointer]);
  if (text === undefined) return <p className="text-sm text-ink-faint">{WITHOUT_TEXT[status]}</p>;
  const [from, to] = range ?? [0, 0];
  const start = whole ? 0 : Math.max(0, from - AROUND_CHARACTERS / 2);
  const end = whole ? text.length : Math.min(text.length, Math.max(to, start) + AROUND_CHARACTERS);
  const cut = start > 0 || end < text.length;
  return (
    <div className="rounded-md bg-sunken px-3 py-2">
      <p className="font-mono text-sm leading-relaxed break-all whitespace-pre-wrap">
        {start > 0 && <span className="text-ink-faint">… </span>}
        {text.slice(start, from)}
        {to > from && (
          <mark className="rounded-sm bg-bad-wash text-bad underline decoration-bad decoration-wavy decoration-1 underline-offset-3">
            {text.slice(from, to)}
          </mark>
        )}
        {text.slice(Math.max(start, to), end)}
        {end < text.length && <span className="text-ink-faint"> …</span>}
        {text === '' && <span className="text-ink-faint">(an empty line)</span>}
      </p>
      {(cut || whole) && (
        <button
          type="button"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
          className="mt-1 text-sm text-accent hover:underline"
        >
          {whole
            ? 'Show less'
            : text.length >= SHOWN_CHARACTERS
              ? `Show the first ${plural(SHOWN_CHARACTERS, 'character')}`
              : 'Show the whole row'}
        </button>
      )}
    </div>
  );
}

type RawLines = { status: 'loading' | 'gone' | 'failed' } | { status: 'ready'; lines: ReadonlyMap<number, string> };

const WITHOUT_TEXT: Record<RawLines['status'], string> = {
  loading: 'Reading the row …',
  gone: 'The file was deleted, so its row can not be shown.',
  failed: 'The row could not be read from the file store. Load the page again.',
  ready: 'The row lies too far into the file to be read here. Download the file to look at it.',
};

function useRawLines(file: RawFile | null, errors: readonly DataError[], source: DataError['source']): RawLines {
  const wanted = errors.filter((error) => error.source === source && error.line > 0).map(({ line }) => line);
  const key = `${file?.id} ${wanted.join()}`;
  const [state, setState] = useState<{ key: string; raw: RawLines }>({ key: '', raw: { status: 'loading' } });
  // The address in `file` is signed anew with each answer; the bytes stay the same.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the file and its lines.
  useEffect(() => {
    const stopper = new AbortController();
    const settle = (raw: RawLines) => !stopper.signal.aborted && setState({ key, raw });
    if (!file?.content) settle({ status: 'gone' });
    else {
      readLines(file, wanted, stopper.signal).then(
        (lines) => settle({ status: 'ready', lines }),
        () => settle({ status: 'failed' }),
      );
    }
    return () => stopper.abort();
  }, [key]);
  return state.key === key ? state.raw : { status: 'loading' };
}
