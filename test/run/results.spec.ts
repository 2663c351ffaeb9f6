import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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

  test('names what failed in Jest, what it did not run, and files without a test that fail', () => {
    const testResults = [
      {
        name: resolve('libs/a.spec.ts'),
        status: 'failed',
        assertionResults: [
          { fullName: 'a works', status: 'passed' },
          { fullName: 'a fails', status: 'failed', failureMessages: ['\u001b[31mError:\u001b[39m it is\n    not so'] },
          { fullName: 'a is due', status: 'todo' },
        ],
      },
      { name: resolve('libs/b.spec.ts'), status: 'failed', message: 'does not load', assertionResults: [] },
      {
        name: resolve('libs/c.spec.ts'),
        status: 'failed',
        assertionResults: [{ fullName: 'c works', status: 'passed' }],
      },
    ];
    expect(readJestResults(report(JSON.stringify({ testResults })))).toEqual({
      passed: 2,
      failed: [
        'libs/a.spec.ts › a fails (failed): Error: it is not so',
        'libs/a.spec.ts › a is due (todo)',
        'libs/b.spec.ts (as a whole): does not load',
        'libs/c.spec.ts (as a whole)',
      ],
    });
  });

  test('names what failed in pytest, and what it did not run', () => {
    const xml = `<?xml version="1.0"?><testsuites name="x"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
      <testcase classname="t.one" name="works" time="1" /><testcase classname="t.one" name="fails" time="1"><failure message="x">a
      &gt; b</failure></testcase><testcase classname="t.two" name="errs"><error>x</error></testcase>
      <testcase classname="t.two" name="skips"><skipped /></testcase></testsuite></testsuites>`;
    expect(readPytestResults(report(xml))).toEqual({
      passed: 1,
      failed: ['t.one › fails (failure): x', 't.two › errs (error)', 't.two › skips (skipped)'],
    });
  });

  test('names what Playwright did not run, or passed at the second try alone', () => {
    const spec = (title: string, status: string, message?: string) => ({
      file: 'a.browser.ts',
      title,
      tests: [{ status, results: message ? [{}, { error: { message } }] : [{}] }],
    });
    const results = {
      suites: [
        {
          specs: [spec('works', 'expected'), spec('fails', 'unexpected', 'x'.repeat(500))],
          suites: [{ specs: [spec('sometimes', 'flaky'), spec('never', 'skipped'), spec('works too', 'expected')] }],
        },
      ],
      errors: [{ message: 'a file does not load' }],
    };
    expect(readPlaywrightResults(report(JSON.stringify(results)))).toEqual({
      passed: 2,
      failed: [
        `a.browser.ts › fails (unexpected): ${'x'.repeat(400)} …`,
        'a.browser.ts › sometimes (flaky)',
        'a.browser.ts › never (skipped)',
        'browser tests: a file does not load',
      ],
    });
  });

  test.each([readJestResults, readPytestResults, readPlaywrightResults])(
    'takes a runner without a report for failed',
    (read) => {
      for (const path of [join(directory, 'not-there'), report('{')])
        expect(read(path)).toEqual({ passed: 0, failed: [`a runner left no readable report at ${path}`] });
    },
  );

  test('adds up', () => {
    expect(
      sum([
        { passed: 1, failed: [] },
        { passed: 2, failed: ['a', 'b'] },
      ]),
    ).toEqual({ passed: 3, failed: ['a', 'b'] });
  });
});
