import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { base, platform, TRAINING_FILE } from './support/partner.js';

it('the official Python client, unmodified, goes from a file to an answer', async () => {
  const environment = {
    OPENAI_BASE_URL: platform.client('OPENAI_BASE_URL'),
    OPENAI_API_KEY: platform.client('OPENAI_API_KEY'),
  };
  const { stdout } = await promisify(execFile)(
    '.venv/bin/python',
    ['test/journeys/openai_client.py', TRAINING_FILE, base],
    {
      env: { ...process.env, ...environment },
    },
  );
  const seen = JSON.parse(stdout) as Record<string, unknown>;
  expect(seen).toMatchObject({
    file: ['file', 'processed', true],
    status: 'succeeded',
    error: null,
    listed: true,
    models: true,
    not_found: ['model_not_found', true],
  });
  expect(seen['events']).toBeGreaterThan(3);
  expect((seen['checkpoints'] as number[]).length).toBeGreaterThan(0);
  expect(seen['answer']).toContain('VALVE_LIMIT');
});
