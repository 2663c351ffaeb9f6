import { CommanderError } from 'commander';
import { RefusedError, UnreachableError } from '#libs/client';
import type { Style } from './terminal.js';

/** What a script may rely on. */
export const EXIT_CODES = { done: 0, refused: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** The command line itself is at fault: an option, a file that is not there. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Who was asked left without an answer. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** What is asked for by its id is not there, or not for this caller: nothing tells the two apart. */
export function notFound(what: string, id: string): RefusedError {
  return new RefusedError('NOT_FOUND', `There is no ${what} ${id} that you may see.`);
}

export interface Failure {
  exitCode: number;
  code: string;
  message: string;
  /** Where in the input. */
  path: readonly string[];
  requestId: string | null;
}

/** Every error as a code, what to do, and what the command exits with. */
export function failureOf(error: unknown): Failure {
  const plain = { path: [], requestId: null };
  if (error instanceof RefusedError) {
    const { code, message, path, requestId } = error;
    return { exitCode: EXIT_CODES.refused, code, message, path, requestId };
  }
  if (error instanceof UnreachableError) {
    const { message, requestId } = error;
    return { exitCode: EXIT_CODES.unreachable, code: 'UNREACHABLE', message, path: [], requestId };
  }
  if (error instanceof UsageError)
    return { ...plain, exitCode: EXIT_CODES.usage, code: 'USAGE', message: error.message };
  if (error instanceof CommanderError) {
    const reason = error.code === 'commander.help' ? 'the command is missing' : error.message.replace(/^error: /, '');
    const message = `${reason} (--help shows what there is)`;
    return { ...plain, exitCode: EXIT_CODES.usage, code: 'USAGE', message };
  }
  if (error instanceof InterruptedError)
    return { ...plain, exitCode: EXIT_CODES.interrupted, code: 'INTERRUPTED', message: error.message };
  return openAiFailure(error) ?? fileFailure(error) ?? { ...plain, ...unexpected(error) };
}

export function presentFailure({ code, message, path, requestId }: Failure, style: Style): string {
  const place = path.length > 0 ? ` (at ${path.join('.')})` : '';
  const request = requestId ? style.dim(` [request ${requestId}]`) : '';
  return `${style.red(`error ${code}:`)} ${message.replaceAll('\n', ' ')}${place}${request}`;
}

/** Errors of the official client, told by their shape: it is only loaded by the commands that use it. */
function openAiFailure(error: unknown): Failure | null {
  if (!(error instanceof Error) || !('status' in error) || !('requestID' in error)) return null;
  const { status, code, type, param, requestID, message } = error as Error & Record<string, string | null | undefined>;
  const requestId = requestID ?? null;
  const reason = (error as { error?: { message?: string } }).error?.message ?? message;
  // Without a status nothing answered; from 500 on it was not the call that was at fault.
  const answered = typeof status === 'number' && status < 500;
  const name = code ?? type ?? (answered ? 'refused' : 'unreachable');
  return {
    exitCode: answered ? EXIT_CODES.refused : EXIT_CODES.unreachable,
    code: name.toUpperCase(),
    message: reason,
    path: param ? [param] : [],
    requestId,
  };
}

function fileFailure(error: unknown): Failure | null {
  const { code, path } = error as NodeJS.ErrnoException;
  if (!path || (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EISDIR' && code !== 'EEXIST')) return null;
  const reasons = {
    ENOENT: 'there is no such file',
    EACCES: 'it may not be read',
    EISDIR: 'it is a folder',
    EEXIST: 'it is there already',
  };
  const message = `${path}: ${reasons[code]}`;
  return { exitCode: EXIT_CODES.usage, code: 'FILE_UNREADABLE', message, path: [], requestId: null };
}

function unexpected(error: unknown): Pick<Failure, 'exitCode' | 'code' | 'message'> {
  const message = error instanceof Error ? error.message : String(error);
  return {
    exitCode: EXIT_CODES.refused,
    code: 'UNEXPECTED',
    message: `${message}. Run it again with --debug to see where.`,
  };
}
