import { formatDifference, formatScore, isJudged, type Metric } from '../../evaluation';
import { compareTexts, formatCount, type Piece } from '../../format';
import { EmptyState, MarkedText, Status, type Tone } from '../../ui';
import { metricOf } from './comparison-summary';
import type { ComparedExample, Comparison } from './documents';
import type { ComparisonPart } from './route';
import { NothingWritten, Prompt, TextBlock } from './text-block';

const OUTCOMES: Readonly<Record<ComparedExample['outcome'], { tone: Tone; word: string }>> = {
  WIN: { tone: 'ok', word: 'Improved' },
  LOSS: { tone: 'bad', word: 'Regressed' },
  TIE: { tone: 'neutral', word: 'As before' },
};
const NONE: Readonly<Record<ComparisonPart, { title: string; text: string }>> = {
  regressions: { title: 'No regressions', text: 'The candidate does at least as well on every example.' },
  improvements: { title: 'No improvements', text: 'The candidate does better on no example.' },
  ties: { title: 'No ties', text: 'Every example came out differently.' },
};

interface ComparedExamplesProps {
  comparison: Comparison;
  part: ComparisonPart | null;
}

export function ComparedExamples({ comparison, part }: ComparedExamplesProps) {
  const { nodes } = comparison.pairs;
  if (nodes.length === 0) {
    const { title, text } = part ? NONE[part] : { title: 'No examples', text: 'The suite had none.' };
    return <EmptyState title={title}>{text}</EmptyState>;
  }
  return (
    <ol className="flex flex-col gap-3">
      {nodes.map((pair) => (
        <Example key={pair.example} pair={pair} metric={metricOf(comparison)} />
      ))}
    </ol>
  );
}

function Example({ pair, metric }: { pair: ComparedExample; metric: Metric }) {
  const { example, outcome, prompt, expected, baselineOutput, candidateOutput } = pair;
  const { tone, word } = OUTCOMES[outcome];
  const [before, after] = compareTexts(baselineOutput ?? '', candidateOutput ?? '');
  return (
    <li className="flex flex-col gap-3 rounded-lg border border-line bg-surface px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-medium">Example {formatCount(example + 1)}</h3>
        <Status tone={tone}>{word}</Status>
        {!isJudged(metric) && <Losses pair={pair} metric={metric} />}
      </div>
      <Prompt text={prompt} />
      <TextBlock label="Expected">{expected}</TextBlock>
      {isJudged(metric) && (
        <div className="grid gap-3 md:grid-cols-2">
          <Answer side="Before" score={pair.baselineScore} output={baselineOutput} pieces={before} />
          <Answer side="After" score={pair.candidateScore} output={candidateOutput} pieces={after} />
        </div>
      )}
    </li>
  );
}

interface AnswerProps {
  side: 'Before' | 'After';
  score: number;
  output: string | null;
  pieces: readonly Piece[];
}

function Answer({ side, score, output, pieces }: AnswerProps) {
  return (
    <TextBlock label={`${side}: ${score > 0 ? 'right' : 'wrong'}`}>
      {output === '' ? <NothingWritten /> : <MarkedText pieces={pieces} />}
    </TextBlock>
  );
}

function Losses({ pair: { baselineScore, candidateScore }, metric }: { pair: ComparedExample; metric: Metric }) {
  return (
    <span className="text-sm text-ink-soft">
      {formatScore(metric, baselineScore)} before, {formatScore(metric, candidateScore)} after (
      {formatDifference(metric, candidateScore - baselineScore)})
    </span>
  );
}
