import { pollUntil, RefusedError } from '#libs/client';
import { type Commands, decimal, integer } from '../commands.js';
import type { Context } from '../context.js';
import {
  type DataError,
  PREPARATION_ERRORS,
  PREPARATION_PREVIEW,
  PREPARATION_STATUS,
  PREPARE,
  type Preparation,
  type PreparationReport,
  type PreparationRequest,
  type PreviewRow,
} from '../documents/datasets.js';
import { collect } from '../documents/shared.js';
import { formatConstant, formatInteger, formatShare, toConstant } from '../output/format.js';
import { fields, table } from '../output/table.js';
import type { Style } from '../terminal.js';

export interface PolicyOptions {
  overLong?: string;
  maxTokens?: number;
  validationFraction?: number;
}

interface ValidateOptions extends PolicyOptions {
  for: string;
  validationFile?: string;
  seed?: number;
  errors: number;
  preview: number;
}

const PREPARED_WITHIN_SECONDS = 3_600;
const USUAL_ERRORS = 100;
const USUAL_PREVIEW = 2;

export function addValidateCommand(commands: Commands): void {
  commands.act<ValidateOptions>(
    'validate <file>',
    "Read a file with a checkpoint's own tokenizer and template: rows, tokens, every error and how to fix it",
    validate,
    (command) =>
      policyOptions(command.requiredOption('--for <checkpoint>', 'name or id of what you want to fine-tune'))
        .option('--validation-file <file id>', 'a file to measure on, read along with it')
        .option('--seed <number>', 'chooses the rows of the validation split', integer(0))
        .option('--errors <count>', 'show at most so many errors', integer(0, 1_000), USUAL_ERRORS)
        .option('--preview <rows>', 'show so many rows as the model sees them', integer(0, 100), USUAL_PREVIEW),
  );
}

export const policyOptions: NonNullable<Parameters<Commands['read']>[3]> = (command) =>
  command
    .option('--over-long <policy>', 'rows longer than --max-tokens: reject, drop or truncate')
    .option('--max-tokens <count>', "longest row; the checkpoint's context if left out", integer(2))
    .option('--validation-fraction <share>', 'share of the rows kept for validation, 0 to 0.5', decimal);

export function policyOf({ overLong, maxTokens, validationFraction }: PolicyOptions) {
  return { overLong: overLong && toConstant(overLong), maxTokens, validationFraction };
}

async function validate(context: Context, options: ValidateOptions, versionId: string): Promise<void> {
  const { client, out } = context;
  const preparation = await prepare(context, {
    versionId,
    validationVersionId: options.validationFile,
    checkpoint: options.for,
    policy: { ...policyOf(options), seed: options.seed },
  });
  const { id } = preparation;
  const errors =
    options.errors === 0
      ? []
      : await collect(async (page) => {
          const { node } = await client.run(PREPARATION_ERRORS, { ...page, id });
          return node!.errors;
        }, options.errors);
  const preview = options.preview === 0 ? [] : (await client.run(PREPARATION_PREVIEW, { id })).node!.preview;
  const shown = preview.slice(0, options.preview);
  out.result({ ...preparation, errors, preview: shown }, () => {
    const parts = [presentReport(preparation, out.style), presentErrors(errors, preparation, out.style)];
    return [...parts, presentPreview(shown, out.style)].filter(Boolean).join('\n\n');
  });
  if (preparation.status === 'READY') return;
  const { code, message } = preparation.failure ?? {
    code: 'FILE_INVALID',
    message: `${preparation.report?.errorCount ?? 0} errors: mend the lines above and upload the file again.`,
  };
  throw new RefusedError(code, message);
}

/** Has a file prepared, and waits for it. */
export async function prepare(context: Context, request: PreparationRequest): Promise<Preparation> {
  const { client, out } = context;
  const { preparation } = await context.act(PREPARE, request);
  out.status('reading the file with the tokenizer of the checkpoint');
  const read = async () => {
    const { node } = await client.run(PREPARATION_STATUS, { id: preparation.id });
    if (!node?.status)
      throw new RefusedError('PREPARATION_NOT_FOUND', `There is no preparation ${preparation.id} any more.`);
    return node;
  };
  const ended = await pollUntil(read, {
    until: ({ status }) => status !== 'PENDING',
    what: 'the validation of the file',
    withinSeconds: PREPARED_WITHIN_SECONDS,
    everyMilliseconds: 500,
  });
  out.clearStatus();
  return ended;
}

function presentReport({ status, version, checkpoint, policy, report, id }: Preparation, style: Style): string {
  const verdict = status === 'READY' ? style.green('valid') : style.red(formatConstant(status));
  const head: Array<[string, string]> = [
    ['File', `${version?.filename ?? ''} for ${checkpoint?.name ?? ''}: ${verdict}`],
    ['Preparation', id],
    ['Policy', policyLine(policy)],
  ];
  return fields([...head, ...(report ? reportFields(report) : [])], style);
}

function policyLine({ overLong, maxTokens, validationFraction, seed }: Preparation['policy']): string {
  const split = validationFraction > 0 ? `, ${formatShare(validationFraction)} for validation (seed ${seed})` : '';
  return `rows over ${formatInteger(maxTokens)} tokens: ${formatConstant(overLong)}${split}`;
}

function reportFields({ format, rows, tokens, errorCount, errorCounts, lengths, overLongCount }: PreparationReport) {
  const counted = (what: string, count: number) => (count > 0 ? `, ${formatInteger(count)} ${what}` : '');
  const counts = [
    counted('to train on', rows.train),
    counted('for validation', rows.validation),
    counted('invalid', rows.invalid),
    counted('dropped', rows.dropped),
    counted('truncated', rows.truncated),
    counted('blank', rows.blankLines),
  ].join('');
  const trained = `${formatInteger(tokens.train)} to read, ${formatInteger(tokens.trainTrained)} of them trained on`;
  const validation =
    rows.validation > 0
      ? `; validation ${formatInteger(tokens.validation)}, ${formatInteger(tokens.validationTrained)} scored`
      : '';
  return [
    ['Format', format ?? ''],
    ['Rows', `${formatInteger(rows.read)} read${counts}`],
    ['Tokens', `${trained}${validation}`],
    ['Longest row', `${formatInteger(tokens.longestRow)} tokens`],
    ['Over-long', overLongCount > 0 ? `${formatInteger(overLongCount)} rows` : ''],
    ['Lengths', lengths.map(({ upToTokens, rows: count }) => `≤${upToTokens}: ${formatInteger(count)}`).join('  ')],
    [
      'Errors',
      errorCount > 0 ? errorCounts.map(({ code, count }) => `${formatInteger(count)} ${code}`).join(', ') : 'none',
    ],
  ] as Array<[string, string]>;
}

function presentErrors(errors: readonly DataError[], { report }: Preparation, style: Style): string {
  if (errors.length === 0) return '';
  const rows = table(
    errors,
    [
      { title: 'FILE', value: ({ source }) => (source === 'VALIDATION' ? 'validation' : '') },
      { title: 'LINE', value: ({ line }) => String(line), align: 'right' },
      { title: 'WHERE', value: ({ pointer }) => pointer || '/' },
      { title: 'CODE', value: ({ code }) => style.red(code) },
      { title: 'WHAT TO DO', value: ({ message, fix }) => `${message} ${fix}` },
    ],
    style,
  );
  const hidden = (report?.errorCount ?? 0) - errors.length;
  return hidden > 0 ? `${rows}\n${style.dim(`... and ${formatInteger(hidden)} more: --errors <count>`)}` : rows;
}

/** Rows as the model sees them: what it learns is in colour, or in ⟦ ⟧ where there is none. */
export function presentPreview(rows: readonly PreviewRow[], style: Style): string {
  if (rows.length === 0) return '';
  const coloured = style.green('x') !== 'x';
  const learned = (text: string) => (coloured ? style.green(text) : `⟦${text}⟧`);
  const legend = `Preview: ${learned('what the model learns')}, ${style.dim('what it only reads')}`;
  const drawn = rows.map(({ line, tokens, trainedTokens, split, truncated, pieces }) => {
    const facts = [
      `line ${line}`,
      `${trainedTokens} of ${tokens} tokens trained on`,
      split === 'VALIDATION' ? 'validation' : '',
      truncated ? 'truncated' : '',
    ].filter(Boolean);
    const text = runsOf(pieces).map((run) => (run.trained ? learned(run.text) : style.dim(run.text)));
    return `${style.bold(facts.join(', '))}\n${text.join('')}`;
  });
  return [legend, ...drawn].join('\n');
}

/** Neighbours that are alike, as one. */
function runsOf(pieces: PreviewRow['pieces']): Array<{ text: string; trained: boolean }> {
  const runs: Array<{ text: string; trained: boolean }> = [];
  for (const { text, trained } of pieces) {
    const last = runs.at(-1);
    if (last?.trained === trained) last.text += text;
    else runs.push({ text, trained });
  }
  return runs;
}
