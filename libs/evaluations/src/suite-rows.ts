import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SuiteRow } from '#libs/messages';
import { EVALUATION_ERRORS } from './evaluations.errors.js';
import type { SuiteSplit } from './suite.js';

/** A row of training data: the last answer is what is expected. Weights and tools say nothing about an evaluation. */
const ChatLine = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })).min(2),
});
const CompletionLine = z.object({ prompt: z.string(), completion: z.string() });

/**
 * The suite row that a line of a dataset stands for. Lines are suite rows already, chats that end in an answer, or prompts
 * with their completion. `line` counts from 1.
 */
export function toSuiteRow(parsed: unknown, line: number): SuiteRow {
  const row = SuiteRow.safeParse(fromTraining(parsed, line) ?? parsed);
  if (row.success) return row.data;
  const problem = 'it needs `messages` or `prompt`, and `expected`, all of them text that is not empty.';
  throw EVALUATION_ERRORS.SUITE_ROW_INVALID({ line, problem });
}

function fromTraining(parsed: unknown, line: number): object | null {
  const expects = parsed !== null && typeof parsed === 'object' && 'expected' in parsed;
  if (expects) return null;
  const completion = CompletionLine.safeParse(parsed);
  if (completion.success) return { prompt: completion.data.prompt, expected: completion.data.completion };
  const chat = ChatLine.safeParse(parsed);
  if (!chat.success) return null;
  const messages = chat.data.messages.slice(0, -1);
  const last = chat.data.messages.at(-1)!;
  if (last.role !== 'assistant') {
    const problem = 'the last message is not the assistant’s: end the chat with the expected answer.';
    throw EVALUATION_ERRORS.SUITE_ROW_INVALID({ line, problem });
  }
  return { messages, expected: last.content };
}

export function parseLine(text: string, line: number): SuiteRow {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw EVALUATION_ERRORS.SUITE_ROW_INVALID({ line, problem: 'it is no JSON: write one object per line.' });
  }
  return toSuiteRow(parsed, line);
}

/**
 * The side on which preparation puts a line, by seed and line number alone: the same rule as `_split` of the trainer
 * (forkpoint_trainer/prepare/job.py), so that what is measured on is what was not trained on.
 */
export function isOnSide(line: number, { part, fraction, seed }: SuiteSplit): boolean {
  const digest = createHash('sha256').update(`${seed}/${line}`).digest();
  const share = Number(digest.readBigUInt64BE(0)) / 2 ** 64;
  return part === (share < fraction ? 'validation' : 'train');
}
