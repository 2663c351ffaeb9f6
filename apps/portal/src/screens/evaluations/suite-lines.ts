import { z } from '../../api/schema';
import type { SuiteRowInput } from './suite-row';

export const MOST_ROWS = 1_000;

export interface SuiteLines {
  rows: SuiteRowInput[];
  /** What the first line that is no row lacks. */
  problem: { line: number; message: string } | null;
}

const filled = z.string().min(1);
const Message = z.object({ role: z.enum(['system', 'user', 'assistant']), content: filled });
const ChatRow = z.object({ messages: z.array(Message).min(1), expected: filled });
const PromptRow = z.object({ prompt: filled, expected: filled });
const CompletionRow = z.object({ prompt: filled, completion: filled });
const Chat = z.object({ messages: z.array(Message).min(2) });

const SHAPES = 'write {"prompt": "…", "expected": "…"}, or messages in place of the prompt';

/** The rows that JSON lines stand for: suite rows, or lines of training data, whose last answer is what is expected. */
export function readSuiteLines(text: string): SuiteLines {
  const rows: SuiteRowInput[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = readLine(line);
    if (typeof row === 'string') return { rows, problem: { line: index + 1, message: row } };
    if (rows.length === MOST_ROWS) {
      const message = `more than ${MOST_ROWS} rows: upload them as a dataset, and take them from there.`;
      return { rows, problem: { line: index + 1, message } };
    }
    rows.push(row);
  }
  return { rows, problem: null };
}

/** The row, or what is wrong with the line. */
function readLine(line: string): SuiteRowInput | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return `it is no JSON: ${SHAPES}, one object a line.`;
  }
  const row = ChatRow.or(PromptRow).safeParse(parsed);
  if (row.success) return row.data;
  if (typeof parsed === 'object' && parsed !== null && 'expected' in parsed) return `${SHAPES}; none of them empty.`;
  const completion = CompletionRow.safeParse(parsed);
  if (completion.success) return { prompt: completion.data.prompt, expected: completion.data.completion };
  const chat = Chat.safeParse(parsed);
  return chat.success ? fromChat(chat.data.messages) : `${SHAPES}; none of them empty.`;
}

function fromChat(messages: ReadonlyArray<z.infer<typeof Message>>): SuiteRowInput | string {
  const last = messages.at(-1);
  if (last?.role !== 'assistant')
    return 'the last message is not the assistant’s: end the chat with the expected answer.';
  return { messages: messages.slice(0, -1), expected: last.content };
}
