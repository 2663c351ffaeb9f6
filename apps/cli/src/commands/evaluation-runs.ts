import { RefusedError } from '#libs/client';
import { type Commands, decimal, integer } from '../commands.js';
import type { Context } from '../context.js';
import {
  COMPARE,
  type ComparedExample,
  type Comparison,
  RUN_RESULTS,
  type Run,
  type RunResult,
  SHOW_RUN,
} from '../documents/evaluations.js';
import { collect } from '../documents/shared.js';
import {
  formatConstant,
  formatInteger,
  formatNumber,
  formatSeconds,
  formatShare,
  toConstant,
} from '../output/format.js';
import { fields, shorten, table } from '../output/table.js';
import type { Style } from '../terminal.js';

interface ResultOptions {
  scoreAtMost?: number;
  limit: number;
  full?: boolean;
}

interface CompareOptions {
  outcome?: string;
  limit: number;
}

const CELL = 48;
/** Beside the cells there are the short columns of a table. */
const OTHER_COLUMNS = 30;

export function addEvaluationResultCommands(group: Commands): void {
  group
    .read<ResultOptions>('results <run>', 'Show the answers of a run and their scores', showResults, (command) =>
      command
        .option('--score-at-most <score>', 'only answers that score no more, such as 0 for the failed', decimal)
        .option('--limit <count>', 'at most so many', integer(1, 10_000), 20)
        .option('--full', 'whole texts instead of a table'),
    )
    .read<CompareOptions>(
      'compare <baseline> <candidate>',
      'Compare two runs of one suite, example by example: the candidate against the baseline',
      compare,
      (command) =>
        command
          .option('--outcome <outcome>', 'only wins, losses or ties of the candidate: win, loss, tie')
          .option('--limit <count>', 'at most so many examples', integer(0, 10_000), 10),
    );
}

export function presentRuns(runs: readonly Run[], style: Style): string {
  return table(
    runs,
    [
      { title: 'RUN', value: ({ id }) => id },
      { title: 'SUITE', value: ({ suite }) => suite?.name ?? '' },
      { title: 'CHECKPOINT', value: ({ checkpointName }) => checkpointName },
      { title: 'STATUS', value: ({ status, failure }) => (failure ? style.red(failure.code) : formatConstant(status)) },
      { title: 'SCORE', value: ({ score }) => (score ? style.bold(scoreOf(score)) : ''), align: 'right' },
      { title: 'EXAMPLES', value: ({ score }) => formatInteger(score?.examples), align: 'right' },
      { title: 'TIME', value: ({ score }) => formatSeconds(score?.seconds), align: 'right' },
      { title: 'COST', value: ({ cost }) => cost?.display ?? '', align: 'right' },
    ],
    style,
  );
}

function scoreOf({ metric, score, standardError }: NonNullable<Run['score']>): string {
  if (metric === 'LOSS') return `${formatNumber(score)} ± ${formatNumber(standardError, 2)}`;
  return `${formatShare(score)} ± ${formatShare(standardError)}`;
}

async function showResults(context: Context, options: ResultOptions, id: string): Promise<void> {
  const { client, out } = context;
  const run = (await client.run(SHOW_RUN, { id })).node;
  if (!run?.status) throw runNotFound(id);
  const { scoreAtMost } = options;
  const results = await collect(
    async (page) => (await client.run(RUN_RESULTS, { ...page, id, scoreAtMost })).node!.results,
    options.limit,
  );
  out.result({ ...run, results }, () => {
    const shown = options.full ? wholeAnswers(results, out.style) : answerTable(results, out.columns, out.style);
    return `${presentRuns([run], out.style)}\n\n${results.length === 0 ? 'No answers of this description.' : shown}`;
  });
}

function answerTable(results: readonly RunResult[], columns: number, style: Style): string {
  const cell = Math.max(Math.floor((columns - OTHER_COLUMNS) / 3), 16);
  return table(
    results,
    [
      { title: '#', value: ({ example }) => String(example), align: 'right' },
      { title: 'SCORE', value: ({ score }) => paintedScore(score, style), align: 'right' },
      { title: 'LOSS', value: ({ loss }) => formatNumber(loss, 3), align: 'right' },
      { title: 'PROMPT', value: ({ prompt }) => oneLine(prompt, cell) },
      { title: 'EXPECTED', value: ({ expected }) => oneLine(expected, cell) },
      { title: 'ANSWER', value: ({ output, cut }) => oneLine(`${output ?? ''}${cut ? ' (cut)' : ''}`, cell) },
    ],
    style,
  );
}

function wholeAnswers(results: readonly RunResult[], style: Style): string {
  return results
    .map(({ example, score, prompt, expected, output, cut }) =>
      fields(
        [
          ['Example', `${example}: ${paintedScore(score, style)}`],
          ['Prompt', prompt],
          ['Expected', expected],
          ['Answer', output && `${output}${cut ? ' (cut)' : ''}`],
        ],
        style,
      ),
    )
    .join('\n\n');
}

async function compare(
  context: Context,
  { outcome, limit }: CompareOptions,
  baselineId: string,
  candidateId: string,
): Promise<void> {
  const { client, out } = context;
  const runs = { baselineId, candidateId, outcome: outcome && toConstant(outcome) };
  const ask = async (page: { first: number }) =>
    (await client.run(COMPARE, { ...page, ...runs })).compareEvaluationRuns;
  const { pairs: _, ...comparison } = await ask({ first: 1 });
  const pairs = limit === 0 ? [] : await collect(async (page) => (await ask(page)).pairs, limit);
  out.result({ ...comparison, pairs }, () => {
    const summary = presentComparison(comparison, out.style);
    return pairs.length === 0 ? summary : `${summary}\n\n${pairTable(pairs, out.style)}`;
  });
}

function presentComparison(comparison: Comparison, style: Style): string {
  const { baseline, candidate, examples, wins, losses, ties, meanDifference, standardError, signTestP } = comparison;
  const isShare = baseline?.score?.metric !== 'LOSS';
  const format = (value: number) => (isShare ? formatShare(value) : formatNumber(value));
  const side = (run: Run | null) => run && `${run.checkpointName}: ${run.score ? scoreOf(run.score) : ''}`;
  return fields(
    [
      ['Baseline', side(baseline)],
      ['Candidate', side(candidate)],
      ['Difference', `${style.bold(format(meanDifference))} ± ${format(standardError)}`],
      ['Examples', `${examples}: ${style.green(`${wins} won`)}, ${style.red(`${losses} lost`)}, ${ties} tied`],
      ['Sign test', `p = ${formatNumber(signTestP, 2)}`],
    ],
    style,
  );
}

function pairTable(pairs: readonly ComparedExample[], style: Style): string {
  const paints = { WIN: style.green, LOSS: style.red, TIE: style.dim };
  return table(
    pairs,
    [
      { title: '#', value: ({ example }) => String(example), align: 'right' },
      { title: 'OUTCOME', value: ({ outcome }) => paints[outcome](formatConstant(outcome)) },
      { title: 'BEFORE', value: ({ baselineScore }) => formatNumber(baselineScore, 3), align: 'right' },
      { title: 'AFTER', value: ({ candidateScore }) => formatNumber(candidateScore, 3), align: 'right' },
      { title: 'PROMPT', value: ({ prompt }) => oneLine(prompt, CELL) },
      { title: 'EXPECTED', value: ({ expected }) => oneLine(expected, CELL) },
      { title: 'ANSWER AFTER', value: ({ candidateOutput }) => oneLine(candidateOutput ?? '', CELL) },
    ],
    style,
  );
}

function paintedScore(score: number, style: Style): string {
  return (score >= 1 ? style.green : score <= 0 ? style.red : (text: string) => text)(formatNumber(score, 3));
}

function oneLine(text: string, length: number): string {
  return shorten(text.replaceAll(/\s+/g, ' ').trim(), length);
}

function runNotFound(id: string): RefusedError {
  return new RefusedError('RUN_NOT_FOUND', `There is no run ${id} that you may see: see forkpoint evaluate runs.`);
}
