import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';

const LAUNCHER = join(import.meta.dirname, '../bin/forkpoint.mjs');

describe('the launcher', () => {
  const start = (...words: string[]) =>
    execa(process.execPath, [LAUNCHER, ...words], {
      reject: false,
      env: { FORKPOINT_API_KEY: '', OPENAI_API_KEY: '' },
    });

  test('runs what is built, and passes the exit code on', async () => {
    const [help, wrong] = await Promise.all([start('--help'), start('nonsense', '--json')]);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: forkpoint /);
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
    expect(JSON.parse(wrong.stderr).error.code).toBe('USAGE');
  });
});
