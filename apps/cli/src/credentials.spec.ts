import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CredentialStore } from './credentials.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const HERE = 'https://here.example';
const session = {
  cookie: 'fp_session=1',
  csrfToken: 'token',
  expiresAt: '2026-01-02T00:00:00Z',
  email: 'ada@example.com',
};

describe('credentials', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'forkpoint-credentials-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const store = (environment: Record<string, string> = {}) => new CredentialStore({ HOME: home, ...environment });
  const file = () => join(home, '.config', 'forkpoint', 'credentials.json');

  test('lie in a file for their owner alone, also if one with wider rights was there', () => {
    store().remember(HERE, { session });
    writeFileSync(file(), readFileSync(file()), { mode: 0o644 });
    store().remember(HERE, { session });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, '.config', 'forkpoint')).mode & 0o777).toBe(0o700);
  });

  test('reach the platform they are for, and no other', () => {
    store().remember(HERE, { session });
    expect(store().access(NOW)).toMatchObject({ origin: HERE, credentials: { cookie: 'fp_session=1' } });
    expect(store().modelKey()).toBeNull();
    expect(() => store({ FORKPOINT_ORIGIN: 'https://there.example' }).access(NOW)).toThrow(
      'not signed in to https://there',
    );
  });

  test('of the environment go before those of the file', () => {
    store().remember(HERE, { session });
    expect(store({ FORKPOINT_API_KEY: 'fpk_1' }).access(NOW)).toMatchObject({
      origin: HERE,
      credentials: { apiKey: 'fpk_1' },
    });
  });

  test('of another provider are sent nowhere', () => {
    const foreign = { OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'https://api.openai.com/v1' };
    expect(() => store(foreign).access(NOW)).toThrow('not signed in to http://127.0.0.1:21000');
    const ours = { OPENAI_API_KEY: 'fpk_1', OPENAI_BASE_URL: `${HERE}/v1` };
    expect(store(ours).access(NOW)).toMatchObject({ origin: HERE, credentials: { apiKey: 'fpk_1' } });
  });

  test('end with their session', () => {
    store().remember(HERE, { session });
    expect(() => store().access(new Date('2026-01-03T00:00:00Z'))).toThrow(
      'Your session on https://here.example has ended',
    );
    // A key for models that was kept beside it is for models alone, and goes on.
    store().remember(HERE, { session, apiKey: 'fpk_1' });
    expect(() => store().access(new Date('2026-01-03T00:00:00Z'))).toThrow('has ended');
    expect(store().modelKey()).toBe('fpk_1');
  });

  test('are forgotten by platform', () => {
    store().remember(HERE, { session });
    store().remember('https://there.example', { apiKey: 'fpk_2' });
    store().forget('https://there.example');
    expect(store().origin()).toBe(HERE);
    store().forget(HERE);
    expect(store().origin()).toBe('http://127.0.0.1:21000');
    expect(() => statSync(file())).toThrow('ENOENT');
  });
});
