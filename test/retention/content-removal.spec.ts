import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CatalogService } from '#libs/catalog';
import { ComputeHistory } from '#libs/compute';
import { DatasetsService } from '#libs/datasets';
import { DeploymentsService } from '#libs/deployments';
import { EvaluationsService } from '#libs/evaluations';
import { DAY_MILLISECONDS, newId } from '#libs/kernel';
import { Database } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import type { Tuner } from '../../libs/fine-tuning/src/fine-tuning.fixture.js';
import { type Retained, RetainedFixture } from './retained.fixture.js';

let fixture: RetainedFixture;
let partner: Retained;

beforeAll(async () => {
  fixture = await RetainedFixture.start();
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  partner = await fixture.partner({ afterEndDays: 30 });
});

const afterEnd = (days: number) => fixture.clock.set(new Date(partner.endsAt.getTime() + days * DAY_MILLISECONDS));
const mails = ({ tuner }: Retained) =>
  fixture.rows(tuner, 'SELECT subject, text, permission FROM mail_outbox WHERE organization_id = :organization');
const events = ({ tuner }: Retained) =>
  fixture.rows(tuner, 'SELECT type, body FROM webhook_deliveries WHERE organization_id = :organization');
const removals = ({ tuner }: Retained) =>
  fixture.rows(tuner, 'SELECT * FROM content_removals WHERE organization_id = :organization');
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'allowed',
    (error) => error.code,
  );
const as = <T>(tuner: Tuner, work: Parameters<RetainedFixture['tuning']['as']>[1]) =>
  fixture.tuning.as(tuner, work) as Promise<T>;

const askedForFile = ({ tuner, job }: Retained) =>
  codeOf(as(tuner, (tx) => fixture.get(DatasetsService).getVersion(tx, job.trainingFileId)));

/** Curves that a job's end left only after the day had begun. */
async function lateResult({ tuner, job }: Retained): Promise<string> {
  const result = { ...{ projectId: tuner.projectId, filename: 'late.csv', objectKey: 'late' }, bytes: 1 };
  return fixture.tuning.as(tuner, async (tx) => {
    const id = await fixture.get(DatasetsService).registerResult(tx, { ...result, sha256: 'a'.repeat(64) });
    await tx.query('UPDATE fine_tune_jobs SET result_file_id = $2 WHERE id = $1 AND organization_id = :organization', [
      job.id,
      id,
    ]);
    return id;
  });
}

/** What becomes of asking for each kind of file. */
async function asked(one: Retained): Promise<string[]> {
  const { tuner, job, suiteId, runId } = one;
  const read = <T>(work: Parameters<Database['read']>[1]) =>
    fixture.get(Database).read(tuner.scope, work) as Promise<T>;
  return Promise.all([
    askedForFile(one),
    codeOf(as(tuner, (tx) => fixture.get(CatalogService).getUsable(tx, job.outputName!))),
    codeOf(as(tuner, (tx) => fixture.get(EvaluationsService).createRun(tx, { suiteId, checkpoint: job.parentName }))),
    codeOf(as(tuner, (tx) => fixture.get(EvaluationsService).compare(tx, { baselineId: runId, candidateId: runId }))),
    codeOf(fixture.get(ComputeHistory).logs(read, [job.computeJobId!], { attempt: 1 })),
  ]);
}
const ALLOWED = Array(5).fill('allowed');
const REMOVED = Array(5).fill('CONTENT_REMOVED');

describe('after its last contract', () => {
  test('an organization keeps its content until the day, and is told of it once, fourteen days before', async () => {
    await as(partner.tuner, (tx) =>
      tx.query(
        `INSERT INTO webhook_endpoints (id, organization_id, url, description, events, created_by, created_at)
         VALUES ($1, :organization, 'https://hooks.example/', '', '{content.removal_due}', 'spec', $2)`,
        [newId('whe'), fixture.clock.now()],
      ),
    );
    const objects = await fixture.objects(partner.tuner);
    afterEnd(16 - 0.01);
    await fixture.turn();
    expect([await mails(partner), await removals(partner)]).toEqual([[], []]);
    afterEnd(16);
    await fixture.turn();
    await fixture.turn();
    const dueAt = new Date(partner.endsAt.getTime() + 30 * DAY_MILLISECONDS);
    expect(await mails(partner)).toEqual([
      {
        permission: 'members:write',
        subject: `Your content on the platform will be deleted on ${dueAt.toISOString().slice(0, 10)}`,
        text: expect.stringContaining(
          `By the clause "retention.afterEndDays" of version 1 of the contract Master agreement (${partner.contract.id}) your content is deleted 30 days later, at ${dueAt.toISOString()}`,
        ),
      },
    ]);
    const [event] = await events(partner);
    expect(JSON.parse(String(event!['body'])).data).toMatchObject({
      contractId: partner.contract.id,
      dueAt: dueAt.toISOString(),
    });
    afterEnd(30 - 0.01);
    await fixture.turn();
    expect(await removals(partner)).toMatchObject([{ due_at: dueAt, begun_at: null, completed_at: null }]);
    expect(await asked(partner)).toEqual(ALLOWED);
    expect((await fixture.objects(partner.tuner)).toSorted()).toEqual(objects.toSorted());
    expect(await mails(partner)).toHaveLength(1);
  });

  test('all of it goes on the day: no object is left, and what is known of it stays', async () => {
    const other = await fixture.partner({ afterEndDays: null });
    const kept = await fixture.objects(other.tuner);
    const { tuner, job, deploymentId, suiteId, runId, contract } = partner;
    expect(await fixture.objects(tuner)).toEqual(
      expect.arrayContaining([expect.stringContaining('adapter_model.safetensors'), expect.stringContaining('/logs/')]),
    );
    afterEnd(16);
    await fixture.turn();
    afterEnd(30);
    await fixture.turn();
    expect(await removals(partner)).toMatchObject([{ contract_id: contract.id, completed_at: fixture.clock.now() }]);
    expect(await fixture.objects(tuner)).toEqual([]);
    expect(await asked(partner)).toEqual(REMOVED);
    const left = {
      clause: 'retention.afterEndDays',
      ...{ contractId: contract.id, contractName: 'Master agreement', versionNumber: 1 },
      at: fixture.clock.now().toISOString(),
    };
    const [variant] = await fixture.rows(
      tuner,
      `SELECT status, removal, retirement_reason FROM checkpoints WHERE organization_id = :organization`,
    );
    expect(variant).toMatchObject({ status: 'retired', removal: left });
    expect(await fixture.rows(tuner, `SELECT state FROM deployments WHERE id = '${deploymentId}'`)).toEqual([
      { state: 'deleted' },
    ]);
    expect(await fixture.rows(tuner, `SELECT removal, source FROM evaluation_suites WHERE id = '${suiteId}'`)).toEqual([
      { removal: expect.objectContaining(left), source: { type: 'rows', rows: [] } },
    ]);
    // Its score is a figure, its answers are content.
    const run = await as<{ summary: { score: number } }>(tuner, (tx) =>
      fixture.get(EvaluationsService).getRun(tx, runId),
    );
    expect(run.summary.score).toBe(1);
    expect(await fixture.rows(tuner, 'SELECT * FROM evaluation_results WHERE organization_id = :organization')).toEqual(
      [],
    );
    expect(await fixture.tuning.job(tuner, job.id)).toMatchObject({ status: 'succeeded', removal: left });
    expect(await fixture.tuning.usage(tuner, job.id)).toHaveLength(1);
    const [version] = await fixture.rows(
      tuner,
      `SELECT id FROM contract_versions WHERE organization_id = :organization AND contract_id = '${contract.id}'`,
    );
    const { actions, targets, intact } = await fixture.audited(tuner);
    expect([actions, intact]).toEqual([['retention.afterEndDays'], true]);
    expect(targets).toEqual(
      expect.arrayContaining([
        ...[job.id, job.computeJobId, job.outputCheckpointId, job.trainingFileId, job.resultFileId],
        ...[deploymentId, suiteId, runId, contract.id, version!['id']],
      ]),
    );
    // A message of the job that comes late makes no variant of what is gone.
    const output = await fixture.tuning.adapterOf(tuner, job, 3, 'checkpoint');
    const saved = { computeJobId: job.computeJobId!, kind: 'train', ownerId: job.id, step: 3, output };
    const { organizationId } = tuner;
    await fixture.tuning.messages.handle({ type: 'compute.checkpoint.saved', organizationId, payload: saved } as never);
    const count = 'SELECT count(*)::int AS count FROM checkpoints WHERE organization_id = :organization';
    expect(await fixture.rows(tuner, count)).toEqual([{ count: 1 }]);
    // What was removed is removed once.
    await fixture.turn();
    expect((await fixture.audited(tuner)).targets).toEqual(targets);
    expect((await fixture.objects(other.tuner)).toSorted()).toEqual(kept.toSorted());
    expect(await asked(other)).toEqual(ALLOWED);
    expect(await mails(other)).toEqual([]);
  });

  test('a contract that is signed before the day keeps it', async () => {
    afterEnd(20);
    await fixture.turn();
    const objects = await fixture.objects(partner.tuner);
    const later = await fixture.agree(partner.tuner, { uploadDays: null, afterEndDays: 0 });
    afterEnd(31);
    await fixture.turn();
    expect(await fixture.objects(partner.tuner)).toEqual(objects);
    expect(await removals(partner)).toMatchObject([{ contract_id: partner.contract.id, begun_at: null }]);
    // Its own end is told of and followed by itself: at once, as it says.
    afterEnd(20 + 365);
    await fixture.turn();
    expect(await removals(partner)).toMatchObject([
      { contract_id: partner.contract.id, begun_at: null },
      { contract_id: later.id, completed_at: fixture.clock.now() },
    ]);
    expect(await mails(partner)).toHaveLength(2);
    expect(await fixture.objects(partner.tuner)).toEqual([]);
  });

  test('what stopped in the middle goes on from there', async () => {
    const store = fixture.get(ObjectStore);
    afterEnd(16);
    await fixture.turn();
    afterEnd(30);
    const away = jest.spyOn(store, 'deleteAll').mockRejectedValue(new Error('the store is away'));
    await expect(fixture.turn()).rejects.toThrow('the store is away');
    away.mockRestore();
    expect(await removals(partner)).toMatchObject([{ begun_at: fixture.clock.now(), completed_at: null }]);
    expect(await askedForFile(partner)).toBe('CONTENT_REMOVED');
    await fixture.turn();
    expect(await fixture.objects(partner.tuner)).toEqual([]);
    expect(await removals(partner)).toMatchObject([{ completed_at: fixture.clock.now() }]);
    const { targets } = await fixture.audited(partner.tuner);
    const gone = targets.filter((id) => !id.startsWith('ctr_') && !id.startsWith('cver_'));
    expect(new Set(gone).size).toBe(gone.length);
  });

  test('the version that was in force at the end decides', async () => {
    fixture.clock.advance(1_000);
    await partner.contract.amend({ retention: { uploadDays: null, afterEndDays: 5 } });
    afterEnd(0);
    await fixture.turn();
    expect(await removals(partner)).toMatchObject([
      { due_at: new Date(partner.endsAt.getTime() + 5 * DAY_MILLISECONDS), clause: { versionNumber: 2, days: 5 } },
    ]);
  });

  test('who is told late, since nothing ran, has fourteen days left all the same', async () => {
    afterEnd(29);
    await fixture.turn();
    afterEnd(31);
    await fixture.turn();
    expect(await asked(partner)).toEqual(ALLOWED);
    afterEnd(29 + 14);
    await fixture.turn();
    expect(await asked(partner)).toEqual(REMOVED);
  });

  test('what goes on is ended first, and what it reads waits for it', async () => {
    const running = await fixture.tuning.running(partner.tuner);
    afterEnd(16);
    await fixture.turn();
    afterEnd(30);
    await fixture.turn();
    // The trainer is asked to stop, and has not yet.
    expect((await fixture.tuning.computeJob(partner.tuner, running.computeJobId!)).state).toBe('cancelling');
    expect(await removals(partner)).toMatchObject([{ begun_at: fixture.clock.now(), completed_at: null }]);
    expect(await askedForFile(partner)).toBe('allowed');
    fixture.clock.advance(1_000);
    const resultId = await lateResult(partner);
    await fixture.tuning.end(partner.tuner, running.computeJobId!, { outcome: 'cancelled' });
    await fixture.rows(
      partner.tuner,
      `UPDATE compute_attempts SET released_at = ended_at WHERE organization_id = :organization`,
    );
    // Its bytes once no request that it was given can be sent any more.
    await fixture.turn();
    expect(await askedForFile(partner)).toBe('CONTENT_REMOVED');
    expect(await askedForFile({ ...partner, job: { ...partner.job, trainingFileId: resultId } })).toBe(
      'CONTENT_REMOVED',
    );
    expect(await removals(partner)).toMatchObject([{ completed_at: null }]);
    afterEnd(30.1);
    await fixture.turn();
    expect(await fixture.objects(partner.tuner)).toEqual([]);
    expect(await removals(partner)).toMatchObject([{ completed_at: fixture.clock.now() }]);
  });

  test('what has ended, and was not told of yet, is concluded first', async () => {
    const { tuner, suiteId, job } = partner;
    const { runId, tell } = await fixture.answered(tuner, suiteId, job.parentName);
    afterEnd(16);
    await fixture.turn();
    afterEnd(30);
    await fixture.turn();
    expect(await removals(partner)).toMatchObject([{ begun_at: fixture.clock.now(), completed_at: null }]);
    expect(await askedForFile(partner)).toBe('allowed');
    await tell();
    await fixture.turn();
    const run = await as<{ status: string; costNanos: bigint }>(tuner, (tx) =>
      fixture.get(EvaluationsService).getRun(tx, runId),
    );
    expect(run).toMatchObject({ status: 'succeeded', costNanos: expect.any(BigInt), removal: expect.any(Object) });
    expect(await removals(partner)).toMatchObject([{ completed_at: fixture.clock.now() }]);
    expect(await fixture.objects(tuner)).toEqual([]);
  });

  test('a variant that is listed for others is withdrawn, and its bytes wait for their jobs that read them', async () => {
    const reader = await fixture.partner({});
    const { checkpointId } = await fixture.list(partner);
    const use = () => codeOf(as(reader.tuner, (tx) => fixture.get(CatalogService).getUsable(tx, checkpointId)));
    expect(await use()).toBe('allowed');
    const stopReading = await fixture.readFrom(reader.tuner, partner);
    afterEnd(16);
    await fixture.turn();
    afterEnd(30);
    await fixture.turn();
    expect(await use()).toBe('LISTING_ENDED');
    expect(
      await fixture.rows(partner.tuner, 'SELECT state FROM listings WHERE organization_id = :organization'),
    ).toEqual([{ state: 'withdrawn' }]);
    expect(await fixture.objects(partner.tuner)).toEqual(
      expect.arrayContaining([expect.stringContaining('adapter_model.safetensors')]),
    );
    expect(await removals(partner)).toMatchObject([{ completed_at: null }]);
    await stopReading();
    await fixture.turn();
    expect(await fixture.objects(partner.tuner)).toEqual([]);
    expect(await removals(partner)).toMatchObject([{ completed_at: fixture.clock.now() }]);
    expect(await asked(reader)).toEqual(ALLOWED);
  });

  test("a deployment that answers with the lab's checkpoint stays, and does not go back to a variant that is gone", async () => {
    const { tuner, job, deploymentId } = partner;
    const deployments = fixture.get(DeploymentsService);
    await as(tuner, (tx) =>
      deployments.deployRevision(tx, { deploymentId, checkpoint: job.parentName, activate: true }),
    );
    const back = () => codeOf(as(tuner, (tx) => deployments.rollBack(tx, deploymentId)));
    afterEnd(16);
    await fixture.turn();
    afterEnd(30);
    await fixture.turn();
    expect(await as(tuner, (tx) => deployments.get(tx, deploymentId))).toMatchObject({ status: 'active' });
    expect(await back()).toBe('CONTENT_REMOVED');
  });

  test('what comes after the day has begun stays', async () => {
    afterEnd(16);
    await fixture.turn();
    afterEnd(30);
    await fixture.turn();
    fixture.clock.advance(1_000);
    const file = await fixture.tuning.file(partner.tuner);
    await fixture.turn();
    expect(await fixture.objects(partner.tuner)).toEqual([expect.stringContaining(file)]);
  });
});
