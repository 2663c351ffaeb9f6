import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, newId } from '#libs/kernel';
import type { TestOrganization } from '#test/harness';
import { CatalogFixture, outputOf } from './catalog.fixture.js';
import type { Checkpoint } from './checkpoint.js';
import { storedVariants } from './jobs/stored-variants.js';
import type { FineTuneOutput } from './output.service.js';

let fixture: CatalogFixture;
let base: Checkpoint;
const HOUR_MILLISECONDS = 3_600_000;
const START = new Date('2026-03-01T00:00:00.000Z');
const clock = new ManualClock(START);
const hour = (hours: number) => new Date(START.getTime() + hours * HOUR_MILLISECONDS);

beforeAll(async () => {
  fixture = await CatalogFixture.create(clock);
  const { familyId, trainingRunId } = await fixture.family('forge-1');
  base = await fixture.published(trainingRunId);
  for (const { organizationId } of [fixture.partner, fixture.other])
    await fixture.grant({ organizationId, familyId, actions: ['fine_tune'] });
});
afterAll(() => fixture?.close());

/** Of two files of ten bytes each, or of so many. */
const variant = (at: Date, owner = fixture.partner, part: Partial<FineTuneOutput> = {}, paths?: string[]) => {
  clock.set(at);
  return fixture.as(owner, (tx) => fixture.catalog.registerOutput(tx, outputOf(owner, base, part, paths)));
};

/** Byte-hours by variant. */
async function stored(from: Date, to: Date, who: TestOrganization = fixture.partner): Promise<Record<string, number>> {
  const found = await fixture.as(who, (tx) => storedVariants(tx, { from, to }));
  return Object.fromEntries(
    found.map(({ subjectId, byteMilliseconds }) => [subjectId, Number(byteMilliseconds) / HOUR_MILLISECONDS]),
  );
}

describe('what is stored of variants', () => {
  it('counts from publication until the owner deletes it', async () => {
    const { id, name, familyId } = await variant(hour(6));
    clock.set(hour(30));
    await fixture.as(fixture.partner, (tx) => fixture.deletion.delete(tx, id));
    expect(await stored(hour(0), hour(6))).toEqual({});
    expect(await stored(hour(0), hour(24))).toEqual({ [id]: 18 * 20 });
    expect(await stored(hour(24), hour(48))).toEqual({ [id]: 6 * 20 });
    expect(await stored(hour(30), hour(48))).toEqual({});
    const [whose] = await fixture.as(fixture.partner, (tx) => storedVariants(tx, { from: hour(0), to: hour(24) }));
    expect(whose).toEqual({
      subjectId: id,
      projectId: fixture.partner.projectId,
      variant: { name, checkpointId: id, baseCheckpointId: base.id, familyId },
      byteMilliseconds: BigInt(18 * 20 * HOUR_MILLISECONDS),
    });
  });

  it('counts what training could go on from, and the whole span of what is there before and after', async () => {
    const paths = ['adapter_config.json', 'adapter_model.safetensors', 'resume/optimizer.pt'];
    const { id } = await variant(hour(60), fixture.partner, { step: 5 }, paths);
    expect(await stored(hour(72), hour(96))).toEqual({ [id]: 24 * 30 });
  });

  it('ends with a clause of the contract as well', async () => {
    const fineTuneJobId = newId('ftjob');
    const { id } = await variant(hour(100), fixture.other, { fineTuneJobId });
    const removal = {
      ...({ clause: 'retention.afterEndDays', contractId: newId('ctr'), contractName: 'Agreement' } as const),
      ...{ versionId: newId('cver'), versionNumber: 1, at: hour(110).toISOString() },
    };
    await fixture.as(fixture.other, (tx) => fixture.retirement.bury(tx, [fineTuneJobId], removal));
    expect(await stored(hour(96), hour(120), fixture.other)).toEqual({ [id]: 10 * 20 });
  });

  it('is of the own organization alone, and nothing of what the lab publishes', async () => {
    const [own, theirs] = [await variant(hour(200)), await variant(hour(200), fixture.other)];
    const span = [hour(201), hour(202)] as const;
    expect(await stored(...span)).toMatchObject({ [own.id]: 20 });
    expect(Object.keys(await stored(...span))).not.toContain(theirs.id);
    expect(await stored(...span, fixture.other)).toEqual({ [theirs.id]: 20 });
    expect(await stored(...span, fixture.lab)).toEqual({});
  });
});
