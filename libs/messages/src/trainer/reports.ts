import { z } from 'zod';
import { Sha256, TRAINER_SCHEMA_VERSION } from './files.js';
import { EvaluationMetric, PreparationPolicy } from './job-spec.js';

// --- preparation: output/report.json, output/preview.json ----------------------------------------------------------

export const DATA_ERROR_CODES = [
  'content_not_text',
  'duplicate_key',
  'empty_content',
  'empty_messages',
  'gzip_corrupt',
  'invalid_json',
  'invalid_role',
  'invalid_unicode',
  'invalid_utf8',
  'invalid_weight',
  'last_message_not_assistant',
  'line_too_long',
  'missing_field',
  'mixed_format',
  'no_rows',
  'no_template',
  'not_an_object',
  'nothing_to_train',
  'over_long',
  'special_token_in_content',
  'template_refused',
  'too_large',
  'tools_unsupported',
  'unknown_field',
  'unknown_format',
  'weight_not_allowed',
  'wrong_type',
] as const;

export const DataErrorCode = z.enum(DATA_ERROR_CODES).meta({ id: 'DataErrorCode' });
export type DataErrorCode = z.infer<typeof DataErrorCode>;

export const DataError = z
  .strictObject({
    source: z.enum(['dataset', 'validation']).meta({ id: 'DataSource' }),
    line: z.int().min(0).meta({ description: 'From 1; 0 when the whole file is meant' }),
    pointer: z.string().meta({ description: 'JSON Pointer (RFC 6901) into the line; empty for the whole line' }),
    code: DataErrorCode,
    message: z.string().meta({ description: 'What is wrong' }),
    fix: z.string().meta({ description: 'What to do about it' }),
  })
  .meta({ id: 'DataError' });
export type DataError = z.infer<typeof DataError>;

/** Errors kept in report.json; beyond it they are counted, not kept. The report event carries far fewer. */
export const MAX_ERRORS_KEPT = 1000;
export const MAX_ERRORS_IN_EVENT = 20;
export const MAX_LINES_KEPT = 1000;
export const MAX_PREVIEW_ROWS = 20;
export const MAX_PREVIEW_TOKENS = 1024;

const count = z.int().min(0);

export const RowCounts = z
  .strictObject({
    read: count.meta({ description: 'Rows in the files, blank lines left out' }),
    blank_lines: count,
    invalid: count.meta({ description: 'Rows with at least one error' }),
    dropped: count.meta({ description: 'Over-long rows left out by the policy' }),
    truncated: count.meta({ description: 'Over-long rows cut by the policy' }),
    train: count,
    validation: count,
  })
  .meta({ id: 'RowCounts' });

export const TokenCounts = z
  .strictObject({
    train: count.meta({
      description: 'Tokens of one epoch, template included: what training reads and what is billed',
    }),
    train_trained: count.meta({ description: 'Of these, tokens the loss is taken on' }),
    validation: count,
    validation_trained: count,
    longest_row: count.meta({ description: 'Longest row before the policy was applied' }),
    removed: count.meta({ description: 'Tokens that dropping and truncation took away' }),
  })
  .meta({ id: 'TokenCounts' });

export const LengthBin = z
  .strictObject({ up_to_tokens: z.int().min(1), rows: count })
  .meta({ id: 'LengthBin', description: 'Rows longer than the bin before and not over up_to_tokens' });

export const DataFormat = z.enum(['openai_chat', 'prompt_completion']).meta({ id: 'DataFormat' });
export type DataFormat = z.infer<typeof DataFormat>;

export const PreparationReport = z
  .strictObject({
    schema_version: z.literal(TRAINER_SCHEMA_VERSION),
    type: z.literal('preparation'),
    outcome: z.enum(['ready', 'invalid']).meta({ id: 'PreparationOutcome' }),
    format: DataFormat.optional().meta({ description: 'Absent if no row told' }),
    policy: PreparationPolicy,
    tokenizer_sha256: Sha256,
    template_sha256: Sha256.optional(),
    rows: RowCounts,
    tokens: TokenCounts,
    errors: z.strictObject({
      total: count,
      by_code: z.partialRecord(DataErrorCode, count),
      kept: z.array(DataError).max(MAX_ERRORS_KEPT).meta({ description: 'In order of source and line' }),
    }),
    over_long: z.strictObject({
      total: count,
      lines: z.array(z.int()).max(MAX_LINES_KEPT).meta({ description: 'Lines of the dataset, first ones' }),
      validation_lines: z.array(z.int()).max(MAX_LINES_KEPT),
    }),
    lengths: z.array(LengthBin),
  })
  .meta({ id: 'PreparationReport' });
export type PreparationReport = z.infer<typeof PreparationReport>;

export const PreviewPiece = z
  .strictObject({
    text: z.string().meta({ description: 'Readable text of the tokens' }),
    token_ids: z.array(z.int()).meta({ description: 'More than one where a character needs them all' }),
    trained: z.boolean().meta({ description: 'The loss is taken on these tokens' }),
    special: z.boolean().meta({ description: 'A control token that the template wrote' }),
  })
  .meta({ id: 'PreviewPiece' });

export const PreviewRow = z
  .strictObject({
    line: z.int().min(1),
    split: z.enum(['train', 'validation']),
    tokens: count,
    trained_tokens: count,
    truncated: z.boolean(),
    pieces: z.array(PreviewPiece).meta({ description: 'The first MAX_PREVIEW_TOKENS tokens' }),
  })
  .meta({ id: 'PreviewRow' });

export const PreparationPreview = z
  .strictObject({ schema_version: z.literal(TRAINER_SCHEMA_VERSION), rows: z.array(PreviewRow) })
  .meta({ id: 'PreparationPreview' });
export type PreparationPreview = z.infer<typeof PreparationPreview>;

// --- training: output/training.json -----------------------------------------------------------------------------

export const TrainingReport = z
  .strictObject({
    schema_version: z.literal(TRAINER_SCHEMA_VERSION),
    type: z.literal('training'),
    steps: count,
    epochs: z.number().min(0),
    tokens: count.meta({ description: 'Tokens read over all steps of the job, padding left out' }),
    trained_tokens: count,
    resumed_from_step: z.int().min(1).optional().meta({ description: 'Absent: this attempt began at step 0' }),
    train_loss: z.number().meta({ description: 'Loss of the last step' }),
    valid_loss: z.number().optional(),
    seconds: z.number().min(0).meta({ description: 'Training loop of this attempt' }),
    trainable_parameters: count,
    target_modules: z.array(z.string()).meta({ description: 'As resolved on this architecture' }),
  })
  .meta({ id: 'TrainingReport' });
export type TrainingReport = z.infer<typeof TrainingReport>;

// --- evaluation: output/results.jsonl, output/summary.json ----------------------------------------------------------

const ChatMessage = z
  .strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().min(1) })
  .meta({ id: 'ChatMessage' });

export const ChatSuiteRow = z
  .strictObject({ messages: z.array(ChatMessage).min(1), expected: z.string().min(1) })
  .meta({ id: 'ChatSuiteRow', description: 'A chat up to the answer, and the expected answer' });

export const PromptSuiteRow = z
  .strictObject({ prompt: z.string().min(1), expected: z.string().min(1) })
  .meta({ id: 'PromptSuiteRow', description: 'A plain prompt, and the expected continuation' });

export const SuiteRow = z.union([ChatSuiteRow, PromptSuiteRow]).meta({ id: 'SuiteRow' });
export type SuiteRow = z.infer<typeof SuiteRow>;

export const EvaluationResult = z
  .strictObject({
    index: count.meta({ description: 'Row of the suite, from 0' }),
    prompt: z.string().meta({ description: 'The text the model was given, template included' }),
    expected: z.string(),
    output: z.string().optional().meta({ description: 'Greedy answer; absent for the metric loss' }),
    score: z.number(),
    loss: z.number().meta({ description: 'Mean negative log-likelihood per token of expected and its end token' }),
    expected_tokens: count,
    output_tokens: count,
    cut: z.boolean().meta({ description: 'The answer reached max_new_tokens without an end token' }),
  })
  .meta({ id: 'EvaluationResult' });
export type EvaluationResult = z.infer<typeof EvaluationResult>;

export const EvaluationSummary = z
  .strictObject({
    schema_version: z.literal(TRAINER_SCHEMA_VERSION),
    type: z.literal('evaluation'),
    metric: EvaluationMetric,
    n: z.int().min(1),
    score: z.number().meta({ description: 'Mean of the scores; for loss the mean over tokens, lower is better' }),
    standard_error: z.number().min(0),
    mean_loss: z.number().min(0).meta({ description: 'Per expected token, over all examples' }),
    prompt_tokens: count,
    output_tokens: count,
    cut: count,
    seconds: z.number().min(0),
  })
  .meta({ id: 'EvaluationSummary' });
export type EvaluationSummary = z.infer<typeof EvaluationSummary>;

export const TrainerReport = z
  .discriminatedUnion('type', [PreparationReport, TrainingReport, EvaluationSummary])
  .meta({ id: 'TrainerReport', discriminator: { propertyName: 'type' } });
export type TrainerReport = z.infer<typeof TrainerReport>;
