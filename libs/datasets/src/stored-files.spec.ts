import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CatalogGraphqlModule } from '#libs/catalog/graphql';
import { DatasetsGraphqlModule } from '#libs/datasets/graphql';
import { DatasetsJobsModule } from '#libs/datasets/jobs';
import { DAY_MILLISECONDS, ManualClock } from '#libs/kernel';
import { StorageSources, StorageUsageService } from '#libs/usage';
import { UsageGraphqlModule } from '#libs/usage/graphql';
import { Database, systemScope } from '#platform/database';
import {
  type TestDatabase,
  TestGraphql,
  type TestOrganization,
  testContract,
  testDatabase,
  testOrganization,
} from '#test/harness';
import { DatasetsService } from './datasets.service.js';
import { FileReceiver } from './file-receiver.js';

const START = new Date('2026-03-01T00:00:00.000Z');
const HOUR_MILLISECONDS = 3_600_000;
const clock = new ManualClock(START);
const MODULES = [DatasetsGraphqlModule, CatalogGraphqlModule, UsageGraphqlModule];
let testing: TestDatabase;
let graphql: TestGraphql;
let partner: TestOrganization;
let other: TestOrganization;

beforeAll(async () => {
  testing = await testDatabase();
  graphql = await TestGraphql.start(testing, [...MODULES, DatasetsJobsModule], clock);
  [partner, other] = [await testOrganization(testing), await testOrganization(testing)];
});
afterAll(async () => {
  await graphql?.stop();
  await testing?.drop();
});

async function receive(bytes: number, who = partner): Promise<string> {
  const receiver = graphql.get(FileReceiver);
  const source = (async function* () {
    yield Buffer.alloc(bytes, '.');
  })();
  const received = await receiver.receive(who.scope, { projectId: who.projectId, filename: 'train.jsonl' }, source);
  const accepted = await graphql
    .get(Database)
    .transaction(who.scope, (tx) => receiver.accept(tx, received, { purpose: 'fine-tune' }));
  return accepted.id;
}

const stored = (from: Date, to: Date, who = partner) =>
  graphql.get(Database).read(who.scope, (tx) => graphql.get(StorageSources).storedIn(tx, { from, to }));
const day = (number: number) => new Date(START.getTime() + number * DAY_MILLISECONDS);

test('files count from when they are complete until they are deleted, whenever that is asked', async () => {
  clock.set(new Date(START.getTime() + 6 * HOUR_MILLISECONDS));
  const first = await receive(100);
  await receive(1, other);
  clock.set(new Date(day(1).getTime() + 12 * HOUR_MILLISECONDS));
  await receive(7);
  clock.advance(1);
  await graphql.get(Database).transaction(partner.scope, (tx) => graphql.get(DatasetsService).deleteVersion(tx, first));
  const content = (byteMilliseconds: number) => ({
    subjectId: partner.projectId,
    projectId: partner.projectId,
    variant: null,
    byteMilliseconds: BigInt(byteMilliseconds),
  });
  const hours = (bytes: number, count: number) => bytes * count * HOUR_MILLISECONDS;
  expect(await stored(day(0), day(1))).toEqual([content(hours(100, 18))]);
  // The file that is deleted was there for a millisecond longer than half a day.
  expect(await stored(day(1), day(2))).toEqual([content(hours(100, 12) + 100 + hours(7, 12))]);
  expect(await stored(day(2), day(3))).toEqual([content(hours(7, 24))]);
  expect(await stored(day(-1), day(0))).toEqual([]);
  expect(await stored(day(2), day(3), other)).toMatchObject([{ byteMilliseconds: BigInt(hours(1, 24)) }]);
});

const USED = `query($from: DateTime!, $to: DateTime!) {
  usageEvents(kind: STORAGE) { nodes { model checkpointId sourceId storedByteHours state admittedAt } }
  usageSummary(from: $from, to: $to, groupBy: [DAY, KIND, MODEL, JOB]) {
    total { nanos } unpriced { meter } rows { day kind model jobId meter quantity cost { nanos } } } }`;

test('files of a contract that prices storage are usage of each day, whatever becomes of them later', async () => {
  clock.set(day(10));
  const lab = await testOrganization(testing, 'lab');
  const keeper = await testOrganization(testing);
  const price = { kind: 'flat', priceNanos: '3', perUnits: '2' };
  await testContract(
    { database: graphql.get(Database), clock, lab, partner: keeper },
    { prices: [{ id: 'storage', meter: 'stored_byte_hours', match: { projectId: keeper.projectId }, price }] },
  );
  const id = await receive(10, keeper);
  const asKeeper = graphql.get(Database);
  clock.set(day(11));
  await asKeeper.transaction(keeper.scope, (tx) => graphql.get(DatasetsService).deleteVersion(tx, id));
  clock.set(day(13));
  expect(
    await asKeeper.transaction(systemScope('storage-meter', keeper.organizationId), (tx) =>
      graphql.get(StorageUsageService).countDays(tx, day(10)),
    ),
  ).toBe(false);
  const answer = await graphql.ask(graphql.caller(keeper), USED, { from: day(0), to: day(20) });
  expect(answer).toEqual({
    usageEvents: {
      nodes: [
        {
          model: null,
          checkpointId: null,
          sourceId: `${keeper.projectId}@2026-03-11T00:00:00.000Z`,
          storedByteHours: '240',
          state: 'SETTLED',
          admittedAt: '2026-03-11T00:00:00.000Z',
        },
      ],
    },
    usageSummary: {
      total: { nanos: '360' },
      unpriced: [],
      rows: [
        {
          day: '2026-03-11',
          kind: 'STORAGE',
          model: null,
          jobId: null,
          meter: 'STORED_BYTE_HOURS',
          quantity: '240',
          cost: { nanos: '360' },
        },
      ],
    },
  });
});
