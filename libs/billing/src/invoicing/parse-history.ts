import type { z } from 'zod';
import { type ErrorPath, errorPathOf } from '#libs/kernel';
import { EventSchema, type History, HistorySchema, type UsageEvent } from './history.js';
import { problemOf } from './history-rules.js';
import { INVOICING_ERRORS } from './invoicing.errors.js';

/** Reads a history from JSON (parsed, not text). Throws HISTORY_INVALID, whose path says where the first problem lies. */
export function parseHistory(json: unknown): History {
  const history = parse(HistorySchema, json);
  const problem = problemOf(history);
  if (problem) throw invalid(problem.path, problem.message);
  return history;
}

/** One event of a history, by itself: for those that are too many to be held. Throws HISTORY_INVALID, too. */
export function parseEvent(json: unknown): UsageEvent {
  return parse(EventSchema, json);
}

function parse<Schema extends z.ZodType>(schema: Schema, json: unknown): z.output<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw invalid(errorPathOf(path), message);
}

function invalid(path: ErrorPath, problem: string): Error {
  return INVOICING_ERRORS.HISTORY_INVALID({ place: path.join('.') || 'its root', problem }, { path });
}
