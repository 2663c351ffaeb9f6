import { execFileSync } from 'node:child_process';
import { expect, it } from '@jest/globals';

const MINUTES = 60_000;

interface Outcome {
  name: string;
  /** How many histories it took; null where the comparison did not see it. */
  foundAfter: number | null;
}

it(
  'is held by the oracle: of faults planted in it every one is found, and without a fault there is nothing to find',
  () => {
    // Outside Jest, which can't import a module a second time with other text.
    const output = execFileSync(process.execPath, ['dist/test/oracle/find-faults.js'], { encoding: 'utf8' });
    const [sound, ...faulty] = JSON.parse(output) as Outcome[];
    expect(sound).toEqual({ name: 'no fault', foundAfter: null });
    expect(faulty.length).toBeGreaterThanOrEqual(40);
    expect(faulty.filter(({ foundAfter }) => foundAfter === null)).toEqual([]);
  },
  5 * MINUTES,
);
