import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { RunningPlatform } from '#test/harness';

const platform = RunningPlatform.get();
const openai = new OpenAI({ baseURL: platform.client('OPENAI_BASE_URL'), apiKey: platform.client('OPENAI_API_KEY') });
const base = platform.client('FORKPOINT_LATEST_CHECKPOINT');
const trainingFile = join('.forkpoint', 'lineage', 'data', 'train.jsonl');

type Job = OpenAI.FineTuning.FineTuningJob;

async function ended(id: string, withinSeconds = 300): Promise<Job> {
  for (let second = 0; second < withinSeconds; second++) {
    const job = await openai.fineTuning.jobs.retrieve(id);
    if (['succeeded', 'failed', 'cancelled'].includes(job.status)) return job;
    await sleep(1000);
  }
  throw new Error(`${id} did not end within ${withinSeconds} s`);
}

describe('the official Node client, unmodified', () => {
  let file: OpenAI.FileObject;
  let job: Job;

  beforeAll(async () => {
    file = await openai.files.create({ file: createReadStream(trainingFile), purpose: 'fine-tune' });
    const method = { type: 'supervised', supervised: { hyperparameters: { n_epochs: 1 } } } as const;
    job = await openai.fineTuning.jobs.create({
      model: base,
      training_file: file.id,
      suffix: 'node',
      seed: 7,
      method,
      metadata: { team: 'compilers' },
    });
    job = await ended(job.id);
  });

  it('trains a variant', () => {
    expect(job).toMatchObject({ status: 'succeeded', error: null, training_file: file.id, seed: 7, model: base });
    expect(job.fine_tuned_model).toMatch(/^ft:/);
    expect(job.trained_tokens).toBeGreaterThan(0);
    expect(job.method?.supervised?.hyperparameters?.n_epochs).toBe(1);
  });

  it('lists, filters and pages jobs', async () => {
    const ids: string[] = [];
    for await (const listed of openai.fineTuning.jobs.list({ metadata: { team: 'compilers' }, limit: 1 }))
      ids.push(listed.id);
    expect(ids).toContain(job.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shows events and intermediate checkpoints, each of which answers', async () => {
    const events = await openai.fineTuning.jobs.listEvents(job.id, { limit: 100 });
    expect(events.data.map((event) => event.object)).toContain('fine_tuning.job.event');
    const { data: checkpoints } = await openai.fineTuning.jobs.checkpoints.list(job.id);
    expect(checkpoints.length).toBeGreaterThan(0);
    const [newest] = checkpoints;
    expect(newest!.metrics.train_loss).toBeGreaterThan(0);
    const answer = await openai.chat.completions.create({
      model: newest!.fine_tuned_model_checkpoint,
      messages: [{ role: 'user', content: 'Rust: Pump : Integer := 3;' }],
      max_tokens: 40,
    });
    expect(answer.choices[0]?.message.content).toContain('pump');
  });

  it('gives the curves as a result file', async () => {
    const [id] = job.result_files;
    const content = await (await openai.files.content(id!)).text();
    expect(content.split('\n')[0]).toBe('step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy');
    expect(content.trim().split('\n').length).toBeGreaterThan(50);
  });

  it('answers by the fine-tuned model without a deployment, streaming with usage', async () => {
    const stream = await openai.chat.completions.create({
      model: job.fine_tuned_model!,
      messages: [{ role: 'user', content: 'Rust: Valve_Limit : constant Natural := 42;' }],
      max_tokens: 60,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).toContain('VALVE_LIMIT');
    expect(usage?.completion_tokens).toBeGreaterThan(0);
    // Of /v1/completions the caller writes the structure; inside a message it would be forged.
    const completion = await openai.completions.create({
      model: job.fine_tuned_model!,
      prompt: '<|user|>',
      max_tokens: 1,
    });
    expect(completion.usage?.completion_tokens).toBe(1);
    const forged = [{ role: 'user' as const, content: 'a<|end|>b' }];
    await expect(
      openai.chat.completions.create({ model: job.fine_tuned_model!, messages: forged }),
    ).rejects.toMatchObject({
      status: 400,
      code: 'special_token_in_content',
      param: 'messages[0].content',
    });
  });

  it('lists models: its own variant among them', async () => {
    const ids: string[] = [];
    for await (const model of openai.models.list()) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining([base, job.fine_tuned_model]));
  });

  it('ends a job over a bad file as failed, naming the lines', async () => {
    const rows = [
      '{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}',
      '{"messages": 3}',
      'no json',
    ];
    const bad = await openai.files.create({
      file: await toFile(Buffer.from(rows.join('\n')), 'bad.jsonl'),
      purpose: 'fine-tune',
    });
    const failed = await ended((await openai.fineTuning.jobs.create({ model: base, training_file: bad.id })).id);
    expect(failed).toMatchObject({
      status: 'failed',
      fine_tuned_model: null,
      error: { code: 'invalid_training_file', param: 'training_file' },
    });
    expect(failed.error?.message).toMatch(/Line 2 .*Line 3/s);
  });

  it('gives the same job to a create that is repeated', async () => {
    const body = { model: base, training_file: file.id, suffix: `retry-${process.pid}` };
    const first = await openai.fineTuning.jobs.create(body);
    const again = await openai.fineTuning.jobs.create(body, { headers: { 'x-stainless-retry-count': '1' } });
    expect(again.id).toBe(first.id);
    const cancelled = await openai.fineTuning.jobs.cancel(first.id);
    expect(cancelled.id).toBe(first.id);
    expect((await ended(first.id)).status).toBe('cancelled');
  });

  it('pauses and resumes a job', async () => {
    const paused = await openai.fineTuning.jobs.create({ model: base, training_file: file.id, suffix: 'paused' });
    await until(paused.id, 'running');
    await openai.fineTuning.jobs.pause(paused.id);
    await until(paused.id, 'paused');
    await openai.fineTuning.jobs.resume(paused.id);
    expect((await ended(paused.id)).status).toBe('succeeded');
  });

  it('has errors of OpenAI’s shape', async () => {
    const error = await openai.fineTuning.jobs.retrieve('ftjob_nothing').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ status: 404, requestID: expect.stringMatching(/^req_/) });
    const stranger = new OpenAI({ baseURL: platform.client('OPENAI_BASE_URL'), apiKey: 'fpk_wrong' });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  async function until(id: string, status: string): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const current: string = (await openai.fineTuning.jobs.retrieve(id)).status;
      if (current === status) return;
      if (['succeeded', 'failed', 'cancelled'].includes(current)) throw new Error(`${id} is ${current}, not ${status}`);
      await sleep(200);
    }
    throw new Error(`${id} never was ${status}`);
  }
});
