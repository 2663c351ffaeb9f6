import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import OpenAI, { NotFoundError } from 'openai';
import { newId } from '#libs/kernel';
import { assertOpenAi, testOrganization } from '#test/harness';
import { FineTuningFixture, type Tuner } from '../../../../libs/fine-tuning/src/fine-tuning.fixture.js';
import { OpenAiFineTuningModule } from './fine-tuning.module.js';

type Job = OpenAI.FineTuning.FineTuningJob;

let fixture: FineTuningFixture;
let origin: string;
let tuner: Tuner;
let client: OpenAI;

beforeAll(async () => {
  fixture = await FineTuningFixture.start([OpenAiFineTuningModule]);
  origin = await fixture.graphql.origin();
});
afterAll(() => fixture?.stop());
beforeEach(async () => {
  tuner = await fixture.tuner();
  client = clientOf(fixture.graphql.caller(tuner, undefined, [tuner.projectId]));
});

/** Who calls is told by a header; keys are the concern of another spec. */
const clientOf = (who: string, project?: string) =>
  new OpenAI({ apiKey: 'none', baseURL: `${origin}/v1`, maxRetries: 0, project, defaultHeaders: { who } });

const bodyOf = async (change: object = {}) => ({
  model: tuner.checkpoint.name,
  training_file: await fixture.file(tuner),
  ...change,
});
const create = async (change: object = {}, options: OpenAI.RequestOptions = {}) =>
  client.fineTuning.jobs.create(await bodyOf(change), options);
const retrieve = (id: string) => client.fineTuning.jobs.retrieve(id);
const shapeOf = (job: Job) => assertOpenAi('FineTuningJob', job);

/** What the cluster does to a job that the client knows. */
const internals = (job: Job) => fixture.job(tuner, job.id);
async function queue(job: Job) {
  await fixture.endPreparation(tuner, (await internals(job)).preparationId!);
  return internals(job);
}
async function run(job: Job) {
  const { computeJobId } = await queue(job);
  await fixture.begin(tuner, computeJobId!);
  return internals(job);
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => null,
    ({ status, code, param, headers, error }: InstanceType<typeof OpenAI.APIError>) => {
      assertOpenAi('ErrorResponse', { error });
      return { status, code, param, retry: headers?.get('x-should-retry') ?? null };
    },
  );

describe('a job has OpenAI’s shape', () => {
  test('as it is created, with what was asked for', async () => {
    const hyperparameters = { n_epochs: 3, batch_size: 'auto', learning_rate_multiplier: 0.5 } as const;
    const body = await bodyOf({
      validation_file: await fixture.file(tuner),
      suffix: 'rust',
      seed: 7,
      metadata: { team: 'compilers' },
      integrations: [],
      method: { type: 'supervised', supervised: { hyperparameters } },
    });
    const job = await client.fineTuning.jobs.create(body);
    shapeOf(job);
    expect(job).toEqual({
      id: expect.stringMatching(/^ftjob_[0-9a-z]{26}$/),
      object: 'fine_tuning.job',
      created_at: Math.floor(fixture.clock.now().getTime() / 1000),
      finished_at: null,
      estimated_finish: null,
      model: body.model,
      fine_tuned_model: null,
      organization_id: tuner.organizationId,
      status: 'validating_files',
      training_file: body.training_file,
      validation_file: (body as { validation_file?: string }).validation_file,
      result_files: [],
      trained_tokens: null,
      seed: 7,
      error: null,
      hyperparameters,
      method: { type: 'supervised', supervised: { hyperparameters } },
      integrations: [],
      metadata: { team: 'compilers' },
    });
    expect(await retrieve(job.id)).toEqual(job);
  });

  test('with the older form of hyperparameters, which are resolved when its file is validated', async () => {
    const job = await create({ hyperparameters: { n_epochs: 1 } });
    const asked = { n_epochs: 1, batch_size: 'auto', learning_rate_multiplier: 'auto' };
    expect(job).toMatchObject({ hyperparameters: asked, metadata: null, validation_file: null });
    await queue(job);
    const queued = await retrieve(job.id);
    shapeOf(queued);
    expect(queued).toMatchObject({
      status: 'queued',
      hyperparameters: { n_epochs: 1, batch_size: 2, learning_rate_multiplier: 'auto' },
      estimated_finish: queued.created_at + 15,
    });
  });

  test('from the queue to its variant and its curves', async () => {
    const job = await create();
    const { computeJobId } = await run(job);
    shapeOf(await retrieve(job.id));
    expect(await retrieve(job.id)).toMatchObject({ status: 'running', fine_tuned_model: null });
    await fixture.train(computeJobId!, 60, 40);
    fixture.clock.advance(60_000);
    const { outputName } = await fixture.succeed(tuner, await internals(job));
    const done = await retrieve(job.id);
    shapeOf(done);
    expect(done).toMatchObject({
      status: 'succeeded',
      fine_tuned_model: outputName,
      trained_tokens: 100,
      finished_at: done.created_at + 60,
      estimated_finish: null,
      result_files: [expect.stringMatching(/^file_/)],
      error: null,
    });
  });

  test('when its file was bad', async () => {
    const job = await create();
    const problem = {
      source: 'dataset',
      line: 3,
      pointer: '',
      code: 'invalid_json',
      message: 'No.',
      fix: 'Do.',
    } as const;
    const errors = { total: 1, by_code: { invalid_json: 1 }, kept: [problem] };
    await fixture.endPreparation(tuner, (await internals(job)).preparationId!, { outcome: 'invalid', errors });
    const failed = await retrieve(job.id);
    shapeOf(failed);
    const error = { code: 'invalid_training_file', message: 'Line 3: No. Fix: Do.', param: 'training_file' };
    expect(failed).toMatchObject({ status: 'failed', error, trained_tokens: 0 });
  });

  test('when it is paused, resumed and cancelled; what can’t be is refused, and not to be tried again', async () => {
    const job = await create();
    const early = { status: 409, code: 'invalid_transition', param: null, retry: 'false' };
    expect(await refusal(client.fineTuning.jobs.pause(job.id))).toEqual(early);
    await queue(job);
    const paused = await client.fineTuning.jobs.pause(job.id);
    // The document names no such state, though it has the call.
    expect(paused.status).toBe('paused');
    shapeOf({ ...paused, status: 'queued' });
    expect((await client.fineTuning.jobs.resume(job.id)).status).toBe('queued');
    const refused = { status: 409, code: 'fine_tune_job_not_paused', retry: 'false' };
    expect(await refusal(client.fineTuning.jobs.resume(job.id))).toMatchObject(refused);
    const cancelled = await client.fineTuning.jobs.cancel(job.id);
    shapeOf(cancelled);
    expect(cancelled).toMatchObject({ status: 'cancelled', trained_tokens: 0 });
    expect(await refusal(client.fineTuning.jobs.cancel(job.id))).toEqual(early);
  });
});

test('a retry of a create, marked as the clients mark it, is the same job', async () => {
  const body = await bodyOf({ suffix: 'once' });
  const job = await client.fineTuning.jobs.create(body);
  const retry = { headers: { 'x-stainless-retry-count': '1' } };
  expect(await client.fineTuning.jobs.create(body, retry)).toEqual(job);
  expect((await client.fineTuning.jobs.create({ ...body, suffix: 'other' }, retry)).id).not.toBe(job.id);
  expect((await client.fineTuning.jobs.create(body)).id).not.toBe(job.id);
  fixture.clock.advance(600_001);
  expect((await client.fineTuning.jobs.create(body, retry)).id).not.toBe(job.id);
});

describe('lists', () => {
  const raw = async (path: string) => (await client.get(path)) as { data: Array<{ id: string }>; has_more: boolean };

  test('of jobs go newest first, page by page, by metadata or without any', async () => {
    const ids: string[] = [];
    for (const metadata of [{ team: 'a' }, { team: 'a', stage: 'b' }, null, { team: 'c' }]) {
      fixture.clock.advance(1000);
      ids.unshift((await create({ metadata })).id);
    }
    const listed = async (query: OpenAI.FineTuning.JobListParams) => {
      const found: string[] = [];
      for await (const { id } of client.fineTuning.jobs.list(query)) found.push(id);
      return found;
    };
    expect(await listed({})).toEqual(ids);
    expect(await listed({ limit: 3 })).toEqual(ids);
    expect(await listed({ metadata: { team: 'a' }, limit: 1 })).toEqual([ids[2], ids[3]]);
    expect(await listed({ metadata: { team: 'a', stage: 'b' } })).toEqual([ids[2]]);
    for (const [query, expected] of [
      ['', { has_more: false, ids }],
      ['?limit=2', { has_more: true, ids: ids.slice(0, 2) }],
      [`?limit=2&after=${ids[1]}`, { has_more: false, ids: ids.slice(2) }],
      ['?metadata=null', { has_more: false, ids: [ids[1]] }],
      ['?metadata[team]=none', { has_more: false, ids: [] }],
    ] as const) {
      const page = await raw(`/fine_tuning/jobs${query}`);
      assertOpenAi('ListPaginatedFineTuningJobsResponse', page);
      expect({ has_more: page.has_more, ids: page.data.map(({ id }) => id) }).toEqual(expected);
    }
    expect(await refusal(raw('/fine_tuning/jobs?limit=0'))).toMatchObject({ status: 400, param: 'limit' });
    const unknown = { status: 404, code: 'fine_tune_job_not_found' };
    expect(await refusal(raw(`/fine_tuning/jobs?after=${newId('ftjob')}`))).toMatchObject(unknown);
  });

  test('of events go newest first, page by page', async () => {
    const job = await create();
    const path = `/fine_tuning/jobs/${job.id}/events`;
    expect(await raw(path)).toMatchObject({ object: 'list', data: [], has_more: false });
    const { computeJobId } = await run(job);
    const log = (level: 'info' | 'warn', message: string) => ({ type: 'log', level, message }) as const;
    await fixture.tell(computeJobId!, log('info', 'one'), log('warn', 'two'));
    assertOpenAi('ListFineTuningJobEventsResponse', await raw(path));
    assertOpenAi('ListFineTuningJobEventsResponse', await raw(`${path}?limit=2`));
    const events: OpenAI.FineTuning.FineTuningJobEvent[] = [];
    for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 3 })) events.push(event);
    expect(events.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'two'],
      ['info', 'one'],
      ['info', 'Attempt 1 is at work.'],
      ['info', 'The job is queued.'],
    ]);
  });

  test('of checkpoints go newest first, each with the metrics of its step', async () => {
    const job = await create();
    const running = await run(job);
    const at = (step: number) => [
      { name: 'train_loss' as const, step, value: 1 / step },
      { name: 'train_mean_token_accuracy' as const, step, value: 0.5 },
      { name: 'valid_loss' as const, step, value: 2 },
      { name: 'tokens' as const, step, value: 10 },
    ];
    await fixture.tell(running.computeJobId!, { type: 'metrics', rows: [...at(1), ...at(2), ...at(3)] });
    for (const step of [1, 2, 3]) {
      const output = await fixture.adapterOf(tuner, running, step, 'checkpoint');
      const payload = { computeJobId: running.computeJobId!, kind: 'train', ownerId: job.id, step, output } as const;
      await fixture.as(tuner, async (tx) => tx.publish({ type: 'compute.checkpoint.saved', payload }));
    }
    await fixture.messages.deliver();
    await fixture.succeed(tuner, running);
    const page = await raw(`/fine_tuning/jobs/${job.id}/checkpoints?limit=2`);
    assertOpenAi('ListFineTuningJobCheckpointsResponse', page);
    expect(page).toMatchObject({ first_id: page.data[0]!.id, last_id: page.data[1]!.id, has_more: true });
    const checkpoints: OpenAI.FineTuning.Jobs.FineTuningJobCheckpoint[] = [];
    for await (const each of client.fineTuning.jobs.checkpoints.list(job.id, { limit: 2 })) checkpoints.push(each);
    expect(checkpoints.map(({ step_number }) => step_number)).toEqual([3, 2, 1]);
    const { fine_tuned_model } = await retrieve(job.id);
    expect(checkpoints[1]).toMatchObject({
      object: 'fine_tuning.job.checkpoint',
      fine_tuning_job_id: job.id,
      fine_tuned_model_checkpoint: `${fine_tuned_model}:step-2`,
      metrics: { step: 2, train_loss: 0.5, train_mean_token_accuracy: 0.5, valid_loss: 2, full_valid_loss: 2 },
    });
  });
});

describe('a refusal has OpenAI’s shape and names the field of the body', () => {
  const hyperparameters = (values: object) => ({
    method: { type: 'supervised', supervised: { hyperparameters: values } },
  });
  test.each([
    [{ model: 'nothing' }, 404, 'checkpoint_not_found', 'model'],
    [{ training_file: 'file_none' }, 404, 'file_not_found', 'training_file'],
    [{ validation_file: 'file_none' }, 404, 'file_not_found', 'validation_file'],
    [{ training_file: undefined }, 400, 'invalid_request', 'training_file'],
    [{ suffix: 'a b' }, 400, 'suffix_unusable', 'suffix'],
    [{ seed: -1 }, 400, 'invalid_request', 'seed'],
    [{ method: { type: 'dpo' } }, 400, 'method_unsupported', 'method.type'],
    [hyperparameters({ batch_size: 0 }), 400, 'hyperparameter_out_of_range', 'hyperparameters.batch_size'],
    [hyperparameters({ n_epochs: 'many' }), 400, 'invalid_request', 'method.supervised.hyperparameters.n_epochs'],
    [{ metadata: { key: 5 } }, 400, 'invalid_request', 'metadata.key'],
    [{ integrations: [{ type: 'wandb', wandb: { project: 'p' } }] }, 400, 'invalid_request', 'integrations'],
  ])('%j', async (change, status, code, param) => {
    expect(await refusal(create(change))).toMatchObject({ status, code, param });
  });

  test('nobody, strangers, other projects, a key that only reads, and one of several projects', async () => {
    const job = await create();
    const { jobs } = client.fineTuning;
    expect(await refusal(clientOf('nobody').fineTuning.jobs.list())).toMatchObject({ status: 401 });
    const stranger = await testOrganization(fixture.testing);
    const outsiders = [
      fixture.graphql.caller(stranger, undefined, [stranger.projectId]),
      fixture.graphql.caller(tuner, undefined, [stranger.projectId]),
    ];
    for (const who of outsiders) {
      const theirs = clientOf(who).fineTuning.jobs;
      expect((await theirs.list()).data).toEqual([]);
      const calls = [
        theirs.retrieve(job.id),
        theirs.cancel(job.id),
        theirs.pause(job.id),
        theirs.resume(job.id),
        theirs.listEvents(job.id),
        theirs.checkpoints.list(job.id),
      ];
      const notFound = { status: 404, code: 'fine_tune_job_not_found', param: null };
      for (const refused of await Promise.all(calls.map((call) => refusal(call))))
        expect(refused).toMatchObject(notFound);
    }
    await expect(jobs.retrieve(newId('ftjob'))).rejects.toBeInstanceOf(NotFoundError);
    const reader = clientOf(fixture.graphql.caller(tuner, ['jobs:read'], [tuner.projectId]));
    expect((await reader.fineTuning.jobs.retrieve(job.id)).id).toBe(job.id);
    expect(await refusal(reader.fineTuning.jobs.cancel(job.id))).toMatchObject({ status: 403, code: 'forbidden' });
    const blind = clientOf(fixture.graphql.caller(tuner, ['catalog:read'], [tuner.projectId]));
    expect(await refusal(blind.fineTuning.jobs.retrieve(job.id))).toMatchObject({ status: 403, code: 'forbidden' });
    const wide = fixture.graphql.caller(tuner);
    const body = await bodyOf();
    const refused = { status: 400, code: 'project_required', param: 'OpenAI-Project' };
    expect(await refusal(clientOf(wide).fineTuning.jobs.create(body))).toMatchObject(refused);
    expect((await clientOf(wide, tuner.projectId).fineTuning.jobs.create(body)).object).toBe('fine_tuning.job');
  });
});

test('every act has an audit entry, refused ones too', async () => {
  const job = await create();
  await client.fineTuning.jobs.cancel(job.id);
  await refusal(client.fineTuning.jobs.cancel(job.id));
  await refusal(create({ model: 'nothing' }));
  const sql = 'SELECT action, outcome, code, target_ids FROM audit_entries ORDER BY sequence';
  expect(await fixture.as(tuner, (tx) => tx.query(sql))).toEqual([
    { action: 'createFineTuneJob', outcome: 'done', code: null, target_ids: [job.id] },
    { action: 'cancelFineTuneJob', outcome: 'done', code: null, target_ids: [job.id] },
    { action: 'cancelFineTuneJob', outcome: 'refused', code: 'INVALID_TRANSITION', target_ids: [] },
    { action: 'createFineTuneJob', outcome: 'refused', code: 'CHECKPOINT_NOT_FOUND', target_ids: [] },
  ]);
});
