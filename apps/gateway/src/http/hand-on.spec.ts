import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GatewayWorld } from '../spec-support/world.js';

// The WebSocket library that @fastify/http-proxy brings.
const { WebSocket, WebSocketServer } = createRequire(createRequire(import.meta.url).resolve('@fastify/http-proxy'))(
  'ws',
);

let world: GatewayWorld;
let api: Server;
let origin: string;
const upgrades: IncomingMessage[] = [];

/** Tells what it was sent, in place of the api. */
beforeAll(async () => {
  api = createServer(async (request, response) => {
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    response.writeHead(request.url === '/refused' ? 422 : 200, {
      'content-type': 'application/json',
      'set-cookie': 'fp_session=1',
    });
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, bytes }));
  });
  const sockets = new WebSocketServer({ server: api, path: '/graphql', handleProtocols: () => 'graphql-transport-ws' });
  sockets.on('connection', (socket: InstanceType<typeof WebSocket>, request: IncomingMessage) => {
    upgrades.push(request);
    socket.on('message', (data: Buffer) => socket.send(`echo ${data}`));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  world = await GatewayWorld.create();
  ({ origin } = await world.gateway({ apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}` }));
});
afterAll(async () => {
  await world.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
});

describe('what is not inference', () => {
  it.each([
    ['GET', '/healthz'],
    ['GET', '/v1/files/file_1/content?limit=2'],
    ['GET', '/v1/fine_tuning/checkpoints/ft%3Aa%3A%2Fb/permissions'],
    ['DELETE', '/v1/models/ft%3Aforge%3Aacme'],
    ['POST', '/graphql'],
    ['PATCH', '/'],
  ])('%s %s goes to the api as it came', async (method, path) => {
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { authorization: 'Bearer whatever', cookie: 'fp_session=0', 'x-csrf-token': 'c' },
    });
    expect(response.headers.get('set-cookie')).toBe('fp_session=1');
    expect(await response.json()).toMatchObject({
      method,
      url: path,
      headers: { authorization: 'Bearer whatever', cookie: 'fp_session=0', 'x-csrf-token': 'c' },
    });
  });

  it('goes under one request id and under the caller’s real address, whatever the caller writes', async () => {
    const response = await fetch(`${origin}/auth/me`, {
      headers: {
        'x-request-id': 'req_forged',
        'x-forwarded-for': '1.2.3.4',
        'x-forwarded-host': 'evil',
        'x-forwarded-proto': 'ftp',
      },
    });
    const { headers } = (await response.json()) as { headers: Record<string, string> };
    expect(headers['x-request-id']).toMatch(/^req_/);
    expect(headers['x-request-id']).not.toBe('req_forged');
    expect(response.headers.get('x-request-id')).toBe(headers['x-request-id']);
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': new URL(origin).host,
      'x-forwarded-proto': 'http',
    });
  });

  it('streams bodies far beyond the limit of inference', async () => {
    const form = new FormData();
    form.set('purpose', 'fine-tune');
    form.set('file', new Blob([new Uint8Array(6_000_000)]), 'a.jsonl');
    const response = await fetch(`${origin}/v1/files`, { method: 'POST', body: form });
    const { bytes, headers } = (await response.json()) as { bytes: number; headers: Record<string, string> };
    expect(bytes).toBeGreaterThan(6_000_000);
    expect(headers['content-type']).toMatch(/^multipart\/form-data/);
  });

  it('keeps the status that the api gives', async () => {
    expect((await fetch(`${origin}/refused`)).status).toBe(422);
  });

  it('carries WebSockets with their protocol, cookie and key', async () => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, ['graphql-transport-ws'], {
      headers: { cookie: 'fp_session=2', authorization: 'Bearer k', origin: 'https://portal.example' },
    });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    const answer = new Promise((resolve) => socket.on('message', (data: Buffer) => resolve(String(data))));
    socket.send('hello');
    expect(await answer).toBe('echo hello');
    expect(socket.protocol).toBe('graphql-transport-ws');
    expect(upgrades[0]?.headers).toMatchObject({
      cookie: 'fp_session=2',
      authorization: 'Bearer k',
      origin: 'https://portal.example',
      'x-request-id': expect.stringMatching(/^req_/),
      'x-forwarded-for': '127.0.0.1',
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.close();
    await closed;
  });

  it('is refused in OpenAI’s shape while the api is away', async () => {
    const { origin: lonely } = await world.gateway({ apiUrl: 'http://127.0.0.1:9' });
    const response = await fetch(`${lonely}/v1/files`);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { type: 'server_error', code: 'upstream_unavailable' } });
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('cannot climb out of its path', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(`${origin}`, { path: '/v1/../../etc/passwd' }, (response) => resolve(response.resume().statusCode)).end();
    });
    expect(status).toBe(400);
  });
});
