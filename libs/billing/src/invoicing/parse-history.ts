import { type ErrorPath, errorPathOf } from '#libs/kernel';
import { type History, HistorySchema } from './history.js';
import { problemOf } from './history-rules.js';
import { INVOICING_ERRORS } from './invoicing.errors.js';

/** Reads a history from JSON (parsed, not text). Throws HISTORY_INVALID, whose path says where the first problem lies. */
export function parseHistory(json: unknown): History {
  const result = HistorySchema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw invalid(errorPathOf(path), message);
  }
  const problem = problemOf(result.data);
  if (problem) throw invalid(problem.path, problem.message);
  return result.data;
}

function invalid(path: ErrorPath, problem: string): Error {
  return INVOICING_ERRORS.HISTORY_INVALID({ place: path.join('.') || 'its root', problem }, { path });
}
