import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asOf } from '#libs/contracts';
import { ManualClock, newId, sha256Hex } from '#libs/kernel';
import type { Scope, Transaction } from '#platform/database';
import type { TestOrganization } from '#test/harness';
import { CatalogFixture, outputOf } from './catalog.fixture.js';
import type { Checkpoint } from './checkpoint.js';
import { findCheckpoint, listCheckpoints } from './checkpoint.repository.js';
import { filesOf } from './checkpoint-files.repository.js';
import { ancestorsOf, descendantsOf } from './lineage.repository.js';
import { parseVariantName, shortOf } from './names.js';
import type { FineTuneOutput } from './output.service.js';

let fixture: CatalogFixture;
let familyId: string;
let early: Checkpoint;
let late: Checkpoint;
const clock = new ManualClock(new Date('2026-03-01T00:00:00.000Z'));

beforeAll(async () => {
  fixture = await CatalogFixture.create(clock);
  const family = await fixture.family('forge-1');
  familyId = family.familyId;
  early = await fixture.published(family.trainingRunId, { step: 156 });
  late = await fixture.published(family.trainingRunId, { step: 1953, parentCheckpointId: early.id });
  await fixture.grant({ familyId, actions: ['fine_tune', 'deploy'] });
});
afterAll(() => fixture?.close());

const output = (part: Partial<FineTuneOutput> = {}, paths?: string[]) => outputOf(fixture.partner, late, part, paths);
const register = (made: FineTuneOutput, who: TestOrganization = fixture.partner) =>
  fixture.as(who, (tx) => fixture.catalog.registerOutput(tx, made));
const names = (who: { scope: Scope }) =>
  fixture.as(who, async (tx) => (await listCheckpoints(tx, {}, 'name', { first: 100 })).nodes.map(({ name }) => name));

/** Until another transaction waits for this one to end. */
async function untilOneWaits(tx: Transaction): Promise<void> {
  const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted AND transactionid = pg_current_xact_id()::xid`;
  while ((await tx.query(waiting)).length === 0) await sleep(5);
}

describe('a variant', () => {
  it('is a published checkpoint with its place in the lineage and all that it was made with', async () => {
    const made = output();
    const variant = await register(made);
    expect(parseVariantName(variant.name)).toEqual({
      baseName: late.name,
      organizationSlug: expect.any(String),
      suffix: 'rust',
      short: shortOf(made.fineTuneJobId),
      step: null,
    });
    expect(variant).toMatchObject({
      status: 'published',
      kind: 'adapter',
      organizationId: fixture.partner.organizationId,
      projectId: fixture.partner.projectId,
      familyId,
      parentCheckpointId: late.id,
      baseCheckpointId: late.id,
      step: 188,
      recipe: made.recipe,
      adapter: { rank: 16, alpha: 32, rslora: false, targetModules: expect.arrayContaining(['q_proj', 'down_proj']) },
      contextLength: late.contextLength,
      tokenizerSha256: late.tokenizerSha256,
      templateSha256: late.templateSha256,
      architectureSha256: late.architectureSha256,
    });
    const [ancestors] = await fixture.as(fixture.partner, (tx) => ancestorsOf(tx, [variant.id]));
    expect(ancestors!.map((step) => step.checkpoint.name)).toEqual([late.name, early.name]);
    const files = await fixture.as(fixture.partner, (tx) => fixture.catalog.files(tx, variant.id, 'weights'));
    expect(files[0]).toEqual({
      path: 'adapter_config.json',
      bytes: 10,
      sha256: expect.any(String),
      key: `${made.output.keyPrefix}adapter_config.json`,
    });
  });

  it('is registered once, also when two handlers do it at the same time or a later attempt wrote it anew', async () => {
    const made = output();
    const [first, second] = await fixture.as(fixture.partner, async (tx) => {
      const registered = await fixture.catalog.registerOutput(tx, made);
      const waiting = register(made);
      await untilOneWaits(tx);
      return [registered, { waiting }] as const;
    });
    expect(await second.waiting).toEqual(first);
    const anew = structuredClone(made);
    anew.output.folder.manifest.files[0]!.sha256 = sha256Hex('other bytes');
    expect(await register(anew)).toEqual(first);
  });

  it('has intermediates beside it, whose resume state is a part of its own', async () => {
    const resume = ['adapter_config.json', 'adapter_model.safetensors', 'resume/optimizer.pt'];
    const variant = await register(output({ step: 94, suffix: null }, resume));
    expect(parseVariantName(variant.name)).toMatchObject({ suffix: null, step: 94 });
    const [files] = await fixture.as(fixture.partner, (tx) => filesOf(tx, [variant.id]));
    expect(files!.map((file) => [file.path, file.part])).toEqual([
      ['adapter_config.json', 'weights'],
      ['adapter_model.safetensors', 'weights'],
      ['resume/optimizer.pt', 'optimizer'],
    ]);
  });

  it('can be trained on: its child is an adapter of the same base', async () => {
    const first = await register(output());
    const second = await register(output({ parentCheckpointId: first.id }));
    expect(second).toMatchObject({ parentCheckpointId: first.id, baseCheckpointId: late.id });
    expect(second.name.startsWith(`ft:${late.name}:`)).toBe(true);
  });

  it('is refused when it was trained with another tokenizer or template, or lacks a file', async () => {
    const tokenizer = output();
    tokenizer.output.folder.manifest.tokenizer_sha256 = sha256Hex('other');
    const template = output();
    delete template.output.folder.manifest.template_sha256;
    for (const made of [tokenizer, template])
      await expect(register(made)).rejects.toMatchObject({ code: 'OUTPUT_DIFFERS_FROM_BASE' });
    await expect(register(output({}, ['adapter_config.json']))).rejects.toMatchObject({ code: 'OUTPUT_INCOMPLETE' });
    await expect(register(output({ suffix: 'a:b' }))).rejects.toMatchObject({ code: 'SUFFIX_UNUSABLE' });
  });
});

describe('who sees what', () => {
  it('is the owner, and for the lab’s checkpoints the entitled; never another’s variants', async () => {
    const variant = await register(output());
    const others = { ...fixture.partner.scope, projectIds: [newId('proj')] };
    expect(await names(fixture.partner)).toEqual(expect.arrayContaining([early.name, late.name, variant.name]));
    expect(await names(fixture.lab)).toEqual([early.name, late.name]);
    expect(await names(fixture.other)).toEqual([]);
    // A member of another project of the same organization sees the lab's, and not this project's.
    expect(await names({ scope: others })).toEqual([early.name, late.name]);
    const below = await fixture.database.read(others, (tx) => descendantsOf(tx, [late.id], {}));
    expect(below[0]!.nodes).toEqual([]);
    await fixture.grant({ organizationId: fixture.other.organizationId, familyId: null, checkpointId: early.id });
    expect(await names(fixture.other)).toEqual([early.name]);
    // Files are seen with their checkpoint.
    const files = await fixture.as(fixture.other, (tx) => filesOf(tx, [early.id, late.id, variant.id]));
    expect(files.map((list) => list.length > 0)).toEqual([true, false, false]);
    await expect(register(output({ parentCheckpointId: late.id }), fixture.other)).rejects.toMatchObject({
      code: 'CHECKPOINT_NOT_FOUND',
    });
  });

  it('follows the time of entitlements', async () => {
    const [from, to] = [new Date('2030-01-01T00:00:00.000Z'), new Date('2031-01-01T00:00:00.000Z')];
    await fixture.grant({
      organizationId: fixture.other.organizationId,
      familyId: null,
      checkpointId: late.id,
      validFrom: from,
      validTo: to,
    });
    const seenAt = (instant: Date) =>
      fixture.as(fixture.other, async (tx) => {
        await tx.query(`SELECT set_config('app.time', $1, true)`, [instant.toISOString()]);
        return (await findCheckpoint(tx, late.id)) !== null;
      });
    const justBefore = (instant: Date) => new Date(instant.getTime() - 1);
    expect([
      await seenAt(justBefore(from)),
      await seenAt(from),
      await seenAt(justBefore(to)),
      await seenAt(to),
    ]).toEqual([false, true, true, false]);
  });

  it('ends with a revocation, but for what is concluded as of a time before it', async () => {
    const who = fixture.other;
    const { trainingRunId, familyId } = await fixture.family('forge-revoked');
    const { id } = await fixture.published(trainingRunId);
    const entitlementId = await fixture.grant({ organizationId: who.organizationId, familyId });
    const before = clock.now();
    clock.advance(1000);
    await fixture.as(fixture.lab, (tx) => fixture.entitlements.revoke(tx, { entitlementId, reason: 'over' }));
    await fixture.as(who, async (tx) => {
      const isSeen = async () => (await findCheckpoint(tx, id)) !== null;
      expect(await asOf(tx, before, isSeen)).toBe(true);
      expect(await asOf(tx, clock.now(), isSeen)).toBe(false);
      const failing = asOf(tx, before, () => fixture.catalog.getVisible(tx, 'nothing'));
      await expect(failing).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
      expect(await isSeen()).toBe(false);
    });
  });

  it('stands against an application that writes what is not its own', async () => {
    const write = (sql: string, parameters: unknown[]) =>
      fixture.as(fixture.partner, (tx) => tx.query(sql, parameters));
    const figures = `'x', 'x', 1, NULL, NULL, true, 'x', $3, 'x', $3`;
    const forged = (organizationId: string) =>
      write(`INSERT INTO checkpoint_evals VALUES ($1, $2, $4, ${figures})`, [
        newId('ceval'),
        organizationId,
        clock.now(),
        late.id,
      ]);
    await expect(forged(fixture.lab.organizationId)).rejects.toThrow(/row-level security/);
    await expect(forged(fixture.partner.organizationId)).rejects.toThrow(/foreign key/);
    expect(await write(`UPDATE checkpoints SET status = 'retired' WHERE id = $1 RETURNING id`, [late.id])).toEqual([]);
  });
});

describe('what a checkpoint may be used for', () => {
  const attempt = (who: TestOrganization, action: 'fine_tune' | 'deploy' | 'download_weights', model: string) =>
    fixture.as(who, async (tx) => fixture.catalog.assertMay(tx, action, await fixture.catalog.getUsable(tx, model)));

  it('is told by entitlements to the base, for own variants too', async () => {
    const variant = await register(output());
    expect(await attempt(fixture.partner, 'deploy', variant.name)).toMatchObject({ clause: 'MSA 4.2' });
    expect(await attempt(fixture.lab, 'deploy', late.name)).toEqual({ entitlementId: null, clause: null });
    const refusal = { code: 'NOT_ENTITLED', message: expect.stringContaining('MSA 4.2') };
    await expect(attempt(fixture.partner, 'download_weights', variant.name)).rejects.toMatchObject(refusal);
  });

  it('hands out bytes only to those who may download that part', async () => {
    const download = (part: 'weights' | 'optimizer') =>
      fixture.as(fixture.partner, (tx) => fixture.transfers.downloads(tx, early.name, part));
    await expect(download('weights')).rejects.toMatchObject({ code: 'NOT_ENTITLED' });
    await fixture.grant({ familyId, actions: ['download_weights'] });
    const weights = await download('weights');
    const config = weights.find((file) => file.path === 'config.json')!;
    const body = Buffer.from(await (await fetch(config.url)).arrayBuffer());
    expect(sha256Hex(body)).toBe(config.sha256);
    await expect(download('optimizer')).rejects.toMatchObject({ code: 'NOT_ENTITLED' });
    await fixture.grant({ familyId, actions: ['download_optimizer_state'] });
    expect((await download('optimizer')).map((file) => file.path)).toEqual(['optimizer/adamw.safetensors']);
  });
});

describe('retiring', () => {
  it('shows who is affected first, then ends new uses and nothing else', async () => {
    const variant = await register(output());
    const impact = () => fixture.as(fixture.lab, (tx) => fixture.retirement.impact(tx, late.id));
    const seen = await impact();
    const { organizationId } = fixture.partner;
    expect(seen.affected).toEqual([{ organizationId, what: 'variants', count: expect.any(Number) }]);
    await register(output());
    const retire = (acknowledgedImpact: string, who = fixture.lab) =>
      fixture.as(who, (tx) =>
        fixture.retirement.retire(tx, { checkpointId: late.id, reason: 'replaced', acknowledgedImpact }),
      );
    await expect(retire(seen.digest)).rejects.toMatchObject({ code: 'RETIREMENT_IMPACT_CHANGED' });
    const now = await impact();
    expect(now.affected[0]!.count).toBe(seen.affected[0]!.count + 1);
    await expect(retire(now.digest, fixture.partner)).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    // Earlier checkpoints of the run hang on nothing of it: their retirement affects nobody.
    expect((await fixture.as(fixture.lab, (tx) => fixture.retirement.impact(tx, early.id))).affected).toEqual([]);
    const asPartner = fixture.as(fixture.partner, (tx) => fixture.retirement.impact(tx, late.id));
    await expect(asPartner).rejects.toMatchObject({ code: 'CHECKPOINT_NOT_FOUND' });
    await retire(now.digest);
    await expect(retire(now.digest)).rejects.toMatchObject({ code: 'CHECKPOINT_STATE' });
    for (const model of [late.name, variant.name]) {
      const use = fixture.as(fixture.partner, (tx) => fixture.catalog.getUsable(tx, model));
      await expect(use).rejects.toMatchObject({
        code: 'CHECKPOINT_RETIRED',
        message: expect.stringContaining('replaced'),
      });
      expect(await fixture.as(fixture.partner, (tx) => fixture.catalog.getVisible(tx, model))).toBeTruthy();
    }
  });
});
