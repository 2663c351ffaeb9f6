import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { newId } from '#libs/kernel';
import { type TestDatabase, testDatabase } from '#test/harness';
import type { Admission, Settlement, UsageBatch } from './usage-batch.js';
import { type UsageStore, usageStoreOver, writeWhatHolds } from './usage-store.js';

let test: TestDatabase;
let store: UsageStore;
let reader: pg.Client;
const stores: UsageStore[] = [];

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, query_timeout: 30_000 });
  await client.connect();
  return client;
}

/** A gateway's, or one whose COPY PostgreSQL refuses because nobody gave its role leave to pass by row security. */
async function storeAs(intake: 'intake' | 'gateway' = 'intake'): Promise<UsageStore> {
  const urls = test.urls;
  const made = await usageStoreOver({
    intake: () => connected(urls[intake]),
    gateway: () => connected(urls.gateway),
  })();
  stores.push(made);
  return made;
}

beforeAll(async () => {
  test = await testDatabase();
  reader = await connected(test.urls.gateway);
  store = await storeAs();
});
afterAll(async () => {
  await Promise.all(stores.map((one) => one.close()));
  await reader.end();
  await test.drop();
});

function admission(part: Partial<Admission> = {}): Admission {
  return {
    id: newId('use'),
    organization_id: 'org_1',
    project_id: 'proj_1',
    source_id: newId('req'),
    model: 'forge-1',
    checkpoint_id: 'ckpt_1',
    base_checkpoint_id: 'ckpt_1',
    family_id: 'fam_1',
    deployment_id: null,
    revision_id: 'rev_1',
    api_key_id: null,
    listing_id: null,
    recorder_id: 'rec_1',
    admitted_at: '2026-03-01T10:00:00.123Z',
    ...part,
  };
}

const admissions = (count: number, part: Partial<Admission> = {}) =>
  Array.from({ length: count }, () => admission(part));
const batchOf = (part: Partial<UsageBatch>): UsageBatch => ({ admissions: [], counts: [], settlements: [], ...part });
const settlementOf = ({ id }: Admission, part: Partial<Settlement> = {}): Settlement => ({
  id,
  input_tokens: 3,
  cached_input_tokens: 2,
  output_tokens: 7,
  end_reason: 'completed',
  first_token_at: null,
  ended_at: '2026-03-01T10:00:09.000Z',
  ...part,
});

interface Row extends Admission {
  kind: string;
  state: string;
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
}

async function recorded(rows: readonly Admission[]): Promise<Row[]> {
  const { rows: found } = await reader.query(
    `SELECT *, input_tokens::int, cached_input_tokens::int, output_tokens::int FROM usage_events WHERE source_id = ANY($1) ORDER BY id`,
    [rows.map(({ source_id }) => source_id)],
  );
  return found.map((row) => ({ ...row, admitted_at: row.admitted_at.toISOString() }));
}

const byId = (rows: readonly Admission[]) => rows.toSorted((one, other) => (one.id < other.id ? -1 : 1));

describe.each(['intake', 'gateway'] as const)('what is admitted as %s', (role) => {
  it('is on record letter by letter, whatever the caller wrote', async () => {
    const named = (model: string) => admission({ model });
    const rows = [
      ...['', '\\N', '\\.', 'a\tb', 'a\nb', 'a\r\nb', '\\', '\\t', '"', "'; --", 'ü 漢 🜁'].map(named),
      ...fc
        .sample(fc.string({ unit: 'grapheme-composite', maxLength: 20 }), { numRuns: 200, seed: 1 })
        .flatMap((model) => (model.includes('\0') ? [] : [named(model)])),
      admission({ deployment_id: 'dep_1', api_key_id: 'key_1', listing_id: 'lst_1', organization_id: 'org_2' }),
    ];
    await (await storeAs(role)).write(batchOf({ admissions: rows }));
    const found = await recorded(rows);
    expect(found).toMatchObject(byId(rows));
    expect(new Set(found.map(({ kind, state }) => `${kind} ${state}`))).toEqual(new Set(['inference admitted']));
  });

  it('is on record once, though a batch names it twice or was written before', async () => {
    const writing = await storeAs(role);
    const [old, fresh] = [admissions(20), admissions(20)];
    await writing.write(batchOf({ admissions: [...old, ...old.slice(0, 5)] }));
    await writing.write(batchOf({ settlements: old.map((row) => settlementOf(row)) }));
    // Half of it is known already, and has ended.
    const again = fresh.map(({ id }) => admission({ id, model: 'later' }));
    await writing.write(batchOf({ admissions: [...old, ...fresh, ...fresh] }));
    await writing.write(batchOf({ admissions: again }));
    expect(await recorded(again)).toEqual([]);
    const found = await recorded([...old, ...fresh]);
    expect(found).toMatchObject(byId([...old, ...fresh]));
    const states = new Map(found.map(({ id, state }) => [id, state]));
    expect(old.map(({ id }) => states.get(id))).toEqual(old.map(() => 'settled'));
    expect(fresh.map(({ id }) => states.get(id))).toEqual(fresh.map(() => 'admitted'));
  });
});

describe('UsageStore', () => {
  it('records what several write at once, each row once, in whatever order', async () => {
    const rows = admissions(300);
    const writers = await Promise.all(Array.from({ length: 4 }, () => storeAs()));
    const shuffled = (seed: number) =>
      fc.sample(fc.shuffledSubarray(rows, { minLength: 200 }), { numRuns: 5, seed }) as Admission[][];
    await Promise.all([
      writers[0]!.write(batchOf({ admissions: rows })),
      ...writers.flatMap((writer, seed) => shuffled(seed).map((part) => writer.write(batchOf({ admissions: part })))),
    ]);
    expect(await recorded(rows)).toMatchObject(byId(rows));
  });

  it('takes what is late and out of order, and lets no late count undo a later one or an end', async () => {
    const late = admission({ admitted_at: '2025-12-31T23:59:59.999Z' });
    const [early, ended] = [admission(), admission()];
    await store.write(batchOf({ admissions: [early, ended] }));
    await store.write(batchOf({ settlements: [settlementOf(ended)], admissions: [late] }));
    const count = (row: Admission, output_tokens: number, counted_at: string) => ({
      ...{ id: row.id, input_tokens: 3, cached_input_tokens: output_tokens > 4 ? 1 : 0, output_tokens },
      counted_at,
    });
    await store.write(batchOf({ counts: [count(early, 9, '2026-03-01T10:00:02.000Z')] }));
    await store.write(
      batchOf({ counts: [early, ended].map((row) => count(row, 4, '2026-03-01T10:00:01.000Z')), admissions: [late] }),
    );
    const found = new Map((await recorded([late, early, ended])).map((row) => [row.id, row]));
    expect(found.get(late.id)).toMatchObject({ state: 'admitted', admitted_at: late.admitted_at });
    expect(found.get(early.id)).toMatchObject({ state: 'admitted', cached_input_tokens: 1, output_tokens: 9 });
    expect(found.get(ended.id)).toMatchObject({ state: 'settled', cached_input_tokens: 2, output_tokens: 7 });
  });

  it('refuses bad rows alone: all others of their batch are on record', async () => {
    const running = admissions(6);
    await store.write(batchOf({ admissions: running }));
    const good = admissions(40);
    const bad = [admission({ model: 'no\0text' }), admission({ admitted_at: 'yesterday or so' })];
    const settlements = running.map((row) => settlementOf(row));
    settlements[2]!.output_tokens = -1;
    settlements[3]!.cached_input_tokens = 4;
    settlements[4]!.input_tokens = 2 ** 70;
    const mixed = [...good.slice(0, 20), ...bad, ...good.slice(20)];
    const refused = await writeWhatHolds(store, batchOf({ admissions: mixed, settlements }));
    expect(new Set(refused.keys())).toEqual(new Set([...bad, ...running.slice(2, 5)].map(({ id }) => id)));
    expect([...refused.values()].every((error) => error instanceof Error)).toBe(true);
    expect(await recorded(good)).toMatchObject(byId(good));
    expect(await recorded(bad)).toEqual([]);
    const ends = new Map((await recorded(running)).map(({ id, state }) => [id, state]));
    expect(running.map(({ id }) => ends.get(id))).toEqual(
      running.map((_, position) => (position >= 2 && position <= 4 ? 'admitted' : 'settled')),
    );
  });

  it('says so where the connection is at fault, not the data', async () => {
    const broken = await usageStoreOver({
      intake: () => connected(test.urls.intake),
      gateway: () => connected(test.urls.gateway),
    })();
    await broken.close();
    await expect(writeWhatHolds(broken, batchOf({ admissions: admissions(3) }))).rejects.toThrow();
  });

  it('leaves no connection behind where it can make only one of the two', async () => {
    const made: pg.Client[] = [];
    const connect = usageStoreOver({
      intake: async () => {
        throw new Error('password authentication failed');
      },
      gateway: async () => {
        const client = await connected(test.urls.gateway);
        made.push(client);
        return client;
      },
    });
    await expect(connect()).rejects.toThrow('password authentication failed');
    expect(made).toHaveLength(1);
    await expect(made[0]!.query('SELECT 1')).rejects.toThrow('closed');
  });
});
