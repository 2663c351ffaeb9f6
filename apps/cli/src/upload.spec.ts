import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BreakableLine } from './spec-support/breakable-line.js';
import { TestPlatform } from './spec-support/test-platform.js';
import { TestUser } from './spec-support/test-terminal.js';

const PART_BYTES = 16 * 1024 ** 2;
/** The last is of a few bytes. */
const PARTS = 5;
const HEADER_BYTES = 16 * 1024;

describe('an upload in parts over a line that breaks', () => {
  let platform: TestPlatform;
  let line: BreakableLine;
  let user: TestUser;
  let path: string;

  beforeAll(async () => {
    [platform, line] = await TestPlatform.startBehindLine();
    const partner = await platform.partner('acme');
    const client = await platform.signedIn(partner);
    const { secret } = await client.mutate<{ secret: string }>(
      'createApiKey',
      { name: 'key', scopes: ['DATASETS_READ', 'DATASETS_WRITE'], projectId: partner.projectId },
      'secret',
    );
    user = new TestUser({ FORKPOINT_ORIGIN: platform.origin, FORKPOINT_API_KEY: secret });
    path = join(user.home, 'large.jsonl');
    const block = randomBytes(1024 ** 2);
    writeFileSync(path, '');
    for (let position = 0; position < 16 * (PARTS - 1); position++) appendFileSync(path, block);
    appendFileSync(path, 'the last part');
  });
  afterAll(async () => {
    user?.leave();
    await platform?.stop();
    await line?.close();
  });

  const remembered = () => JSON.parse(readFileSync(join(user.home, '.config/forkpoint/uploads.json'), 'utf8'));

  test('breaks off, goes on with the same command, and sends no part twice', async () => {
    line.breakAfter(2);
    const broken = await user.run(['upload', path, '--dataset', 'large']);
    expect(broken.exitCode).toBe(3);
    expect(broken.stderr).toContain('error UNREACHABLE: the object store at');
    const [begun] = Object.values(remembered()) as Array<{ uploadId: string }>;
    expect(begun!.uploadId).toMatch(/^upl_/);

    line.mend();
    line.sentBytes = 0;
    const resumed = await user.run(['upload', path, '--dataset', 'large'], { isTTY: true });
    expect(resumed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^file_\w+\n$/) });
    const going = new RegExp(`Going on with upload ${begun!.uploadId}: ([\\d.]+) MiB of 64\\.0 MiB are there`);
    const arrivedBytes = Number(going.exec(resumed.stderr)?.[1]) * 1024 ** 2;
    expect(arrivedBytes).toBeGreaterThanOrEqual(2 * PART_BYTES);
    expect(resumed.stderr).toMatch(/MiB of 64\.0 MiB, [\d.]+ \w+\/s/);
    // What the first command had on its way when it failed does not come later.
    expect(line.sentBytes).toBeLessThan((PARTS - 1) * PART_BYTES - arrivedBytes + HEADER_BYTES);
    expect(remembered()).toEqual({});
    const { versions } = await user.json(['datasets', 'show', 'large']);
    expect(versions).toEqual([expect.objectContaining({ id: resumed.stdout.trim(), status: 'READY' })]);
  });

  test('of a file that changed since, it begins anew', async () => {
    appendFileSync(path, 'x');
    line.breakAfter(1);
    expect((await user.run(['upload', path, '--dataset', 'large'])).exitCode).toBe(3);
    const [first] = Object.values(remembered()) as Array<{ uploadId: string }>;
    appendFileSync(path, 'y');
    line.mend();
    const sent = await user.run(['upload', path, '--dataset', 'large']);
    expect(sent.exitCode).toBe(0);
    expect(sent.stderr).not.toContain(first!.uploadId);
    const { versions } = await user.json(['datasets', 'show', 'large']);
    expect(versions).toHaveLength(2);
  });
});
