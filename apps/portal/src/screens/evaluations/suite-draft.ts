import type { VariablesOf } from '../../api';
import { z } from '../../api/schema';
import type { CreateEvaluationSuite } from './documents';
import { readSuiteLines } from './suite-lines';
import type { SuiteRowInput } from './suite-row';

type SuiteInput = Omit<VariablesOf<typeof CreateEvaluationSuite>['input'], 'idempotencyKey'>;

export const PARTS = {
  ALL: 'All of it',
  VALIDATION: 'What was set apart from training',
  TRAIN: 'What was trained on',
} as const;

const LONGEST_ANSWER = 4_096;
const MOST_FILE_ROWS = 10_000;

/** What the form holds: the parts that its choices make pointless are not looked at. */
export const SuiteDraft = z
  .object({
    name: z.string().trim().min(1, 'Give it a name: suites are told apart by it.').max(200, 'At most 200 characters.'),
    description: z.string().max(2_000, 'At most 2,000 characters.'),
    metric: z.enum(['EXACT_MATCH', 'CONTAINS', 'LOSS']),
    maxNewTokens: z.string(),
    from: z.enum(['lines', 'file']),
    lines: z.string(),
    versionId: z.string(),
    part: z.enum(['ALL', 'VALIDATION', 'TRAIN']),
    percent: z.string(),
    seed: z.string(),
    rowLimit: z.string(),
  })
  .superRefine((draft, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (!isWhole(draft.maxNewTokens, 1, LONGEST_ANSWER)) {
      refuse('maxNewTokens', `A whole number from 1 to ${LONGEST_ANSWER}.`);
    }
    if (draft.from === 'lines') {
      const { rows, problem } = readSuiteLines(draft.lines);
      if (problem) refuse('lines', `Line ${problem.line}: ${problem.message}`);
      else if (rows.length === 0) refuse('lines', 'Paste at least one row.');
      return;
    }
    if (!draft.versionId) refuse('versionId', 'Choose a file.');
    if (draft.rowLimit !== '' && !isWhole(draft.rowLimit, 1, MOST_FILE_ROWS)) {
      refuse('rowLimit', `A whole number from 1 to ${MOST_FILE_ROWS}, or nothing.`);
    }
    if (draft.part === 'ALL') return;
    const percent = Number(draft.percent);
    if (!(percent > 0 && percent <= 50)) refuse('percent', 'Above 0 and up to 50.');
    if (!isWhole(draft.seed, 0, Number.MAX_SAFE_INTEGER)) refuse('seed', 'A whole number, 0 or more.');
  });
export type SuiteDraft = z.infer<typeof SuiteDraft>;

export const EMPTY_DRAFT: SuiteDraft = {
  name: '',
  description: '',
  metric: 'EXACT_MATCH',
  maxNewTokens: '64',
  from: 'lines',
  lines: '',
  versionId: '',
  part: 'ALL',
  percent: '10',
  seed: '0',
  rowLimit: '',
};

/** A draft that is complete, as the api takes it. */
export function toSuiteInput(projectId: string, draft: SuiteDraft): SuiteInput {
  const { name, description, metric, maxNewTokens } = draft;
  return { projectId, name, description, metric, maxNewTokens: Number(maxNewTokens), ...sourceOf(draft) };
}

function sourceOf(draft: SuiteDraft): { rows: SuiteRowInput[] } | Pick<SuiteInput, 'dataset'> {
  if (draft.from === 'lines') return { rows: readSuiteLines(draft.lines).rows };
  const { versionId, part, percent, seed, rowLimit } = draft;
  return {
    dataset: {
      versionId,
      ...(rowLimit === '' ? {} : { rowLimit: Number(rowLimit) }),
      ...(part === 'ALL' ? {} : { split: { part, fraction: Number(percent) / 100, seed: Number(seed) } }),
    },
  };
}

function isWhole(text: string, least: number, most: number): boolean {
  const value = Number(text);
  return text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most;
}
