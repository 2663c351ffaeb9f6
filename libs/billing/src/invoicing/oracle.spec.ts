import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const MINUTES = 60_000;
/** Each with histories of its own, side by side. */
const SEEDS = [1, 2];
const HISTORIES_PER_SEED = 10_000;

it(
  'agrees with the oracle in Python, which was written from the same page, on 20,000 histories',
  async () => {
    const compare = (seed: number) => {
      const options = ['--seed', String(seed), '--count', String(HISTORIES_PER_SEED)];
      return promisify(execFile)(process.execPath, ['dist/test/oracle/compare.js', ...options]);
    };
    const outputs = await Promise.all(SEEDS.map(compare));
    for (const [index, { stdout }] of outputs.entries()) {
      expect(stdout).toContain(`engine and oracle agree on ${HISTORIES_PER_SEED} histories of --seed ${SEEDS[index]}`);
    }
  },
  10 * MINUTES,
);
