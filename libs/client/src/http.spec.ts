import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { RefusedError, UnreachableError } from './errors.js';
import { GraphqlClient } from './graphql-client.js';

/** What is told here is between client and network: the platform's own answers are held by the specs of the command line. */
describe('calls over a network that fails', () => {
  let server: Server;
  let calls: string[] = [];
  afterEach(() => new Promise((done) => server.close(done)));

  async function clientOf(answer: (call: number) => [status: number, text: string, headers?: Record<string, string>]) {
    calls = [];
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      calls.push(body);
      const [status, text, headers = {}] = answer(calls.length);
      if (status === 0) return request.socket.destroy();
      response.writeHead(status, { 'x-request-id': `req_${calls.length}`, ...headers }).end(text);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const graphqlUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
    return new GraphqlClient({ graphqlUrl, credentials: { apiKey: 'fpk_1' } });
  }

  const done = JSON.stringify({ data: { act: { thing: 1, userErrors: [] } } });

  test('are repeated with the same idempotency key while nothing answers', async () => {
    const client = await clientOf((call) => (call === 1 ? [0, ''] : call === 2 ? [503, 'starting'] : [200, done]));
    expect(await client.mutate('act', { value: 1 }, 'thing')).toEqual({ thing: 1 });
    const keys = calls.map((body) => JSON.parse(body).variables.input.idempotencyKey);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  test('are given up after some tries, saying what can not be reached', async () => {
    const client = await clientOf(() => [0, '']);
    await expect(client.query('{ me { id } }')).rejects.toThrow(UnreachableError);
    expect(calls).toHaveLength(3);
  });

  test('are not repeated when they were refused', async () => {
    const refusal = { data: { act: { userErrors: [{ code: 'NO', message: 'No.', path: ['value'] }] } } };
    const client = await clientOf(() => [200, JSON.stringify(refusal)]);
    const error = await client.mutate('act', {}, 'thing').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusedError);
    expect(error).toMatchObject({ code: 'NO', message: 'No.', path: ['value'], requestId: 'req_1' });
    expect(calls).toHaveLength(1);
  });

  test('what stands before the api is understood in its own shape', async () => {
    const error = JSON.stringify({ error: { message: 'Slow down.', code: 'rate_limit_exceeded', param: null } });
    const client = await clientOf(() => [429, error, { 'content-type': 'application/json' }]);
    await expect(client.query('{ me { id } }')).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'RATE_LIMIT_EXCEEDED',
      requestId: 'req_1',
    });
  });

  test('a failure of the platform is no refusal, and names its request', async () => {
    const failure = {
      errors: [{ message: 'Something failed.', extensions: { code: 'INTERNAL', requestId: 'req_9' } }],
    };
    const client = await clientOf(() => [200, JSON.stringify(failure)]);
    await expect(client.query('{ me { id } }')).rejects.toMatchObject({ name: 'UnreachableError', requestId: 'req_9' });
  });
});
