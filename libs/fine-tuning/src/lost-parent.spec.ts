import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CatalogService, RetirementService } from '#libs/catalog';
import { EntitlementService } from '#libs/contracts';
import { systemClock } from '#libs/kernel';
import type { FineTuneJob } from './fine-tune-job.js';
import { FineTuningFixture, type Tuner } from './fine-tuning.fixture.js';

// An entitlement is waited for to expire.
const EXPIRES_AFTER_MILLISECONDS = 4_000;

let fixture: FineTuningFixture;
let partner: Tuner;

beforeAll(async () => {
  fixture = await FineTuningFixture.start();
  // Row security goes by the database's clock, which is not moved.
  fixture.clock.set(systemClock.now());
  partner = await fixture.tuner();
});
afterAll(() => fixture?.stop());

const asLab = <T>(work: Parameters<typeof fixture.as<T>>[1]) => fixture.as(fixture.lab, work);
const entitlements = () => fixture.graphql.get(EntitlementService);
const revoke = (entitlementId: string) => {
  fixture.clock.advance(10);
  return asLab((tx) => entitlements().revoke(tx, { entitlementId, reason: 'The contract ended.' }));
};

/** A partner and a base that it may fine-tune by one entitlement, and that entitlement. */
async function granted(validTo?: Date): Promise<{ tuner: Tuner; entitlementId: string }> {
  const tuner = { ...partner, checkpoint: await fixture.checkpoint() };
  return { tuner, entitlementId: await grant(tuner, ['fine_tune', 'deploy'], validTo) };
}

function grant(
  { organizationId, checkpoint }: Tuner,
  actions: Array<'browse' | 'fine_tune' | 'deploy'>,
  validTo?: Date,
) {
  const { familyId } = checkpoint;
  return asLab((tx) => entitlements().grant(tx, { organizationId, familyId, actions, clause: 'MSA 4.2', validTo }));
}

async function retire({ checkpoint }: Tuner): Promise<void> {
  const retirement = fixture.graphql.get(RetirementService);
  const checkpointId = checkpoint.id;
  await asLab(async (tx) => {
    const { digest } = await retirement.impact(tx, checkpointId);
    await retirement.retire(tx, { checkpointId, reason: 'superseded', acknowledgedImpact: digest });
  });
}

interface Loss {
  tuner: Tuner;
  lose(): Promise<void>;
}

/** What may become of the parent, or of the right to it, while a job of it is on its way. */
const LOSSES: Record<'retired' | 'revoked' | 'narrowed' | 'expired', () => Promise<Loss>> = {
  async retired() {
    const { tuner } = await granted();
    return { tuner, lose: () => retire(tuner) };
  },
  async revoked() {
    const { tuner, entitlementId } = await granted();
    return { tuner, lose: () => revoke(entitlementId) };
  },
  async narrowed() {
    const { tuner, entitlementId } = await granted();
    const lose = async () => {
      await revoke(entitlementId);
      await grant(tuner, ['browse']);
    };
    return { tuner, lose };
  },
  async expired() {
    fixture.clock.set(systemClock.now());
    const validTo = new Date(fixture.clock.now().getTime() + EXPIRES_AFTER_MILLISECONDS);
    const { tuner } = await granted(validTo);
    const lose = async () => {
      await sleep(validTo.getTime() - systemClock.now().getTime() + 20);
      fixture.clock.set(systemClock.now());
    };
    return { tuner, lose };
  },
};

async function save(tuner: Tuner, job: FineTuneJob, step: number): Promise<void> {
  const output = await fixture.adapterOf(tuner, job, step, 'checkpoint');
  const payload = { computeJobId: job.computeJobId!, kind: 'train', ownerId: job.id, step, output } as const;
  await fixture.as(tuner, async (tx) => tx.publish({ type: 'compute.checkpoint.saved', payload }));
  await fixture.messages.deliver();
}

/** What was accepted is concluded and billed as accepted. */
async function expectBilled(tuner: Tuner, { id, parentName, parentCheckpointId, familyId, createdAt }: FineTuneJob) {
  expect(await fixture.job(tuner, id)).toMatchObject({ trainedTokens: 20, costNanos: 70n });
  expect(await fixture.reservation(tuner, id)).toMatchObject({ status: 'settled', settled_nanos: '70' });
  expect(await fixture.usage(tuner, id)).toEqual([
    {
      model: parentName,
      checkpoint_id: parentCheckpointId,
      base_checkpoint_id: parentCheckpointId,
      family_id: familyId,
      training_tokens: '20',
      admitted_at: createdAt,
    },
  ]);
}

describe.each(Object.entries(LOSSES))('while a job runs its parent’s use is %s: the job', (name, losing) => {
  test('succeeds, is billed, and has its variants, which take an entitlement to be used', async () => {
    const { tuner, lose } = await losing();
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 11, 9);
    await lose();
    await save(tuner, job, 1);
    const done = await fixture.succeed(tuner, job);
    expect(done).toMatchObject({ status: 'succeeded', error: null });
    await expectBilled(tuner, job);
    const use = (model: string) =>
      fixture.as(tuner, async (tx) => {
        const catalog = fixture.graphql.get(CatalogService);
        const variant = await catalog.getVisible(tx, model);
        expect(variant).toMatchObject({ fineTuneJobId: job.id, baseCheckpointId: tuner.checkpoint.id });
        return catalog.assertMay(tx, 'deploy', variant);
      });
    for (const model of [done.outputName!, `${done.outputName}:step-1`]) {
      if (name === 'retired') expect(await use(model)).toMatchObject({ clause: 'MSA 4.2' });
      else await expect(use(model)).rejects.toMatchObject({ code: 'NOT_ENTITLED' });
    }
    const query =
      'query($id: ID!) { node(id: $id) { ... on FineTuneJob { status parent { id } checkpoint { name } } } }';
    const { node } = await fixture.graphql.ask(tuner.who, query, { id: job.id });
    const isSeen = name === 'retired' || name === 'narrowed';
    const parent = isSeen ? { id: tuner.checkpoint.id } : null;
    expect(node).toEqual({ status: 'SUCCEEDED', parent, checkpoint: { name: done.outputName } });
  });
});

describe.each(['retired', 'revoked', 'narrowed'] as const)('after its parent’s use is %s a job', (name) => {
  test('that runs fails or is cancelled as any other', async () => {
    const { tuner, lose } = await LOSSES[name]();
    const jobs = [await fixture.running(tuner), await fixture.running(tuner)] as const;
    for (const { computeJobId } of jobs) await fixture.train(computeJobId!, 11, 9);
    await lose();
    const [failing, cancelled] = jobs;
    const failed = await fixture.ended(tuner, failing, { outcome: 'failed' });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'internal_error' } });
    expect(await fixture.move(tuner, 'cancel', cancelled.id)).toBe('running');
    expect((await fixture.ended(tuner, cancelled, { outcome: 'cancelled' })).status).toBe('cancelled');
    for (const job of jobs) await expectBilled(tuner, job);
  });

  test('that waits for its file begins only if it still may', async () => {
    const { tuner, lose } = await LOSSES[name]();
    const job = await fixture.create(tuner);
    await lose();
    await fixture.endPreparation(tuner, job.preparationId!);
    const { status, error, costNanos } = await fixture.job(tuner, job.id);
    if (name === 'retired') return expect({ status, error }).toEqual({ status: 'queued', error: null });
    const message = expect.stringMatching(new RegExp(`may not fine-tune ${tuner.checkpoint.name}: .*MSA 4\\.2`));
    const refusal = { code: 'not_entitled', message, param: 'model' };
    expect({ status, error, costNanos }).toEqual({ status: 'failed', error: refusal, costNanos: 0n });
    expect(await fixture.reservation(tuner, job.id)).toBeNull();
  });

  test('that is paused goes on only if it still may, and can be cancelled', async () => {
    const { tuner, lose } = await LOSSES[name]();
    const job = await fixture.running(tuner);
    await fixture.train(job.computeJobId!, 11, 9);
    await fixture.move(tuner, 'pause', job.id);
    await fixture.end(tuner, job.computeJobId!, { outcome: 'paused' });
    await lose();
    expect(await fixture.move(tuner, 'resume', job.id)).toBe(name === 'retired' ? 'queued' : 'NOT_ENTITLED');
    expect(await fixture.move(tuner, 'cancel', job.id)).toBe('cancelled');
    await expectBilled(tuner, job);
  });
});
