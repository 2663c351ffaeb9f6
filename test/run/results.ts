import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export interface Tally {
  passed: number;
  /** What failed, by name, and why in a line: a run's output is long, and its end is what people see of it. */
  failed: string[];
}

/** What one runner reports; nothing may be skipped, so what was not run counts as failed. */
export function readJestResults(path: string): Tally {
  const results = readReport(path, (text) => JSON.parse(text) as JestResults);
  if (!results) return crashed(path);
  return sum(results.testResults.map(talliedSpec));
}

function talliedSpec({ name, status, message, assertionResults }: JestResults['testResults'][number]): Tally {
  const file = relative(process.cwd(), name);
  const wrong = assertionResults.filter((test) => test.status !== 'passed');
  const failed = wrong.map((test) =>
    named(`${file} › ${test.fullName}`, { status: test.status, why: test.failureMessages?.[0] }),
  );
  // A file that does not load, or whose end fails, fails without a test.
  const whole = status === 'failed' && wrong.length === 0 ? [named(file, { status: 'as a whole', why: message })] : [];
  return { passed: assertionResults.length - wrong.length, failed: [...failed, ...whole] };
}

/** The JUnit report of pytest. */
export function readPytestResults(path: string): Tally {
  const cases = readReport(path, (text) =>
    /<testsuite [^>]*>/.test(text) ? [...text.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)] : null,
  );
  if (!cases) return crashed(path);
  const failed = cases.flatMap(([, attributes, content]) => {
    const [, status, told] = /<(failure|error|skipped)\b([^>]*)/.exec(content ?? '') ?? [];
    const attribute = (name: string, from = attributes!) => new RegExp(`\\b${name}="([^"]*)"`).exec(from)?.[1];
    return status
      ? [named(`${attribute('classname')} › ${attribute('name')}`, { status, why: attribute('message', told) })]
      : [];
  });
  return { passed: cases.length - failed.length, failed };
}

/** Playwright's own JSON report: its tests are told apart by how they were expected to end. */
export function readPlaywrightResults(path: string): Tally {
  const results = readReport(path, (text) => JSON.parse(text) as PlaywrightResults);
  if (!results) return crashed(path);
  const tests = results.suites.flatMap(testsOf);
  const failed = tests.flatMap(({ name, ...how }) => (how.status === 'expected' ? [] : [named(name, how)]));
  const unloaded = results.errors.map(({ message }) => `browser tests: ${message}`);
  return { passed: tests.length - failed.length, failed: [...failed, ...unloaded] };
}

function testsOf({ suites = [], specs = [] }: PlaywrightSuite): Array<{ name: string } & How> {
  const own = specs.flatMap(({ file, title, tests }) =>
    tests.map(({ status, results }) => ({
      name: `${file} › ${title}`,
      status,
      why: results?.find(({ error }) => error)?.error?.message,
    })),
  );
  return [...own, ...suites.flatMap(testsOf)];
}

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, { passed }) => total + passed, 0),
    failed: tallies.flatMap(({ failed }) => failed),
  };
}

interface How {
  status: string;
  why?: string | undefined;
}

/** Of a message, what fits on a line of the end of a run: of the whole there is the output. */
function named(name: string, { status, why }: How): string {
  const line = stripVTControlCharacters(why ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  const cut = line.length > LONGEST_REASON ? `${line.slice(0, LONGEST_REASON)} …` : line;
  return `${name} (${status})${cut && `: ${cut}`}`;
}

const LONGEST_REASON = 400;

/** A runner that left no report failed, whatever it ran before. */
function crashed(report: string): Tally {
  return { passed: 0, failed: [`a runner left no readable report at ${report}`] };
}

interface JestResults {
  testResults: Array<{
    /** Its file's path. */
    name: string;
    status: 'passed' | 'failed' | 'skipped' | 'focused';
    /** Of the whole file, where it fails. */
    message?: string;
    assertionResults: Array<{ fullName: string; status: string; failureMessages?: string[] }>;
  }>;
}

interface PlaywrightResults {
  suites: PlaywrightSuite[];
  /** Of what is not a test, such as a file that could not be loaded. */
  errors: Array<{ message?: string }>;
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[];
  specs?: Array<{
    file: string;
    title: string;
    tests: Array<{
      status: 'expected' | 'unexpected' | 'flaky' | 'skipped';
      /** One for each try. */
      results?: Array<{ error?: { message?: string } }>;
    }>;
  }>;
}

function readReport<T>(path: string, parse: (text: string) => T): T | null {
  try {
    return parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
