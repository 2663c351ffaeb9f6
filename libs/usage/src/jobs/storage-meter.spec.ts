import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { PriceService, RateService } from '#libs/contracts';
import { DAY_MILLISECONDS, ManualClock } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { type TestDatabase, type TestOrganization, testDatabase, testOrganization } from '#test/harness';
import { StorageUsageService, spansBetween } from '../storage/storage-usage.service.js';
import { StorageSources, type StorageSpan, type StoredContent } from '../storage/stored-content.js';
import { UsageSummaryService } from '../usage-summary.service.js';
import { StorageMeter } from './storage-meter.js';

const HOUR_MILLISECONDS = 3_600_000;
const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));
const prices = new PriceService(clock);
let testing: TestDatabase;
let database: Database;
let owner: pg.Client;
let lab: TestOrganization;
let partner: TestOrganization;
let meter: StorageMeter;
/** What each organization keeps at all times: so many bytes, or a failure. */
let kept: Map<string, bigint | Error>;

beforeAll(async () => {
  testing = await testDatabase();
  const { app: appUrl, reconciler } = testing.urls;
  database = await new Database({ appUrl, narrowUrls: { reconciler }, clock }).connect();
  owner = new pg.Client({ connectionString: testing.urls.owner });
  await owner.connect();
  // Who owns the schema says here when an organization came to be, in a database of this spec's own.
  await owner.query('ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY');
  lab = await testOrganization(testing, 'lab');
  const sources = new StorageSources();
  sources.register(storedIn);
  meter = new StorageMeter(database, new StorageUsageService(prices, sources, clock), clock);
  await publishPrice(1n, clock.now());
});
afterAll(async () => {
  await owner?.end();
  await database?.close();
  await testing?.drop();
});
beforeEach(async () => {
  kept = new Map();
  partner = await organization();
});

/** One that came to be now, by the clock of the spec. */
async function organization(): Promise<TestOrganization> {
  const made = await testOrganization(testing);
  await owner.query('UPDATE organizations SET created_at = $2 WHERE id = $1', [made.organizationId, clock.now()]);
  return made;
}

async function storedIn(tx: Transaction, { from, to }: StorageSpan): Promise<StoredContent[]> {
  const { organizationId } = tx.scope;
  const bytes = kept.get(organizationId) ?? 0n;
  if (bytes instanceof Error) throw bytes;
  const [project] = await tx.query<{ id: string }>('SELECT id FROM projects WHERE organization_id = :organization');
  const byteMilliseconds = bytes * BigInt(to.getTime() - from.getTime());
  return [{ subjectId: project!.id, projectId: project!.id, variant: null, byteMilliseconds }];
}

const as = <T>({ scope }: TestOrganization, work: (tx: Transaction) => Promise<T>) => database.transaction(scope, work);

/** So many nanos for a byte-hour. */
async function publishPrice(priceNanos: bigint, effectiveFrom: Date): Promise<void> {
  const line = { meter: 'stored_byte_hours', priceNanos, perUnits: 1n, familyId: null, checkpointId: null } as const;
  const rates = new RateService(clock);
  await as(lab, async (tx) => {
    const rateCardId = await rates.draft(tx, { name: 'Storage', lines: [line] });
    await rates.publish(tx, { rateCardId, effectiveFrom });
  });
}

const summaryOf = (who = partner) =>
  database.read(who.scope, (tx) =>
    new UsageSummaryService(prices).summarize(tx, {
      from: new Date('2026-03-01T00:00:00.000Z'),
      to: new Date('2027-02-01T00:00:00.000Z'),
      groupBy: ['day'],
    }),
  );
const days = async (who = partner) =>
  (await summaryOf(who)).rows.map(({ day, quantity, costNanos }) => [day, quantity, costNanos]);

test('each day that is over is counted once, however often and by how many it is asked for', async () => {
  kept.set(partner.organizationId, 10n);
  clock.advance(DAY_MILLISECONDS - 1);
  await meter.run();
  expect(await days()).toEqual([]);
  clock.advance(1 + DAY_MILLISECONDS + HOUR_MILLISECONDS);
  await Promise.all([meter.run(), meter.run(), meter.run()]);
  await meter.run();
  expect(await days()).toEqual([
    ['2026-03-01', 240n, 240n],
    ['2026-03-02', 240n, 240n],
  ]);
});

test('what was missed for months is counted as it would have been, and of what was there for less than a byte-hour nothing is', async () => {
  clock.set(new Date('2026-04-10T12:00:00.000Z'));
  partner = await organization();
  kept.set(partner.organizationId, 1n);
  const small = await organization();
  clock.set(new Date('2026-07-20T00:00:00.000Z'));
  await meter.run();
  const counted = await days();
  // From the day on which it came to be.
  expect(counted).toHaveLength(101);
  expect([counted[0]![0], counted.at(-1)![0]]).toEqual(['2026-04-10', '2026-07-19']);
  expect(new Set(counted.map(([, quantity]) => quantity))).toEqual(new Set([24n]));
  expect(await days(small)).toEqual([]);
});

test('a day has the price of each of its hours', async () => {
  clock.set(new Date('2026-08-01T00:00:00.000Z'));
  partner = await organization();
  kept.set(partner.organizationId, 1n);
  await publishPrice(5n, new Date('2026-08-01T18:00:00.000Z'));
  clock.advance(DAY_MILLISECONDS);
  await meter.run();
  expect(await days()).toEqual([['2026-08-01', 24n, 18n + 6n * 5n]]);
  expect((await summaryOf()).rows[0]).toMatchObject({ meter: 'stored_byte_hours', events: 2 });
});

test('whose storage can not be read keeps nobody else from being counted, and is counted later', async () => {
  clock.set(new Date('2026-09-01T00:00:00.000Z'));
  const [broken, sound] = [await organization(), await organization()].sort((one, other) =>
    one.organizationId < other.organizationId ? -1 : 1,
  ) as [TestOrganization, TestOrganization];
  kept.set(broken.organizationId, new Error('the table is locked'));
  kept.set(sound.organizationId, 1n);
  clock.advance(DAY_MILLISECONDS);
  await meter.run();
  expect(await days(sound)).toHaveLength(1);
  expect(await days(broken)).toEqual([]);
  kept.set(broken.organizationId, 2n);
  await meter.run();
  expect(await days(broken)).toEqual([['2026-09-01', 48n, 240n]]);
});

test('spans cover the days without a gap, cut where prices change', () => {
  const at = (text: string) => new Date(`2026-03-0${text}.000Z`);
  const spans = spansBetween(at('1T00:00:00'), at('3T00:00:00'), [
    at('1T00:00:00'),
    at('2T06:00:00'),
    at('3T00:00:00'),
    at('5T00:00:00'),
  ]);
  expect(spans).toEqual([
    { from: at('1T00:00:00'), to: at('2T00:00:00') },
    { from: at('2T00:00:00'), to: at('2T06:00:00') },
    { from: at('2T06:00:00'), to: at('3T00:00:00') },
  ]);
});
