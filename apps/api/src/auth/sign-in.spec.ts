import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LAB, PUBLIC_ORIGIN, TestApi } from './test-api.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('signing in', () => {
  let api: TestApi;
  const { email, password } = LAB.administrator;

  beforeAll(async () => {
    api = await TestApi.start();
  });
  afterAll(() => api.stop());

  const attempt = (payload: object, remoteAddress = '192.0.2.1', headers: Record<string, string> = {}) =>
    api.send({ method: 'POST', url: '/auth/sign-in', payload, remoteAddress, headers });
  const me = (headers: Record<string, string>) => api.send({ method: 'GET', url: '/auth/me', headers });

  test('sets a cookie that pages cannot read and one that they repeat', async () => {
    const answer = await attempt({ email: ` ${email.toUpperCase()} `, password });
    expect(answer.statusCode).toBe(200);
    const [session, csrf] = answer.cookies;
    expect(session).toMatchObject({ name: 'fp_session', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
    expect(csrf).toMatchObject({ name: 'fp_csrf', secure: true, sameSite: 'Lax', value: answer.json().csrfToken });
    expect(csrf?.httpOnly).toBeUndefined();
    expect(answer.json()).toMatchObject({ passwordChangeRequired: false, expiresAt: '2026-01-08T00:00:00.000Z' });
  });

  test('tells who it is', async () => {
    const { cookie } = await api.signIn(email, password);
    const answer = await me({ cookie: cookie as string });
    expect(answer.json()).toMatchObject({
      type: 'user',
      user: { email, displayName: 'Lab administrator' },
      organization: { kind: 'lab', slug: 'lab' },
      role: 'lab_admin',
      projectIds: 'all',
    });
    expect(answer.json().permissions).toContain('organization:write');
  });

  test.each([
    ['a wrong password', { email, password: 'wrong horse battery' }],
    ['an unknown account', { email: 'nobody@lab.example', password }],
    ['no address at all', { email: '', password }],
  ])('answers the same to %s', async (_, payload) => {
    const answer = await attempt(payload, '192.0.2.2');
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'invalid_credentials']);
    expect(answer.cookies).toEqual([]);
  });

  test('asks for JSON with both', async () => {
    const answer = await attempt({ email });
    expect([answer.statusCode, answer.json().error.code, answer.json().error.param]).toEqual([
      400,
      'invalid_input',
      'password',
    ]);
  });

  test('refuses pages of other origins', async () => {
    const own = await attempt({ email, password }, '192.0.2.3', { origin: PUBLIC_ORIGIN });
    expect(own.statusCode).toBe(200);
    const foreign = await attempt({ email, password }, '192.0.2.3', { origin: 'https://evil.example' });
    expect([foreign.statusCode, foreign.json().error.code]).toEqual([403, 'foreign_origin']);
  });

  test('ends when signed out', async () => {
    const credentials = await api.signIn(email, password);
    expect((await me(credentials)).statusCode).toBe(200);
    const out = await api.send({ method: 'POST', url: '/auth/sign-out', headers: credentials });
    expect(out.statusCode).toBe(204);
    expect(out.cookies.map(({ name, value, expires }) => [name, value, expires?.getTime()])).toEqual([
      ['fp_session', '', 0],
      ['fp_csrf', '', 0],
    ]);
    expect((await me(credentials)).statusCode).toBe(401);
  });

  test('ends after eight idle hours, and after a week in any case', async () => {
    const idle = await api.signIn(email, password);
    const used = await api.signIn(email, password);
    for (let hours = 0; hours < 8; hours += 4) {
      api.clock.advance(4 * HOUR);
      expect((await me(used)).statusCode).toBe(200);
    }
    expect((await me(idle)).statusCode).toBe(401);
    for (let hours = 8; hours < 164; hours += 4) {
      api.clock.advance(4 * HOUR);
      expect((await me(used)).statusCode).toBe(200);
    }
    api.clock.advance(4 * HOUR);
    expect((await me(used)).statusCode).toBe(401);
  });

  test('is audited', async () => {
    const credentials = await api.signIn(email, password);
    const { data } = await api.query(
      credentials,
      '{ auditLog(first: 1, action: "signIn") { nodes { actorId outcome } } me { id } auditVerification { intact } }',
    );
    expect(data.auditLog.nodes).toEqual([{ actorId: data.me.id, outcome: 'DONE' }]);
    expect(data.auditVerification.intact).toBe(true);
  });

  describe('slowed', () => {
    const wrong = (address: string, account = email) =>
      attempt({ email: account, password: 'wrong horse battery' }, address);

    test('makes who guesses wait, longer each time, and its owner elsewhere not at all', async () => {
      const statuses: number[] = [];
      for (let count = 0; count < 7; count++) statuses.push((await wrong('198.51.100.1')).statusCode);
      expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429]);
      const refused = await attempt({ email, password }, '198.51.100.1');
      expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, '1']);
      expect((await attempt({ email, password }, '198.51.100.2')).statusCode).toBe(200);
      api.clock.advance(1_000);
      expect((await wrong('198.51.100.1')).statusCode).toBe(401);
      expect((await wrong('198.51.100.1')).headers['retry-after']).toBe('2');
      api.clock.advance(2_000);
      expect((await attempt({ email, password }, '198.51.100.1')).statusCode).toBe(200);
      expect((await wrong('198.51.100.1')).statusCode).toBe(401);
    });

    test('goes by the address that the gateway tells, and believes nobody else', async () => {
      const behind = (proxy: string, client: string) =>
        attempt({ email: 'guessed@lab.example', password: 'guess' }, proxy, { 'x-forwarded-for': client });
      for (let count = 0; count < 6; count++) await behind('127.0.0.1', '203.0.113.1');
      expect((await behind('127.0.0.1', '203.0.113.1')).statusCode).toBe(429);
      expect((await behind('127.0.0.1', '203.0.113.2')).statusCode).toBe(401);
      for (let count = 0; count < 6; count++) await behind('198.51.100.7', `203.0.113.${10 + count}`);
      expect((await behind('198.51.100.7', '203.0.113.99')).statusCode).toBe(429);
    });

    test('tells nothing about whether the account exists', async () => {
      const statuses: number[] = [];
      for (let count = 0; count < 7; count++) {
        statuses.push((await wrong('198.51.100.4', 'nobody@lab.example')).statusCode);
      }
      expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429]);
    });
  });
});
