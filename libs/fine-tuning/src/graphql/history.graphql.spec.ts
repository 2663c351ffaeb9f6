import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { newId } from '#libs/kernel';
import { Database, Transaction } from '#platform/database';
import { ObjectStore } from '#platform/storage';
import { testOrganization } from '#test/harness';
import { LogKeeper } from '../../../compute/src/jobs/log-keeper.js';
import type { FineTuneJob } from '../fine-tune-job.js';
import { FineTuningFixture, type Tuner } from '../fine-tuning.fixture.js';
import { JobFollower } from './job-follower.js';

let fixture: FineTuningFixture;
let tuner: Tuner;

beforeAll(async () => {
  fixture = await FineTuningFixture.start();
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  tuner = await fixture.tuner();
});

const ask = (query: string, variables: object = {}, who = tuner.who) => fixture.graphql.ask(who, query, variables);

/** Fields of a job, as its owner sees them. */
async function fields(job: FineTuneJob, selection: string, who = tuner.who) {
  const query = `query($id: ID!) { node(id: $id) { ... on FineTuneJob { ${selection} } } }`;
  return (await ask(query, { id: job.id }, who)).node;
}

const log = (message: string) => ({ type: 'log', level: 'info', message }) as const;
const loss = (step: number, value: number) => ({ name: 'train_loss' as const, step, value, epoch: step / 3 });

describe('a job that waits for a place on the cluster', () => {
  test('tells whose turn it is, until it begins', async () => {
    const first = await fixture.queued(tuner);
    const second = await fixture.queued(tuner);
    const positions = async () =>
      (await ask('{ fineTuneJobs { nodes { id queuePosition } } }')).fineTuneJobs.nodes as Array<{
        id: string;
        queuePosition: number | null;
      }>;
    const [ofSecond, ofFirst] = await positions();
    expect([ofSecond!.id, ofFirst!.id]).toEqual([second.id, first.id]);
    expect(ofFirst!.queuePosition).toBeGreaterThanOrEqual(1);
    expect(ofSecond!.queuePosition).toBeGreaterThan(ofFirst!.queuePosition!);

    await fixture.begin(tuner, first.computeJobId!);
    await fixture.move(tuner, 'pause', second.id);
    expect((await positions()).map(({ queuePosition }) => queuePosition)).toEqual([null, null]);
  });

  test('has no turn while its file is validated, nor one that another organization can see', async () => {
    const waiting = await fixture.create(tuner);
    expect(await fields(waiting, 'queuePosition')).toEqual({ queuePosition: null });
    const queued = await fixture.queued(tuner);
    const other = await fixture.tuner();
    expect(await fields(queued, 'queuePosition', other.who)).toBeNull();
  });
});

describe('what happened to a job', () => {
  test('is empty before it is on the cluster', async () => {
    const job = await fixture.create(tuner);
    const selection = `events { id } metrics { step } metricSeries { step } attempts { number } log(attempt: 1) { text }
      progress { stage } preparation { status } startedAt hardCap { nanos }`;
    expect(await fields(job, selection)).toEqual({
      events: [],
      metrics: [],
      metricSeries: [],
      attempts: [],
      log: null,
      progress: null,
      preparation: { status: 'PENDING' },
      startedAt: null,
      hardCap: null,
    });
  });

  test('is read by number: events and metrics after the last one that was seen, at most so many', async () => {
    const job = await fixture.running(tuner);
    await fixture.tell(job.computeJobId!, log('one'), { type: 'metrics', rows: [loss(1, 3), loss(2, 2)] }, log('two'));
    const seen = await fields(
      job,
      'events { sequence attempt type level message } metrics { sequence name step value }',
    );
    expect(seen.events.map(({ message }: { message: string }) => message)).toEqual([
      'The job is queued.',
      'Attempt 1 is at work.',
      'one',
      'two',
    ]);
    expect(seen.events.at(-1)).toMatchObject({ attempt: 1, type: 'log', level: 'info' });
    expect(seen.metrics).toMatchObject([
      { name: 'train_loss', step: 1, value: 3 },
      { name: 'train_loss', step: 2, value: 2 },
    ]);
    // One sequence for both, without a gap.
    const numbers = [...seen.events, ...seen.metrics].map(({ sequence }) => sequence);
    expect(numbers.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
    const [, , one] = seen.events;
    const after = await fields(job, `events(after: ${one.sequence}) { message } metrics(after: 5, first: 1) { step }`);
    expect(after).toEqual({ events: [{ message: 'two' }], metrics: [{ step: 2 }] });
    expect(await fields(job, 'events(first: 1) { message }')).toEqual({ events: [{ message: 'The job is queued.' }] });
  });

  test('shows each step once: one that a second attempt ran again comes again, under a higher number', async () => {
    const job = await fixture.running(tuner);
    await fixture.tell(job.computeJobId!, { type: 'metrics', rows: [loss(1, 3), loss(2, 2)] });
    const [{ metrics: first }] = [await fields(job, 'metrics { sequence step value attempt }')];
    await fixture.lose(tuner, job.computeJobId!);
    await fixture.begin(tuner, job.computeJobId!);
    const rate = { name: 'learning_rate' as const, step: 2, value: 0.005 };
    await fixture.tell(job.computeJobId!, { type: 'metrics', rows: [loss(2, 2.5), loss(3, 1), rate] });
    const seen = await fields(
      job,
      `metrics(after: ${first.at(-1).sequence}) { name step value attempt } metricSeries { name step value attempt }
       losses: metricSeries(names: ["train_loss"]) { step epoch value } attempts { number outcome startedAt endedAt resumedFromStep }`,
    );
    const again = { name: 'train_loss', step: 2, value: 2.5, attempt: 2 };
    expect(seen.metrics).toMatchObject([again, { step: 3 }, { name: 'learning_rate' }]);
    expect(seen.metricSeries).toMatchObject([
      { name: 'learning_rate', step: 2 },
      { name: 'train_loss', step: 1, value: 3, attempt: 1 },
      again,
      { name: 'train_loss', step: 3, value: 1, attempt: 2 },
    ]);
    expect(seen.losses.map(({ value, epoch }: Record<string, number>) => [value, epoch])).toEqual([
      [3, 1 / 3],
      [2.5, 2 / 3],
      [1, 1],
    ]);
    expect(seen.attempts).toMatchObject([
      { number: 1, outcome: 'lost', endedAt: expect.any(String), resumedFromStep: null },
      { number: 2, outcome: null, startedAt: expect.any(String), endedAt: null },
    ]);
  });

  test('shows what a trainer printed by offset, whole characters at a time, while it runs and afterwards', async () => {
    const job = await fixture.running(tuner);
    const [attempt] = await fixture.as(tuner, (tx) =>
      tx.query<{ id: string }>('SELECT id FROM compute_attempts WHERE compute_job_id = $1', [job.computeJobId]),
    );
    const print = (offset: number, bytes: Buffer) =>
      fixture.as(tuner, async (tx) => {
        await tx.query('INSERT INTO compute_log_chunks VALUES ($1, $2, $3, $4)', [
          tuner.organizationId,
          attempt!.id,
          offset,
          bytes,
        ]);
        await tx.query('UPDATE compute_attempts SET log_bytes = $2 WHERE id = $1', [
          attempt!.id,
          offset + bytes.length,
        ]);
      });
    const text = Buffer.from('step 1: 3 €\nstep 2: 2 €\n');
    const read = async (offset: number, number = 1) =>
      (await fields(job, `log(attempt: ${number}, offset: ${offset}) { attempt offset nextOffset text complete }`)).log;
    await print(0, text.subarray(0, 12));
    expect(await read(0)).toEqual({ attempt: 1, offset: 0, nextOffset: 10, text: 'step 1: 3 ', complete: false });
    await print(12, text.subarray(12));
    expect(await read(10)).toMatchObject({ nextOffset: text.length, text: '€\nstep 2: 2 €\n', complete: false });
    expect(await read(0, 2)).toBeNull();
    const { computeJobId, organizationId } = { ...job, ...tuner };
    const { clock, graphql } = fixture;
    const keeper = new LogKeeper(graphql.get(Database), graphql.get(ObjectStore), clock, undefined as never);
    const released = { id: attempt!.id, jobId: computeJobId!, number: 1, logBytes: text.length };
    await keeper.archive({ ...released, organizationId, organizationKind: 'partner' } as never);
    expect(await read(0)).toMatchObject({ text: text.toString(), nextOffset: text.length, complete: true });
    expect(await read(14)).toMatchObject({ offset: 14, text: 'step 2: 2 €\n', complete: true });
  });
});

describe('a list of jobs', () => {
  const NESTED = `id status parent { id } checkpoint { id } trainingFile { id } validationFile { id } hardCap { nanos } cost { nanos }
    preparation { id report { errorCount } } progress { stage step totalSteps tokens secondsLeft } attempts { number }
    events { id } metrics { step } metricSeries { step } log(attempt: 1) { text }`;

  test('with all that is nested takes a number of statements that does not grow with them', async () => {
    const count = async () => {
      const statements = jest.spyOn(Transaction.prototype, 'query');
      const { fineTuneJobs } = await ask(`{ fineTuneJobs(first: 20) { nodes { ${NESTED} } } }`);
      const number = statements.mock.calls.length;
      statements.mockRestore();
      return { nodes: fineTuneJobs.nodes, number };
    };
    const add = async () => {
      const job = await fixture.running(tuner, { validationFileId: await fixture.file(tuner) });
      const progress = { type: 'progress', stage: 'training', step: 1, total_steps: 6, tokens: 10 } as const;
      await fixture.tell(job.computeJobId!, progress);
      await fixture.train(job.computeJobId!, 10, 10);
      await fixture.succeed(tuner, job);
    };
    await add();
    const small = await count();
    for (let index = 0; index < 4; index++) await add();
    const large = await count();
    expect(large.nodes).toHaveLength(5);
    for (const node of large.nodes) {
      expect(node).toMatchObject({
        parent: { id: tuner.checkpoint.id },
        checkpoint: { id: expect.any(String) },
        validationFile: { id: expect.any(String) },
        progress: { stage: 'training', step: 1, totalSteps: 6, tokens: '10', secondsLeft: null },
        log: { text: '' },
      });
      expect([node.metrics.length, node.metricSeries.length, node.attempts.length]).toEqual([4, 4, 1]);
    }
    expect(large.number).toBe(small.number);
  });

  test('goes newest first, page by page both ways, and by project, state and parent', async () => {
    const made: string[] = [];
    for (let index = 0; index < 3; index++) {
      fixture.clock.advance(1000);
      made.unshift((await fixture.create(tuner)).id);
    }
    await fixture.move(tuner, 'cancel', made[1]!);
    const list = async (args: string) => {
      const { fineTuneJobs } = await ask(
        `{ fineTuneJobs(${args}) { nodes { id } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }`,
      );
      return { ids: fineTuneJobs.nodes.map(({ id }: { id: string }) => id), ...fineTuneJobs.pageInfo };
    };
    const first = await list('first: 2');
    expect(first).toMatchObject({ ids: made.slice(0, 2), hasNextPage: true, hasPreviousPage: false });
    const second = await list(`first: 2, after: "${first.endCursor}"`);
    expect(second).toMatchObject({ ids: made.slice(2), hasNextPage: false });
    expect((await list(`last: 2, before: "${second.startCursor}"`)).ids).toEqual(made.slice(0, 2));
    expect((await list('status: [CANCELLED, FAILED]')).ids).toEqual([made[1]]);
    expect((await list(`model: "${tuner.checkpoint.name}", projectId: "${tuner.projectId}"`)).ids).toEqual(made);
    const elsewhere = await fixture.checkpoint({ grantee: tuner });
    expect((await list(`model: "${elsewhere.name}"`)).ids).toEqual([]);
    await expect(list('model: "nothing"')).rejects.toThrow('CHECKPOINT_NOT_FOUND');
  });

  test('shows nothing to another organization, another project’s people, or without the permission', async () => {
    const job = await fixture.running(tuner);
    const stranger = await testOrganization(fixture.testing);
    const outsiders = [
      fixture.graphql.caller(stranger),
      fixture.graphql.caller(fixture.lab),
      fixture.graphql.caller(tuner, undefined, [stranger.projectId]),
      fixture.graphql.caller(tuner, ['jobs:write', 'catalog:read']),
    ];
    for (const who of outsiders) {
      expect(await fields(job, NESTED, who)).toBeNull();
      const follow = fixture.graphql.subscribe(who, FOLLOW, { id: job.id });
      await expect(follow.next()).rejects.toThrow(/No fine-tune job|jobs:read/);
    }
    for (const who of outsiders.slice(0, 3)) {
      const { fineTuneJobs } = await ask('{ fineTuneJobs { nodes { id } } }', {}, who);
      expect(fineTuneJobs.nodes).toEqual([]);
      for (const act of ['cancel', 'pause', 'resume'] as const)
        expect(await fixture.move({ ...tuner, who }, act, job.id)).toBe('FINE_TUNE_JOB_NOT_FOUND');
    }
    await expect(ask('{ fineTuneJobs { nodes { id } } }', {}, outsiders[3])).rejects.toThrow('FORBIDDEN');
    const reader = fixture.graphql.caller(tuner, ['jobs:read']);
    expect(await fixture.move({ ...tuner, who: reader }, 'cancel', job.id)).toBe('FORBIDDEN');
    expect((await fixture.job(tuner, job.id)).status).toBe('running');
  });
});

const FOLLOW = `subscription($id: ID!, $after: Int) { fineTuneJobUpdates(fineTuneJobId: $id, after: $after) { sequence
  fineTuneJob { status } progress { stage step } events { message } metrics { step } } }`;

describe('following a job', () => {
  const follow = (job: Pick<FineTuneJob, 'id'>, after?: number) =>
    fixture.graphql.subscribe(tuner.who, FOLLOW, { id: job.id, after });
  const next = async (follower: ReturnType<typeof follow>) => (await follower.next()).value?.fineTuneJobUpdates;

  test('begins while its file is validated, shows what comes, and ends with the job as it ended', async () => {
    const job = await fixture.create(tuner);
    const follower = follow(job);
    const first = next(follower);
    await fixture.endPreparation(tuner, job.preparationId!);
    expect(await first).toMatchObject({
      sequence: 1,
      fineTuneJob: { status: 'QUEUED' },
      events: [{ message: 'The job is queued.' }],
      progress: null,
    });
    const { computeJobId } = await fixture.job(tuner, job.id);
    await fixture.begin(tuner, computeJobId!);
    const progress = { type: 'progress', stage: 'training', step: 1, total_steps: 6, tokens: 10 } as const;
    await fixture.tell(computeJobId!, progress, { type: 'metrics', rows: [loss(1, 3)] });
    await fixture.succeed(tuner, await fixture.job(tuner, job.id));
    const updates = [];
    for await (const { fineTuneJobUpdates } of follower) updates.push(fineTuneJobUpdates);
    const messages = updates.flatMap(({ events }) => events.map(({ message }: { message: string }) => message));
    expect(messages).toEqual(['Attempt 1 is at work.', 'It is over.']);
    expect(updates.flatMap(({ metrics }) => metrics)).toEqual([{ step: 1 }]);
    expect(updates.at(-1)).toEqual({
      sequence: 4,
      fineTuneJob: { status: 'SUCCEEDED' },
      progress: { stage: 'training', step: 1 },
      events: [],
      metrics: [],
    });
  });

  test('goes on after the number that was seen last, and is left at once', async () => {
    const job = await fixture.running(tuner);
    await fixture.tell(job.computeJobId!, log('one'), log('two'));
    const follower = follow(job, 3);
    expect(await next(follower)).toMatchObject({ sequence: 4, events: [{ message: 'two' }] });
    expect(await follower.return(undefined)).toEqual({ value: undefined, done: true });
  });

  test('is left at once while its file is validated, too', async () => {
    const { id } = await fixture.create(tuner);
    const follow = () => {
      throw new Error('there is no training to follow');
    };
    const follower = new JobFollower({ after: 0, read: () => fixture.job(tuner, id), follow });
    const waiting = follower.next();
    await sleep(50);
    await follower.return();
    expect(await waiting).toEqual({ value: undefined, done: true });
  });

  test('of one that is over before it was trained shows it once', async () => {
    const job = await fixture.create(tuner);
    await fixture.move(tuner, 'cancel', job.id);
    const follower = follow(job);
    const shown = { sequence: 0, fineTuneJob: { status: 'CANCELLED' }, progress: null, events: [], metrics: [] };
    expect(await next(follower)).toEqual(shown);
    expect((await follower.next()).done).toBe(true);
  });

  test('of one that there is not is refused', async () => {
    await expect(next(follow({ id: newId('ftjob') }))).rejects.toThrow('No fine-tune job');
  });
});
