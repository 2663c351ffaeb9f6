import { readFile } from 'node:fs/promises';
import type { SuiteRow } from './documents/evaluations.js';
import { UsageError } from './failure.js';

interface Message {
  role: string;
  content: string;
}

/**
 * Rows of a suite from JSONL: `prompt` or `messages` with `expected`; lines of a training file work as they are, since the answer
 * they end in (or their `completion`) is what is expected.
 */
export async function readSuiteRows(path: string): Promise<SuiteRow[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  const rows = lines.flatMap((line, index) => (line.trim() === '' ? [] : [toRow(line, `${path}, line ${index + 1}`)]));
  if (rows.length === 0) throw new UsageError(`${path} has no rows`);
  return rows;
}

function toRow(line: string, place: string): SuiteRow {
  const row = parse(line, place);
  const { prompt, messages, expected, completion } = row;
  if (typeof prompt === 'string') {
    const answer = expected ?? completion;
    if (typeof answer === 'string') return { prompt, expected: answer };
  }
  if (Array.isArray(messages) && messages.every(isMessage)) {
    const chat = messages.map(({ role, content }) => ({ role, content }));
    if (typeof expected === 'string') return { messages: chat, expected };
    const last = chat.at(-1);
    if (last?.role === 'assistant' && chat.length > 1) return { messages: chat.slice(0, -1), expected: last.content };
  }
  throw new UsageError(
    `${place}: give prompt or messages, and expected: {"prompt": "...", "expected": "..."} or a chat that ends in an answer`,
  );
}

function parse(line: string, place: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (error) {
    throw new UsageError(`${place} is not JSON: ${(error as Error).message}`);
  }
  throw new UsageError(`${place} is not a JSON object`);
}

function isMessage(value: unknown): value is Message {
  const { role, content } = (value ?? {}) as Partial<Message>;
  return typeof role === 'string' && typeof content === 'string';
}
