import { readFileSync } from 'node:fs';

export interface Tally {
  passed: number;
  failed: number;
}

/** What one runner reports; nothing may be skipped, so what was not run counts as failed. */
export function readJestResults(path: string): Tally {
  const results = readReport(path, (text) => JSON.parse(text) as JestResults);
  if (!results) return CRASHED;
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = results;
  const failed = numFailedTests + numPendingTests + numTodoTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed };
}

/** The JUnit report of pytest. */
export function readPytestResults(path: string): Tally {
  const suite = readReport(path, (text) => /<testsuite [^>]*>/.exec(text)?.[0] ?? null);
  if (!suite) return CRASHED;
  const count = (name: string): number => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = count('failures') + count('errors') + count('skipped');
  return { passed: count('tests') - failed, failed };
}

/** Playwright's own JSON report: its tests are told apart by how they were expected to end. */
export function readPlaywrightResults(path: string): Tally {
  const results = readReport(path, (text) => JSON.parse(text) as PlaywrightResults);
  if (!results) return CRASHED;
  const { expected, unexpected, flaky, skipped } = results.stats;
  return { passed: expected, failed: unexpected + flaky + skipped + results.errors.length };
}

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, { passed, failed }) => ({ passed: total.passed + passed, failed: total.failed + failed }),
    {
      passed: 0,
      failed: 0,
    },
  );
}

/** A runner that left no report failed, whatever it ran before. */
const CRASHED: Tally = { passed: 0, failed: 1 };

interface JestResults {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}

interface PlaywrightResults {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  /** Of what is not a test, such as a file that could not be loaded. */
  errors: unknown[];
}

function readReport<T>(path: string, parse: (text: string) => T): T | null {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
