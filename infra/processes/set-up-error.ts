import { readFileSync } from 'node:fs';

/** A step that failed, told so that a newcomer can act on it: what, why, where its log is, what to do. */
export class SetUpError extends Error {
  override readonly name = 'SetUpError';

  constructor(what: string, why: string, { logFile, remedy }: { logFile?: string; remedy: string }) {
    super(
      [
        `${what} failed: ${why}`,
        ...(logFile ? [logTail(logFile), `Its log: ${logFile}`] : []),
        `What to do: ${remedy}`,
      ].join('\n'),
    );
  }
}

/** The last lines of a log, indented. */
export function logTail(path: string, lines = 12): string {
  try {
    const text = readFileSync(path, 'utf8').slice(-8_000).trimEnd();
    return text
      .split('\n')
      .slice(-lines)
      .map((line) => `  | ${line}`)
      .join('\n');
  } catch {
    return '  | (no log was written)';
  }
}
