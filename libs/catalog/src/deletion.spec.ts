import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { TestOrganization } from '#test/harness';
import { CatalogFixture, outputOf } from './catalog.fixture.js';
import type { Checkpoint } from './checkpoint.js';
import { findCheckpoint } from './checkpoint.repository.js';
import { filesOf } from './checkpoint-files.repository.js';
import { DeletionHandler } from './jobs/deletion.handler.js';
import type { FineTuneOutput } from './output.service.js';

let fixture: CatalogFixture;
let base: Checkpoint;
const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));

beforeAll(async () => {
  fixture = await CatalogFixture.create(clock);
  const { familyId, trainingRunId } = await fixture.family('forge-1');
  base = await fixture.published(trainingRunId);
  for (const { organizationId } of [fixture.partner, fixture.other])
    await fixture.grant({ organizationId, familyId, actions: ['fine_tune', 'deploy', 'download_weights'] });
});
afterAll(() => fixture?.close());
beforeEach(() => clock.advance(1_000));

const variant = (part: Partial<FineTuneOutput> = {}, paths?: string[], owner = fixture.partner) =>
  fixture.as(owner, (tx) => fixture.catalog.registerOutput(tx, outputOf(owner, base, part, paths)));
const remove = (model: string, who: Pick<TestOrganization, 'scope'> = fixture.partner) =>
  fixture.as(who, (tx) => fixture.deletion.delete(tx, model));
const use = (model: string) => fixture.as(fixture.partner, (tx) => fixture.catalog.getUsable(tx, model));
const found = (id: string) => fixture.as(fixture.partner, (tx) => findCheckpoint(tx, id));
const messages = (id: string) =>
  fixture.database.as('relay', (tx) => tx.query(`SELECT type FROM outbox WHERE payload ->> 'checkpointId' = $1`, [id]));

/** Until somebody waits for a lock of this database, which this transaction has. */
async function untilOneWaits(tx: Transaction): Promise<void> {
  const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    if ((await tx.query(waiting)).length > 0) return;
    await sleep(5);
  }
  throw new Error('nobody waits');
}
const MOST_LOOKS = 2_000;

describe('a variant that its owner deletes', () => {
  it('stays in the lineage with its hashes, and says who deleted it and when', async () => {
    const made = await variant();
    const child = await variant({ parentCheckpointId: made.id });
    clock.advance(60_000);
    const at = clock.now();
    const { id: deletedBy } = fixture.partner.scope.actor;
    const reason = `its files were removed by its owner (${deletedBy})`;
    const gone = await remove(made.name);
    const end = { status: 'retired', retiredAt: at, retirementReason: reason };
    expect(gone).toEqual({ ...made, ...end, removal: { deletedBy, at: at.toISOString() } });
    expect(await found(made.id)).toEqual(gone);
    expect(await messages(made.id)).toEqual([{ type: 'catalog.variant.deleted' }]);
    // Adapters are whole: what was trained on from it needs nothing of it.
    expect(await use(child.id)).toMatchObject({ parentCheckpointId: made.id });
  });

  it('is gone for whoever asks for its files', async () => {
    const { id, name } = await variant();
    await remove(id);
    const download = fixture.as(fixture.partner, (tx) => fixture.transfers.downloads(tx, name, 'weights'));
    for (const asked of [use(name), download])
      await expect(asked).rejects.toMatchObject({
        code: 'CONTENT_REMOVED',
        status: 410,
        message: `The files of ${name} were removed at ${clock.now().toISOString()} by its owner (${fixture.partner.scope.actor.id}). What is known of it stays.`,
      });
  });

  it('is deleted once: the second time is the same answer', async () => {
    const { id } = await variant();
    const first = await remove(id);
    clock.advance(1_000);
    expect(
      await remove(id, { scope: { ...fixture.partner.scope, actor: { type: 'user', id: newId('user') } } }),
    ).toEqual(first);
    expect(await messages(id)).toHaveLength(1);
    expect(await fixture.as(fixture.partner, (tx) => fixture.deletion.holds(tx, id))).toEqual([]);
  });

  it('keeps the name', async () => {
    const made = outputOf(fixture.partner, base);
    const { id } = await fixture.as(fixture.partner, (tx) => fixture.catalog.registerOutput(tx, made));
    await remove(id);
    // A message of the job that comes again makes no other of it.
    const again = await fixture.as(fixture.partner, (tx) => fixture.catalog.registerOutput(tx, made));
    expect(again).toMatchObject({ id, removal: { deletedBy: expect.any(String) } });
  });
});

describe('who may', () => {
  it('is the owner, in the project', async () => {
    const { id, name } = await variant();
    const elsewhere = { scope: { ...fixture.partner.scope, projectIds: [newId('proj')] } };
    for (const who of [fixture.other, fixture.lab, elsewhere])
      for (const model of [id, name])
        await expect(remove(model, who)).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND', status: 404 });
    await expect(remove('nothing')).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    expect(await found(id)).toMatchObject({ status: 'published', removal: null });
  });

  it('is nobody, of what the lab publishes', async () => {
    for (const who of [fixture.partner, fixture.lab])
      await expect(remove(base.name, who)).rejects.toMatchObject({ code: 'VARIANT_NOT_OWN', status: 403 });
    expect(await found(base.id)).toMatchObject({ status: 'published' });
  });
});

describe('what needs its files', () => {
  it('holds it, and is told with what to do', async () => {
    const { id, name } = await variant();
    const [mine, theirs] = [newId('dep'), newId('ftjob')];
    const held = new Set([id]);
    fixture.deletion.alsoHeldBy(async (_, { checkpointId, objectKeys }) => {
      if (!held.has(checkpointId)) return [];
      expect(objectKeys).toHaveLength(2);
      return [
        { what: 'deployment', id: mine, name: 'web/helper', count: 1 },
        { what: 'deployment', id: null, name: null, count: 2 },
        { what: 'fine_tune_job', id: theirs, name: null, count: 1 },
        { what: 'jobs_of_others', id: null, name: null, count: 1 },
      ];
    });
    await expect(remove(id)).rejects.toMatchObject({
      code: 'VARIANT_IN_USE',
      status: 409,
      message: `${name} can't be deleted while it is in use: the deployment web/helper answers with it: deploy something else there, or delete that; 2 deployment(s) of projects that you don't reach: ask an administrator; ${theirs} reads it: wait until it has ended, or cancel it; 1 job of other organizations: wait until they have ended.`,
    });
    expect(await found(id)).toMatchObject({ status: 'published', removal: null });
    expect(await messages(id)).toEqual([]);
    held.clear();
    expect(await remove(id)).toMatchObject({ status: 'retired' });
  });

  it('is waited for when it begins at the same time', async () => {
    const { id } = await variant();
    let uses = 0;
    fixture.deletion.alsoHeldBy(async (_, { checkpointId }) =>
      checkpointId === id && uses > 0
        ? [{ what: 'evaluation_run', id: newId('evalrun'), name: null, count: uses }]
        : [],
    );
    const deletion = await fixture.as(fixture.partner, async (tx) => {
      await fixture.catalog.getUsable(tx, id);
      const waiting = remove(id).catch((error) => error.code);
      await untilOneWaits(tx);
      uses = 1;
      return { waiting };
    });
    expect(await deletion.waiting).toBe('VARIANT_IN_USE');
  });

  it('waits itself for a deletion that came first, and is refused', async () => {
    const { id } = await variant();
    const beginnings = await fixture.as(fixture.partner, async (tx) => {
      await fixture.deletion.delete(tx, id);
      const waiting = [
        use(id),
        fixture.as(fixture.partner, async (other) =>
          fixture.catalog.assertMayGoOn(other, 'fine_tune', (await findCheckpoint(other, id)) as never),
        ),
      ].map((beginning) => beginning.then(() => 'begun').catch((error) => error.code));
      await untilOneWaits(tx);
      return { waiting };
    });
    expect(await Promise.all(beginnings.waiting)).toEqual(['CONTENT_REMOVED', 'CONTENT_REMOVED']);
  });
});

describe('the worker', () => {
  it('removes its objects alone, and again without harm', async () => {
    const paths = ['adapter_config.json', 'adapter_model.safetensors', 'resume/optimizer.pt'];
    const fineTuneJobId = newId('ftjob');
    const made = [await variant({ step: 10, fineTuneJobId }, paths), await variant({ fineTuneJobId })] as const;
    const [gone, kept] = await fixture.as(fixture.partner, (tx) =>
      filesOf(
        tx,
        made.map(({ id }) => id),
      ),
    );
    const keys = (files = gone!) => files.map(({ key }) => key);
    for (const key of [...keys(), ...keys(kept)]) await fixture.store.put(key, 'w');
    const stored = async () => {
      const all: string[] = [];
      for await (const { key } of fixture.store.list(`org/${fixture.partner.organizationId}/`)) all.push(key);
      return all.toSorted();
    };
    const handler = new DeletionHandler(fixture.database, fixture.store);
    const purge = (who: TestOrganization) =>
      handler.purge({ payload: { checkpointId: made[0].id } } as never, { ...who.scope, projectIds: 'all' });
    // What nobody deleted stays, whatever the message says.
    await purge(fixture.partner);
    expect(await stored()).toEqual([...keys(), ...keys(kept)].toSorted());
    await remove(made[0].id);
    await purge(fixture.other);
    for (const _ of [1, 2]) {
      await purge(fixture.partner);
      expect(await stored()).toEqual(keys(kept).toSorted());
    }
  });
});
