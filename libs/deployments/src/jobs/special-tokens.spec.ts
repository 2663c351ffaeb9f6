import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { type TestDatabase, testDatabase, testOrganization, testStore } from '#test/harness';
import { publishTestModel } from '../test-model.fixture.js';
import { SpecialTokensReader, specialTokens } from './special-tokens.js';

describe('special tokens', () => {
  let testing: TestDatabase;
  let database: Database;
  const store = new ObjectStore(testStore());

  beforeAll(async () => {
    testing = await testDatabase();
    const narrowUrls = { reconciler: testing.urls.reconciler, gateway: testing.urls.gateway };
    database = await new Database({ appUrl: testing.urls.app, narrowUrls }).connect();
  });
  afterAll(async () => {
    await database?.close();
    await testing?.drop();
    store.close();
  });

  it('are those that a tokenizer marks as special', () => {
    const added = [
      { id: 0, content: '<|end|>', special: true },
      { id: 9, content: 'def', special: false },
    ];
    expect(specialTokens(JSON.stringify({ version: '1.0', added_tokens: added }))).toEqual(['<|end|>']);
    expect(specialTokens('{"version":"1.0"}')).toEqual([]);
    expect(() => specialTokens('{"added_tokens":[{"content":""}]}')).toThrow();
  });

  it('reach the gateway’s routes of bases and of adapters on them', async () => {
    const [lab, partner] = [await testOrganization(testing, 'lab'), await testOrganization(testing)];
    const model = await publishTestModel(testing, store, { lab, partner });
    const tokensOf = (id: string) =>
      database.as('gateway', async (tx) => {
        const [route] = await tx.query('SELECT special_tokens FROM gateway_routes WHERE id = $1', [id]);
        return route!.special_tokens;
      });
    expect(await tokensOf(model.baseId)).toBeNull();
    const reader = new SpecialTokensReader(database, store, new ManualClock());
    const { signal } = new AbortController();
    await reader.readNew(signal);
    await reader.readNew(signal);
    expect(await tokensOf(model.baseId)).toEqual(['<|pad|>', '<|end|>']);
    expect(await tokensOf(model.adapterId)).toEqual(['<|pad|>', '<|end|>']);
  });
});
