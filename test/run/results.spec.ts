import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readJestResults, readPlaywrightResults, readPytestResults, sum } from './results.js';

describe('the count of tests', () => {
  const directory = mkdtempSync(join(tmpdir(), 'forkpoint-results-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  function report(content: string): string {
    const path = join(directory, 'report');
    writeFileSync(path, content);
    return path;
  }

  test('takes what Jest did not run for failed', () => {
    const results = {
      ...{ numPassedTests: 7, numFailedTests: 1, numPendingTests: 2, numTodoTests: 0, numRuntimeErrorTestSuites: 1 },
    };
    expect(readJestResults(report(JSON.stringify(results)))).toEqual({ passed: 7, failed: 4 });
  });

  test('takes what pytest did not run for failed', () => {
    const xml =
      '<?xml version="1.0"?><testsuites name="x"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="20" time="1">';
    expect(readPytestResults(report(xml))).toEqual({ passed: 14, failed: 6 });
  });

  test('takes what Playwright did not run, or passed at the second try alone, for failed', () => {
    const results = { stats: { expected: 5, unexpected: 1, flaky: 2, skipped: 3 }, errors: ['a file does not load'] };
    expect(readPlaywrightResults(report(JSON.stringify(results)))).toEqual({ passed: 5, failed: 7 });
  });

  test.each([readJestResults, readPytestResults, readPlaywrightResults])(
    'takes a runner without a report for failed',
    (read) => {
      expect(read(join(directory, 'not-there'))).toEqual({ passed: 0, failed: 1 });
      expect(read(report('{'))).toEqual({ passed: 0, failed: 1 });
    },
  );

  test('adds up', () => {
    expect(
      sum([
        { passed: 1, failed: 0 },
        { passed: 2, failed: 3 },
      ]),
    ).toEqual({ passed: 3, failed: 3 });
  });
});
