import { parseArgs } from 'node:util';
import { firstDifference } from './comparison.js';

/**
 * Compares the engine with the oracle on generated histories: `npm run test:oracle -- --count 1000000 --seed 1`. Prints the first
 * difference with the history that shows it, and exits 1.
 */
const PROGRESS_EVERY = 10_000;

const { values } = parseArgs({
  options: { count: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const sample = { seed: Number(values.seed), count: Number(values.count) };
if (!Number.isSafeInteger(sample.seed) || !(sample.count >= 1)) {
  throw new Error('--seed must be a whole number and --count at least 1');
}

const began = performance.now();
const difference = await firstDifference(sample, (compared) => {
  if (compared % PROGRESS_EVERY !== 0) return;
  const perSecond = (1000 * compared) / (performance.now() - began);
  console.log(`${compared} of ${sample.count} agree, ${perSecond.toFixed(0)} a second`);
});
if (difference) {
  console.log(`history ${difference.position} of --seed ${sample.seed} differs`);
  console.log(`history:\n${difference.history}\noracle:\n${difference.expected}\nengine:\n${difference.actual}`);
  process.exitCode = 1;
} else {
  console.log(`engine and oracle agree on ${sample.count} histories of --seed ${sample.seed}`);
}
