import { BillingExportService, ExportMaker } from '#libs/billing';
import { systemScope } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { testStore } from '../../test/harness/test-environment.js';
import setUp from '../../test/harness/unit-setup.js';
import tearDown from '../../test/harness/unit-teardown.js';
import { PartnerUsage } from './partner-usage.fixture.js';

/**
 * How long a file of usage takes from the database to the object store, and that its memory does not grow with it:
 * `npm run bench:exports [THOUSANDS ...]`. What is alive is measured after a collection of garbage, four times a second.
 */
const THOUSANDS = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 50, 100, 500];
const SAMPLE_MILLISECONDS = 250;
const MONTH = { from: new Date('2024-01-01T00:00:00.000Z'), to: new Date('2024-02-01T00:00:00.000Z') };

function liveBytes(): number {
  if (!global.gc) throw new Error('run it by npm run bench:exports, which passes --expose-gc');
  global.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measure(work: () => Promise<void>): Promise<{ seconds: number; grownBytes: number }> {
  const before = liveBytes();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, liveBytes());
  }, SAMPLE_MILLISECONDS);
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  clearInterval(timer);
  return { seconds, grownBytes: peak - before };
}

async function exportAll({ fixture, partner }: PartnerUsage, store: ObjectStore): Promise<void> {
  const exports = new BillingExportService(fixture.clock);
  const maker = new ExportMaker(fixture.database, store, fixture.clock);
  const asked = { kind: 'usage', ...MONTH } as const;
  const id = await fixture.database.transaction(partner.scope, (tx) => exports.request(tx, asked));
  await maker.make(systemScope('worker', partner.organizationId), id);
}

async function measureAll(usage: PartnerUsage, store: ObjectStore): Promise<void> {
  console.log('| Events | Seconds | Events per second | Live memory at most, grown by |\n|---|---|---|---|');
  for (const thousands of THOUSANDS) {
    const events = thousands * 1_000;
    await usage.growTo(events);
    const { seconds, grownBytes } = await measure(() => exportAll(usage, store));
    const columns = [events, seconds.toFixed(1), Math.round(events / seconds)].map((each) => each.toLocaleString('en'));
    console.log(`| ${columns.join(' | ')} | ${(grownBytes / 2 ** 20).toFixed(1)} MiB |`);
  }
}

await setUp();
try {
  const usage = await PartnerUsage.start();
  const store = new ObjectStore(testStore());
  // Once before, so that the first row is compiled like the others.
  await usage.growTo(1_000);
  await exportAll(usage, store);
  await measureAll(usage, store);
  await store.deleteAll(`org/${usage.partner.organizationId}/`);
  store.close();
  await usage.stop();
} finally {
  await tearDown();
}
