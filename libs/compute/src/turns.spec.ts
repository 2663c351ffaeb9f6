import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testOrganization } from '#test/harness';
import { ComputePlatform, trainSubmission } from './compute.fixture.js';

let platform: ComputePlatform;
beforeAll(async () => {
  platform = await ComputePlatform.start();
});
afterAll(() => platform?.stop());

it('is told to whoever waits: the turn among the jobs of everybody, and nothing about those of others', async () => {
  const other = await testOrganization(platform.databaseServer);
  const asOther = <T>(work: Parameters<typeof platform.database.transaction<T>>[1]) =>
    platform.database.transaction(other.scope, work);
  const mine = [await platform.submit(), await platform.submit()];
  const theirs = await asOther((tx) =>
    platform.service.submit(tx, { ...trainSubmission({}), projectId: other.projectId }),
  );
  const everything = [...mine, theirs];

  const turns = await platform.tx((tx) => platform.service.turns(tx, everything));
  const turnsOfOther = await asOther((tx) => platform.service.turns(tx, everything));
  // Neither project was served before: the one that asked first is first, then they take turns.
  expect(turns).toEqual(
    new Map([
      [mine[0], 1],
      [mine[1], 3],
    ]),
  );
  expect(turnsOfOther).toEqual(new Map([[theirs, 2]]));

  await platform.tx((tx) => platform.service.cancel(tx, mine[0]!));
  expect(await platform.tx((tx) => platform.service.turns(tx, everything))).toEqual(new Map([[mine[1], 1]]));
  expect(await asOther((tx) => platform.service.turns(tx, [theirs]))).toEqual(new Map([[theirs, 2]]));
});
