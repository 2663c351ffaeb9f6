import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestCheckpoint } from '#test/harness';
import { type TestPartner, TestPlatform } from './spec-support/test-platform.js';
import { TestUser } from './spec-support/test-terminal.js';

describe('against a real api and worker', () => {
  let platform: TestPlatform;
  let partner: TestPartner;
  let other: TestPartner;
  let checkpoint: TestCheckpoint;
  /** Signed in with a session. */
  const user = new TestUser();
  /** Has a key in the environment. */
  let script: TestUser;

  beforeAll(async () => {
    platform = await TestPlatform.start();
    [partner, other] = [await platform.partner('acme'), await platform.partner('borealis')];
    checkpoint = await platform.checkpoint(partner);
    await signIn(user, partner);
    const scopes =
      'catalog:read,datasets:read,datasets:write,jobs:read,jobs:write,usage:read,evaluations:read,evaluations:write';
    const { secret } = await user.json(['keys', 'create', 'script', '--scope', scopes]);
    script = new TestUser({ FORKPOINT_ORIGIN: platform.origin, FORKPOINT_API_KEY: secret });
  }, 120_000);
  afterAll(async () => {
    user.leave();
    script?.leave();
    await platform?.stop();
  });

  async function signIn(who: TestUser, { email, password }: TestPartner): Promise<void> {
    const words = ['sign-in', '--origin', platform.origin, '--email', email, '--password-stdin'];
    const { exitCode, stdout, stderr } = await who.run(words, { input: `${password}\n` });
    if (exitCode !== 0) throw new Error(stderr);
    expect(stdout).toMatch(`Signed in to ${platform.origin} as Ada <${email}>, until `);
  }

  test('a session is kept for its owner alone', () => {
    const path = join(user.home, '.config/forkpoint/credentials.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('whoami tells a session from a key', async () => {
    expect(await user.json(['whoami'])).toMatchObject({
      origin: platform.origin,
      type: 'USER',
      organization: { slug: 'acme', kind: 'PARTNER' },
      user: { email: partner.email },
    });
    expect(await script.json(['whoami'])).toMatchObject({ type: 'API_KEY', user: null });
    expect((await script.run(['whoami'])).stdout).toContain('an API key of the environment');
  });

  test('a wrong password keeps what was there', async () => {
    const words = ['sign-in', '--origin', platform.origin, '--email', partner.email, '--password-stdin'];
    const { exitCode, stderr } = await user.run(words, { input: 'not the password' });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error INVALID_CREDENTIALS: .*\[request req_\w+\]\n$/);
    expect((await user.run(['whoami'])).exitCode).toBe(0);
  });

  test('signing out ends the session on the platform, too', async () => {
    const guest = new TestUser();
    await signIn(guest, other);
    expect(await guest.json(['whoami'])).toMatchObject({ organization: { slug: 'borealis' } });
    expect(await guest.json(['sign-out'])).toEqual({ origin: platform.origin, signedOut: true });
    expect((await guest.run(['whoami'], { environment: { FORKPOINT_ORIGIN: platform.origin } })).stderr).toContain(
      'NOT_SIGNED_IN',
    );
    guest.leave();
  });

  test('models are listed, filtered and shown', async () => {
    const [listed, ...more] = await script.json(['models', '--kind', 'base', '--prefix', checkpoint.name]);
    expect(more).toEqual([]);
    expect(listed).toMatchObject({ id: checkpoint.id, kind: 'BASE', step: 100, contextLength: 256 });
    expect(await script.json(['models', '--own'])).toEqual([]);
    expect((await script.run(['models'])).stdout).toMatch(/NAME +KIND .*\nbase-\w+ +base .* fine-tune deploy/);
    expect(await script.json(['models', 'show', checkpoint.name])).toMatchObject({
      id: checkpoint.id,
      license: 'Apache-2.0',
    });
    expect((await script.run(['models', 'show', 'nothing'])).stderr).toContain(
      'error CHECKPOINT_NOT_FOUND: There is no checkpoint nothing that you may see',
    );
    expect((await script.run(['models', '--kind', 'strange'])).exitCode).toBe(1);
  });

  test('lineage draws the tree', async () => {
    const lineage = await script.json(['lineage', checkpoint.name]);
    expect(lineage).toMatchObject({ checkpoint: { id: checkpoint.id }, ancestors: [], descendants: [] });
    expect((await script.run(['lineage', checkpoint.id])).stdout).toMatch(`${checkpoint.name}  base, step 100`);
  });

  test('datasets, files and jobs', async () => {
    const dataset = await script.json(['datasets', 'create', 'pairs', '--description', 'Ada to Rust']);
    expect(dataset).toMatchObject({ name: 'pairs', projectId: partner.projectId });
    expect((await script.json(['datasets'])).map(({ id }: { id: string }) => id)).toContain(dataset.id);
    expect(await script.json(['datasets', 'show', 'pairs'])).toMatchObject({ id: dataset.id, versions: [] });
    expect(await script.json(['files'])).toEqual([]);
    expect(await script.json(['jobs', '--status', 'running,queued'])).toEqual([]);
    expect((await script.run(['jobs', 'show', 'ftjob_01jzzzzzzzzzzzzzzzzzzzzzzz'])).stderr).toContain(
      'error JOB_NOT_FOUND',
    );
  });

  test('a mutation repeated under its key is done once, another under it is refused', async () => {
    const create = (name: string) => script.run(['datasets', 'create', name, '--idempotency-key', 'mine', '--json']);
    const [first, second] = [await create('once'), await create('once')];
    expect(JSON.parse(second.stdout)).toEqual(JSON.parse(first.stdout));
    const { exitCode, stderr } = await create('twice');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
      requestId: expect.stringMatching(/^req_/),
    });
  });

  test('a file is sent and becomes a version', async () => {
    const path = join(script.home, 'train.jsonl');
    writeFileSync(path, '{"prompt": "a", "completion": "b"}\n');
    const sent = await script.json(['upload', path]);
    expect(sent).toMatchObject({ filename: 'train.jsonl', bytes: 35 });
    const { versions } = await script.json(['datasets', 'show', 'train']);
    expect(versions).toEqual([expect.objectContaining({ id: sent.fileId, number: 1, bytes: '35', status: 'READY' })]);
    const again = await script.run(['upload', path, '--dataset', 'train'], { isTTY: true });
    expect(again.stdout).toMatch(/^file_\w+\n$/);
    expect(again.stderr).toContain('100%');
    expect((await script.run(['files', 'delete', sent.fileId])).stdout).toContain('is deleted');
  }, 60_000);

  test('a quote of what can not be trained is refused with its place', async () => {
    const words = ['quote', '--model', checkpoint.name, '--file', 'file_01jzzzzzzzzzzzzzzzzzzzzzzz', '--rank', '8'];
    const { exitCode, stderr } = await script.run([...words, '--json']);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stderr).error.code).toMatch(/^[A-Z_]+$/);
  });

  test('what a key may not is refused with the permission it lacks', async () => {
    const { exitCode, stderr } = await script.run(['keys', 'create', 'more', '--scope', 'catalog:read']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error FORBIDDEN: This needs the permission keys:write/);
  });

  test('keys are made, listed without their secret, and revoked', async () => {
    const made = await user.json([
      'keys',
      'create',
      'short',
      '--scope',
      'inference:call',
      '--expires-in-days',
      '1',
      '--keep',
    ]);
    expect(made.secret).toMatch(/^fpk_/);
    const listed = await user.run(['keys', 'list', '--json']);
    expect(listed.stdout).not.toContain(made.secret);
    expect(JSON.parse(listed.stdout).map(({ id }: { id: string }) => id)).toContain(made.id);
    expect((await user.json(['keys', 'revoke', made.id])).revokedAt).not.toBeNull();
  });

  test('who signs in again keeps their key and project, another does not get them', async () => {
    const guest = new TestUser();
    const kept = () => {
      const { origins } = JSON.parse(readFileSync(join(guest.home, '.config/forkpoint/credentials.json'), 'utf8'));
      const { apiKey, projectId } = origins[platform.origin];
      return { apiKey, projectId };
    };
    await signIn(guest, other);
    const { secret } = await guest.json(['keys', 'create', 'chat', '--scope', 'inference:call', '--keep']);
    await guest.json(['projects', 'use', 'compilers']);
    await signIn(guest, other);
    expect(kept()).toEqual({ apiKey: secret, projectId: other.projectId });
    await signIn(guest, partner);
    expect(kept()).toEqual({});
    guest.leave();
  });

  test('models are called with a key: a session says how to get one', async () => {
    const guest = new TestUser();
    await signIn(guest, other);
    const { exitCode, stderr } = await guest.run(['chat', checkpoint.name, 'Hello']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('forkpoint keys create chat --scope inference:call --keep');
    guest.leave();
  });

  test('usage and deployments of nothing', async () => {
    expect(await script.json(['usage', '--by', 'day,project'])).toMatchObject({ rows: [], total: { currency: 'USD' } });
    expect(await user.json(['deployments'])).toEqual([]);
    expect((await user.run(['deployments', 'show', 'compilers/none'])).stderr).toContain('error DEPLOYMENT_NOT_FOUND');
  });

  test('a suite is made of rows', async () => {
    const path = join(script.home, 'held-out.jsonl');
    writeFileSync(path, '{"prompt": "a", "expected": "b"}\n{"prompt": "c", "expected": "d"}\n');
    expect(await script.json(['evaluate', 'create', '--rows', path])).toMatchObject({
      name: 'held-out',
      metric: 'EXACT_MATCH',
      status: 'READY',
      rowCount: 2,
    });
    expect(await script.json(['evaluate', 'suites'])).toHaveLength(1);
    expect((await script.run(['evaluate', 'run', 'nothing', checkpoint.name])).stderr).toContain(
      'error SUITE_NOT_FOUND',
    );
  }, 60_000);

  test('one project needs no name, and one that is not there is told with those that are', async () => {
    const { exitCode, stderr } = await script.run(['datasets', 'create', 'x', '--project', 'wrong']);
    expect(exitCode).toBe(2);
    expect(stderr).toBe('error USAGE: you have no project wrong: there are compilers\n');
    expect(await user.json(['projects', 'use', 'compilers'])).toMatchObject({ id: partner.projectId });
  });
});
