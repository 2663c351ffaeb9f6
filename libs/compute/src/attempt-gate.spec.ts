import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#libs/kernel';
import { ComputePlatform } from './compute.fixture.js';
import { lockJob } from './compute.repository.js';
import { attemptPrefix } from './compute-job.js';

const AT = '2026-01-01T00:00:00.000Z';
const TOKEN = 'x'.repeat(43);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** No worker here: what the internal listener answers to a caller that is, or is not, the job's attempt. */
describe('the internal listener', () => {
  let platform: ComputePlatform;
  let jobId: string;
  let attemptId: string;

  beforeAll(async () => {
    platform = await ComputePlatform.start();
  });

  afterAll(async () => {
    await platform.stop();
  });

  beforeEach(async () => {
    jobId = await platform.submit();
    attemptId = await begin(1);
  });

  /** An attempt as the dispatcher begins one, its token known to the spec. */
  async function begin(number: number): Promise<string> {
    const id = newId('att');
    await platform.tx(async (tx) => {
      await lockJob(tx, jobId);
      await tx.query(`UPDATE compute_attempts SET state = 'ended' WHERE compute_job_id = $1`, [jobId]);
      await tx.query(`UPDATE compute_jobs SET state = 'starting', attempts = $2 WHERE id = $1`, [jobId, number]);
      await tx.query(
        `INSERT INTO compute_attempts (id, organization_id, project_id, compute_job_id, number, state, driver, token_sha256, lease_expires_at, created_at)
         VALUES ($1, $2, $3, $4, $5, 'starting', 'local', $6, $7, $7)`,
        [id, platform.organization.organizationId, platform.organization.projectId, jobId, number, sha256(TOKEN), AT],
      );
    });
    return id;
  }

  async function post(path: 'events' | 'urls', body: unknown, { attempt = attemptId, token = TOKEN } = {}) {
    const response = await fetch(`${platform.apiUrl}/internal/v1/attempts/${attempt}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  const log = (number: number, message = `message ${number}`) => ({
    number,
    at: AT,
    type: 'log',
    level: 'info',
    message,
  });
  const metrics = (number: number, step: number, value: number) => ({
    number,
    at: AT,
    type: 'metrics',
    rows: [{ name: 'train_loss', step, value }],
  });
  const send = (first_number: number, events: object[]) => post('events', { first_number, events });
  const messages = async () =>
    (await platform.events(jobId)).filter(({ type }) => type === 'log').map(({ message }) => message);
  const refusal = (code: string) => ({ error: expect.objectContaining({ code }) });

  it('takes events once, whatever of them is sent again', async () => {
    expect(await send(1, [log(1), log(2)])).toEqual({ status: 200, body: { acknowledged: 2, directive: 'continue' } });
    expect(await send(1, [log(1), log(2), log(3)])).toMatchObject({ body: { acknowledged: 3 } });
    expect(await send(2, [log(2)])).toMatchObject({ body: { acknowledged: 3 } });
    expect(await messages()).toEqual(['message 1', 'message 2', 'message 3']);
    expect(await platform.job(jobId)).toMatchObject({ state: 'running' });
  });

  it('takes none where earlier ones are missing, and says where to go on', async () => {
    await send(1, [log(1)]);
    expect(await send(3, [log(3)])).toMatchObject({ status: 200, body: { acknowledged: 1 } });
    expect(await messages()).toEqual(['message 1']);
  });

  it('takes the same event once when it comes twice at the same moment', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(1, [log(1), metrics(2, 1, 0.5)])));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(await messages()).toEqual(['message 1']);
  });

  it('takes an empty post as a sign of life', async () => {
    expect(await send(1, [])).toEqual({ status: 200, body: { acknowledged: 0, directive: 'continue' } });
    const [attempt] = await platform.attempts(jobId);
    expect(attempt!.state).toBe('running');
    expect(attempt!.leaseExpiresAt.getTime()).toBeGreaterThan(Date.parse(AT) + 1000);
  });

  it('tells an attempt to stop when its job is to pause', async () => {
    await send(1, [log(1)]);
    await platform.tx((tx) => platform.service.pause(tx, jobId));
    expect(await send(2, [log(2)])).toMatchObject({ body: { acknowledged: 2, directive: 'stop' } });
    expect((await post('urls', { reads: [], writes: [] })).status).toBe(200);
  });

  it('hears a cancelled attempt out, and lets it store nothing', async () => {
    await send(1, [log(1)]);
    await platform.tx((tx) => platform.service.cancel(tx, jobId));
    expect(await send(2, [metrics(2, 1, 0.5)])).toMatchObject({ status: 200, body: { directive: 'stop' } });
    const writes = [{ path: 'a.txt', bytes: 1, sha256: sha256('a') }];
    expect(await post('urls', { reads: [], writes })).toEqual({ status: 409, body: refusal('stale_attempt') });
  });

  it('refuses an attempt that another one has taken the job from: events, URLs, everything', async () => {
    await send(1, [log(1)]);
    const stale = attemptId;
    attemptId = await begin(2);
    const as = { attempt: stale };
    expect(await post('events', { first_number: 2, events: [log(2)] }, as)).toEqual({
      status: 409,
      body: refusal('stale_attempt'),
    });
    expect(await post('urls', { reads: [], writes: [] }, as)).toEqual({ status: 409, body: refusal('stale_attempt') });
    expect(await send(1, [log(1, 'of the second')])).toMatchObject({ status: 200 });
    expect(await messages()).toEqual(['message 1', 'of the second']);
  });

  it('refuses an attempt that was cut off', async () => {
    await platform.query(`UPDATE compute_attempts SET state = 'fenced' WHERE id = $1`, [attemptId]);
    expect(await send(1, [log(1)])).toEqual({ status: 409, body: refusal('stale_attempt') });
  });

  it.each([
    ['another token', { token: 'y'.repeat(43) }],
    ['no token', { token: '' }],
    ['an unknown attempt', { attempt: 'att_00000000000000000000000000' }],
    ['a path that is none', { attempt: '..%2f..%2f' }],
  ])('refuses %s, and says no more than that', async (_, caller) => {
    const answer = await post('events', { first_number: 1, events: [] }, caller);
    expect(answer).toEqual({ status: 401, body: refusal('invalid_attempt_token') });
  });

  it('refuses what does not fit the contract', async () => {
    expect(await send(1, [log(2)])).toEqual({ status: 400, body: refusal('invalid_trainer_request') });
    expect(await send(1, [{ ...log(1), level: 'loud' }])).toEqual({
      status: 400,
      body: refusal('invalid_trainer_request'),
    });
    const writes = [{ path: '../../other/attempts/1/x', bytes: 1, sha256: sha256('a') }];
    expect(await post('urls', { reads: [], writes })).toEqual({
      status: 400,
      body: refusal('invalid_trainer_request'),
    });
    const manifest = {
      schema_version: 1,
      kind: 'checkpoint',
      job_id: 'cjob_another',
      attempt: 1,
      files: [{ path: 'a', bytes: 1, sha256: sha256('a') }],
    };
    const folder = { prefix: 'checkpoints/step-1', manifest, manifest_sha256: sha256('m') };
    expect(await send(1, [{ number: 1, at: AT, type: 'checkpoint', step: 1, folder }])).toEqual({
      status: 400,
      body: refusal('invalid_trainer_request'),
    });
    expect(await messages()).toEqual([]);
  });

  it('gives URLs that write these bytes below the attempt’s prefix, and read its inputs alone', async () => {
    const writes = [{ path: 'output/a.txt', bytes: 5, sha256: sha256('hello') }];
    const { body } = await post('urls', { reads: [{ input: 'base', path: 'data.bin' }], writes });
    const [write] = body.writes as Array<{ url: string; headers: Record<string, string> }>;
    const { 'content-length': _, ...headers } = write!.headers;
    expect((await fetch(write!.url, { method: 'PUT', headers, body: 'other' })).ok).toBe(false);
    expect((await fetch(write!.url, { method: 'PUT', headers, body: 'hello' })).status).toBe(200);
    const job = await platform.job(jobId);
    expect(await platform.store.getText(`${attemptPrefix(job, 1)}output/a.txt`)).toBe('hello');
    expect((body.reads as Array<{ url: string }>)[0]!.url).toContain('/org/none/data.bin?');
    const elsewhere = await post('urls', { reads: [{ input: 'base', path: 'secret.bin' }], writes: [] });
    expect(elsewhere).toEqual({ status: 404, body: refusal('unknown_input') });
  });

  it('replaces the metrics of steps that are run again, and shows followers the replaced ones', async () => {
    await send(1, [metrics(1, 1, 0.9), metrics(2, 2, 0.8)]);
    const [before] = await platform.tx((tx) => platform.history.metrics(tx, [jobId]));
    attemptId = await begin(2);
    await send(1, [metrics(1, 2, 0.7), metrics(2, 3, 0.6)]);
    const rows = await platform.series(jobId, 'train_loss');
    expect(rows.map(({ step, value, attempt }) => [step, value, attempt])).toEqual([
      [1, 0.9, 1],
      [2, 0.7, 2],
      [3, 0.6, 2],
    ]);
    const after = before!.at(-1)!.sequence;
    const [news] = await platform.tx((tx) => platform.history.metrics(tx, [jobId], { after }));
    expect(news!.map(({ step }) => step)).toEqual([2, 3]);
  });

  it('is no part of the public server: it has a port of its own', async () => {
    const paths = ['/graphql', '/v1/files', '/auth/me'];
    const answers = await Promise.all(paths.map((path) => fetch(`${platform.apiUrl}${path}`)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  });
});
