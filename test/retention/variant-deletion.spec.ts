import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { VariantDeletionService } from '#libs/catalog';
import { ListingService } from '#libs/contracts';
import { DeploymentsService } from '#libs/deployments';
import { EvaluationsService } from '#libs/evaluations';
import { FineTuningService } from '#libs/fine-tuning';
import { newId } from '#libs/kernel';
import { Database } from '#platform/database';
import { readDemand } from '../../libs/deployments/src/jobs/engine-pool.repository.js';
import type { Tuner } from '../../libs/fine-tuning/src/fine-tuning.fixture.js';
import { type Retained, RetainedFixture } from './retained.fixture.js';

let fixture: RetainedFixture;
let partner: Retained;
let tuner: Tuner;
let model: string;

beforeAll(async () => {
  fixture = await RetainedFixture.start();
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  partner = await fixture.partner({});
  ({ tuner } = partner);
  model = partner.job.outputName!;
});

const as = <T>(who: Pick<Tuner, 'scope'>, work: Parameters<RetainedFixture['tuning']['as']>[1]) =>
  fixture.tuning.as(who, work) as Promise<T>;
const remove = (who: Pick<Tuner, 'scope'> = tuner) =>
  as(who, (tx) => fixture.get(VariantDeletionService).delete(tx, model));
const holds = (who: Pick<Tuner, 'scope'> = tuner) =>
  as<object[]>(who, (tx) => fixture.get(VariantDeletionService).holds(tx, model));
const deployments = () => fixture.get(DeploymentsService);
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'allowed',
    (error) => error.code,
  );

/** It is the only thing that holds the variant, until it is let go. */
async function expectHeldBy(hold: object, letGo: () => Promise<unknown>): Promise<void> {
  expect(await holds()).toEqual([{ id: null, name: null, count: 1, ...hold }]);
  expect(await outcome(remove())).toBe('VARIANT_IN_USE');
  await letGo();
  expect(await holds()).toEqual([]);
  expect(await remove()).toMatchObject({ status: 'retired', removal: { deletedBy: tuner.scope.actor.id } });
}

const endDeployment = () => as(tuner, (tx) => deployments().delete(tx, partner.deploymentId));
const continued = async (change = {}) => ({ ...tuner, checkpoint: { ...tuner.checkpoint, name: model }, ...change });

describe('a variant is held', () => {
  test('by a deployment that answers with it, also while that is paused', async () => {
    const { deploymentId } = partner;
    await as(tuner, (tx) => deployments().pause(tx, deploymentId));
    const { name } = await as<{ name: string }>(tuner, (tx) => deployments().get(tx, deploymentId));
    await expectHeldBy({ what: 'deployment', id: deploymentId, name }, endDeployment);
  });

  test('by deployments of projects that the caller does not reach, which are counted', async () => {
    const [other] = await fixture.rows(
      tuner,
      `INSERT INTO projects (id, organization_id, name, slug, created_by, created_at)
       VALUES ('${newId('proj')}', '${tuner.organizationId}', 'Other', 'other', 'spec', '${fixture.clock.now().toISOString()}')
       RETURNING id`,
    );
    const projectId = String(other!['id']);
    const { id } = await as<{ id: string }>(tuner, (tx) =>
      deployments().create(tx, { projectId, slug: 'theirs', checkpoint: model }),
    );
    await endDeployment();
    const engineer = {
      ...tuner.scope,
      actor: { type: 'user', id: newId('user') },
      projectIds: [tuner.projectId],
    } as const;
    expect(await holds({ scope: engineer })).toEqual([{ what: 'deployment', id: null, name: null, count: 1 }]);
    expect(await outcome(remove({ scope: engineer }))).toBe('VARIANT_IN_USE');
    await expectHeldBy({ what: 'deployment', id, name: 'other/theirs' }, () =>
      as(tuner, (tx) => deployments().delete(tx, id)),
    );
  });

  test('by a listing, while the lab looks at it and while it is offered', async () => {
    await endDeployment();
    const withdraw = (id: string) => as(tuner, (tx) => fixture.get(ListingService).withdraw(tx, id));
    for (const inReview of [true, false]) {
      const { id } = await fixture.list(partner, { inReview });
      const hold = { what: 'listing', id, name: 'Rust helper' };
      if (!inReview) return expectHeldBy(hold, () => withdraw(id));
      expect(await holds()).toEqual([{ ...hold, count: 1 }]);
      expect(await outcome(remove())).toBe('VARIANT_IN_USE');
      await withdraw(id);
    }
  });

  test('by no draft of a listing, which comes to nothing then', async () => {
    await endDeployment();
    const checkpointId = partner.job.outputCheckpointId!;
    const price = { priceNanos: 1n, perUnits: 1n };
    const offer: Parameters<ListingService['create']>[1] = {
      ...{ checkpointId, title: 'Rust helper', summary: 'Writes Rust.', organizationIds: null, currency: 'USD' },
      ...{ allowsFineTuning: false, terms: 'Use it kindly.' },
      prices: [
        { meter: 'input_tokens', ...price },
        { meter: 'output_tokens', ...price },
      ],
    };
    const listings = fixture.get(ListingService);
    const id = await as<string>(tuner, (tx) => listings.create(tx, offer));
    await remove();
    expect(await outcome(as(tuner, (tx) => listings.submit(tx, id)))).toBe('LISTING_VARIANT_NOT_FOUND');
  });

  test('by a fine-tune from it, from when it is asked for until it is over', async () => {
    await endDeployment();
    const job = await fixture.tuning.create(await continued());
    expect(job.status).toBe('validating_files');
    expect(await holds()).toMatchObject([{ what: 'fine_tune_job', id: job.id }]);
    await fixture.tuning.endPreparation(tuner, job.preparationId!);
    await expectHeldBy({ what: 'fine_tune_job', id: job.id }, () => fixture.tuning.move(tuner, 'cancel', job.id));
  });

  test('by the fine-tune that makes it, which may have to go on from there', async () => {
    const job = await fixture.tuning.running(tuner);
    const output = await fixture.tuning.adapterOf(tuner, job, 3, 'checkpoint');
    const payload = { computeJobId: job.computeJobId!, kind: 'train', ownerId: job.id, step: 3, output } as const;
    await as(tuner, async (tx) => tx.publish({ type: 'compute.checkpoint.saved', payload }));
    await fixture.tuning.messages.deliver();
    const [made] = await fixture.rows(tuner, `SELECT name FROM checkpoints WHERE fine_tune_job_id = '${job.id}'`);
    model = String(made!['name']);
    await fixture.tuning.train(job.computeJobId!, 50, 50);
    await expectHeldBy({ what: 'fine_tune_job', id: job.id }, () => fixture.tuning.succeed(tuner, job));
  });

  test('by an evaluation of it that is not over', async () => {
    await endDeployment();
    const { suiteId } = partner;
    const run = await as<{ id: string }>(tuner, (tx) =>
      fixture.get(EvaluationsService).createRun(tx, { suiteId, checkpoint: model }),
    );
    await expectHeldBy({ what: 'evaluation_run', id: run.id }, () =>
      as(tuner, (tx) => fixture.get(EvaluationsService).cancelRun(tx, run.id)),
    );
  });

  test('by jobs of organizations that it was listed for, which are counted', async () => {
    await endDeployment();
    const reader = await fixture.partner({});
    const stopReading = await fixture.readFrom(reader.tuner, partner);
    // Theirs is not held by that.
    const theirs = reader.job.outputName!;
    expect(
      await as<object[]>(reader.tuner, (tx) => fixture.get(VariantDeletionService).holds(tx, theirs)),
    ).toMatchObject([{ what: 'deployment', id: reader.deploymentId }]);
    await expectHeldBy({ what: 'jobs_of_others' }, stopReading);
  });

  test('by nothing that is over: what was trained on from it, what was measured, what answered once', async () => {
    const { tuning } = fixture;
    const child = await tuning.succeed(tuner, await tuning.running(await continued()));
    const { deploymentId } = partner;
    await as(tuner, (tx) =>
      deployments().deployRevision(tx, { deploymentId, checkpoint: child.outputName!, activate: true }),
    );
    const since = new Date(0);
    const wanted = async () => {
      const demand = await fixture.get(Database).as('reconciler', (tx) => readDemand(tx, since));
      return demand.map(({ checkpointId }) => checkpointId);
    };
    expect(await wanted()).toContain(partner.job.outputCheckpointId);
    await remove();
    // Engines are not asked for what can't be had.
    expect(await wanted()).not.toContain(partner.job.outputCheckpointId);
    expect(await wanted()).toContain(child.outputCheckpointId);
    expect(await outcome(as(tuner, (tx) => deployments().rollBack(tx, deploymentId)))).toBe('CONTENT_REMOVED');
    const run = await as(tuner, (tx) => fixture.get(EvaluationsService).getRun(tx, partner.runId));
    expect(run).toMatchObject({ status: 'succeeded', checkpointName: model });
  });
});

describe('at the same time as a deletion', () => {
  const BEGINNINGS: Record<string, () => Promise<unknown>> = {
    deployment: () =>
      as(tuner, (tx) => deployments().create(tx, { projectId: tuner.projectId, slug: 'late', checkpoint: model })),
    'roll-back': () => as(tuner, (tx) => deployments().rollBack(tx, partner.deploymentId)),
    evaluation: () =>
      as(tuner, (tx) => fixture.get(EvaluationsService).createRun(tx, { suiteId: partner.suiteId, checkpoint: model })),
    'fine-tune': async () => {
      const request = await fixture.tuning.request(await continued());
      return as(tuner, (tx) => fixture.get(FineTuningService).create(tx, request));
    },
  };

  test.each(Object.entries(BEGINNINGS))('a %s begins before it or not at all', async (name, begin) => {
    const { deploymentId } = partner;
    const checkpoint = partner.job.parentName;
    await as(tuner, (tx) => deployments().deployRevision(tx, { deploymentId, checkpoint, activate: true }));
    const [begun, deleted] = await Promise.all([outcome(begin()), outcome(remove())]);
    const outcomes = `${name}: ${begun}, deletion: ${deleted}`;
    expect([`${name}: allowed, deletion: VARIANT_IN_USE`, `${name}: CONTENT_REMOVED, deletion: allowed`]).toContain(
      outcomes,
    );
  });
});
