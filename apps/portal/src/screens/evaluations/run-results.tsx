import { useNavigate } from '@tanstack/react-router';
import { useRequest } from '../../api';
import { formatScore, isJudged, type Metric } from '../../evaluation';
import { compareTexts, formatCount, formatMeasure } from '../../format';
import { Badge, EmptyState, Loaded, MarkedText, Pagination, Section, Status, Switch, usePage } from '../../ui';
import { EvaluationResults, type Result, type Run } from './documents';
import { evaluationRoute } from './route';
import { NothingWritten, Prompt, TextBlock } from './text-block';

const PAGE_ROWS = 20;
/** What is judged is right or wrong: 1 or 0. */
const WRONG = 0;

/** Every example of a run that succeeded: what was asked, expected and answered. */
export function RunResults({ run }: { run: Run }) {
  const { wrong } = evaluationRoute.useSearch();
  const navigate = useNavigate();
  const metric = run.score?.metric ?? 'EXACT_MATCH';
  const onlyWrong = isJudged(metric) && wrong === true;
  const { page, next, previous } = usePage(PAGE_ROWS, String(onlyWrong));
  const request = useRequest(EvaluationResults, { ...page, id: run.id, scoreAtMost: onlyWrong ? WRONG : null });
  const filter = (checked: boolean) =>
    void navigate({
      to: '.',
      search: ((old: object) => ({ ...old, wrong: checked || undefined })) as never,
      replace: true,
      resetScroll: false,
    });
  return (
    <Section
      title="Answers"
      description={
        isJudged(metric)
          ? 'Marked and underlined is what only one of the two has: what was expected, or what was answered.'
          : 'The loss says how surprising each expected answer is to the model; nothing is written.'
      }
      actions={isJudged(metric) && <Switch label="Only what went wrong" checked={onlyWrong} onChange={filter} />}
    >
      <Loaded request={request}>
        {({ node }) => {
          if (!node || !('results' in node)) return null;
          const { nodes, pageInfo } = node.results;
          if (nodes.length === 0) return <NoResults onlyWrong={onlyWrong} />;
          return (
            <>
              <ol className="flex flex-col gap-3">
                {nodes.map((result) => (
                  <Example key={result.example} result={result} metric={metric} />
                ))}
              </ol>
              <Pagination of="answers" info={pageInfo} onNext={next} onPrevious={previous} />
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

function NoResults({ onlyWrong }: { onlyWrong: boolean }) {
  return onlyWrong ? (
    <EmptyState title="Nothing went wrong">Every answer is what was expected.</EmptyState>
  ) : (
    <EmptyState title="No answers">The suite had no examples.</EmptyState>
  );
}

function Example({ result, metric }: { result: Result; metric: Metric }) {
  const { example, prompt, expected, output, score, loss, cut } = result;
  const [wanted, given] = compareTexts(expected, output ?? expected);
  return (
    <li className="flex flex-col gap-3 rounded-lg border border-line bg-surface px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-medium">Example {formatCount(example + 1)}</h3>
        {isJudged(metric) ? (
          <Status tone={score > WRONG ? 'ok' : 'bad'}>{score > WRONG ? 'Right' : 'Wrong'}</Status>
        ) : (
          <Badge>{formatScore(metric, score)}</Badge>
        )}
        {cut && <Badge tone="warn">cut at the longest answer</Badge>}
        {isJudged(metric) && (
          <span className="text-sm text-ink-faint">loss of what is expected {formatMeasure(loss)} nats per token</span>
        )}
      </div>
      <Prompt text={prompt} />
      <div className="grid gap-3 md:grid-cols-2">
        <TextBlock label="Expected">
          <MarkedText pieces={wanted} />
        </TextBlock>
        {output !== null && (
          <TextBlock label="Answer">{output === '' ? <NothingWritten /> : <MarkedText pieces={given} />}</TextBlock>
        )}
      </div>
    </li>
  );
}
