import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Credentials, LAB, PUBLIC_ORIGIN, TestApi } from './test-api.js';

describe('calls with the session cookie', () => {
  let api: TestApi;
  let session: Credentials;
  let other: Credentials;

  beforeAll(async () => {
    api = await TestApi.start();
    session = await api.signIn(LAB.administrator.email, LAB.administrator.password);
    other = await api.signIn(LAB.administrator.email, LAB.administrator.password);
  });
  afterAll(() => api.stop());

  const cookieOnly = () => ({ cookie: session.cookie as string });
  const post = async (headers: Credentials) => {
    const answer = await api.send({ method: 'POST', url: '/graphql', headers, payload: { query: '{ me { type } }' } });
    return answer.json().errors?.[0].extensions.code ?? 'answered';
  };

  test('need the token of their own session', async () => {
    expect(await post(session)).toBe('answered');
    expect(await post(cookieOnly())).toBe('INVALID_CSRF_TOKEN');
    expect(await post({ ...cookieOnly(), 'x-csrf-token': other['x-csrf-token'] as string })).toBe('INVALID_CSRF_TOKEN');
    expect(await post({ ...cookieOnly(), 'x-csrf-token': '' })).toBe('INVALID_CSRF_TOKEN');
  });

  test('come from our pages only', async () => {
    expect(await post({ ...session, origin: PUBLIC_ORIGIN })).toBe('answered');
    expect(await post({ ...session, origin: 'https://evil.example' })).toBe('FOREIGN_ORIGIN');
    expect(await post({ ...session, origin: 'null' })).toBe('FOREIGN_ORIGIN');
  });

  test('that read need no token, and cannot change anything', async () => {
    const read = (query: string) =>
      api.send({ method: 'GET', url: '/graphql', headers: cookieOnly(), query: { query } });
    expect((await read('{ me { type } }')).json().data).toEqual({ me: { type: 'USER' } });
    const change =
      'mutation { createProject(input: { idempotencyKey: "k", name: "p", slug: "p" }) { project { id } } }';
    expect((await read(change)).json().data?.createProject).toBeUndefined();
    const { data } = await api.query(session, '{ projects { nodes { id } } }');
    expect(data.projects.nodes).toEqual([]);
  });

  test('sign out with the token only', async () => {
    const answer = await api.send({ method: 'POST', url: '/auth/sign-out', headers: cookieOnly() });
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'invalid_csrf_token']);
  });

  test('open a WebSocket from our pages only', async () => {
    await api.app.listen(0, '127.0.0.1');
    const address = (await api.app.getUrl()).replace('http', 'ws');
    const connect = (origin?: string) =>
      new Promise<string>((resolve, reject) => {
        const headers = { ...cookieOnly(), ...(origin ? { origin } : {}) };
        const socket = new WebSocket(`${address}/graphql`, { protocols: 'graphql-transport-ws', headers } as never);
        socket.onopen = () => socket.send(JSON.stringify({ type: 'connection_init' }));
        socket.onmessage = ({ data }) => {
          resolve(JSON.parse(String(data)).type);
          socket.close();
        };
        socket.onclose = () => resolve('refused');
        setTimeout(() => reject(new Error('no answer')), 5_000).unref();
      });
    expect(await connect(PUBLIC_ORIGIN)).toBe('connection_ack');
    expect(await connect('https://evil.example')).toBe('refused');
    expect(await connect()).toBe('refused');
  });

  test('by WebSocket end with the session, by themselves', async () => {
    const leaving = await api.signIn(LAB.administrator.email, LAB.administrator.password);
    const address = (await api.app.getUrl()).replace('http', 'ws');
    const open = async ({ cookie }: Credentials) => {
      const headers = { cookie: cookie as string, origin: PUBLIC_ORIGIN };
      const socket = new WebSocket(`${address}/graphql`, { protocols: 'graphql-transport-ws', headers } as never);
      const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
      socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
      await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
      return { socket, closed };
    };
    const [ended, kept] = [await open(leaving), await open(session)];
    await api.send({ method: 'POST', url: '/auth/sign-out', headers: leaving });
    expect(await ended.closed).toBe(4401);
    expect(kept.socket.readyState).toBe(WebSocket.OPEN);
    kept.socket.close();
  });
});
