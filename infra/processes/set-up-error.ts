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

/** The last error in a log and what follows it, or else its last lines; indented. */
export function logTail(path: string, lines = 12): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').slice(-16_000).trimEnd();
  } catch {
    return '  | (no log was written)';
  }
  const all = text.split('\n').filter((line) => line.trim().length > 0);
  const error = all.findLastIndex((line) => /^\w*(Error|Exception)\b.*:/.test(line));
  const begin = error >= 0 && error >= all.length - 40 ? error : -lines;
  return all
    .slice(begin)
    .slice(0, lines)
    .map((line) => `  | ${line}`)
    .join('\n');
}
