import { invoicesOf, parseHistory, UsageAccumulator, type UsageEvent } from '#libs/billing';
import { generatedContract, generatedUsage } from './generated-usage.js';

/**
 * How many events a second the engine rates on one core, and that its memory does not grow with them: `npm run bench:rating`. Events
 * are generated in batches, whose making is not counted.
 */
const MILLIONS = [0.1, 0.5, 1, 2, 5];
const EVENTS_PER_BATCH = 10_000;

function usedHeapBytes(): number {
  if (!global.gc) throw new Error('run it by npm run bench:rating, which passes --expose-gc');
  global.gc();
  return process.memoryUsage().heapUsed;
}

function* batches(count: number): Generator<UsageEvent[]> {
  let batch: UsageEvent[] = [];
  for (const event of generatedUsage(count)) {
    batch.push(event);
    if (batch.length < EVENTS_PER_BATCH) continue;
    yield batch;
    batch = [];
  }
}

interface Measured {
  ratingMilliseconds: number;
  invoicingMilliseconds: number;
  grownBytes: number;
}

function measure(events: number): Measured {
  const contract = parseHistory(generatedContract());
  const before = usedHeapBytes();
  const usage = new UsageAccumulator(contract);
  let ratingMilliseconds = 0;
  for (const batch of batches(events)) {
    const began = performance.now();
    for (const event of batch) usage.add(event);
    ratingMilliseconds += performance.now() - began;
  }
  const grownBytes = usedHeapBytes() - before;
  const began = performance.now();
  invoicesOf(usage);
  return { ratingMilliseconds, invoicingMilliseconds: performance.now() - began, grownBytes };
}

console.log('| Events | Events per second | Heap growth, MiB | Invoices from it, ms |\n|---|---|---|---|');
// Once before, so that the first row is compiled like the others.
measure(EVENTS_PER_BATCH);
for (const millions of MILLIONS) {
  const events = millions * 1_000_000;
  const { ratingMilliseconds, invoicingMilliseconds, grownBytes } = measure(events);
  const perSecond = Math.round((1000 * events) / ratingMilliseconds);
  const columns = [events, perSecond].map((number) => number.toLocaleString('en'));
  console.log(
    `| ${columns.join(' | ')} | ${(grownBytes / 2 ** 20).toFixed(1)} | ${invoicingMilliseconds.toFixed(0)} |`,
  );
}
