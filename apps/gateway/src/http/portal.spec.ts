import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { GatewayWorld } from '../spec-support/world.js';

const PAGE = '<!doctype html><title>Portal</title>';
const SCRIPT = 'console.log("portal");'.repeat(100);
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
let world: GatewayWorld;
let api: Server;
let apiUrl: string;
let directory: string;
let origin: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portal-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), PAGE);
  await writeFile(join(directory, 'theme.js'), '// theme');
  await writeFile(join(directory, 'assets/main-a1b2.js'), SCRIPT);
  await writeFile(join(directory, 'assets/main-a1b2.js.br'), brotliCompressSync(SCRIPT));
  api = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ api: request.url }));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  world = await GatewayWorld.create();
  ({ origin } = await world.gateway({ apiUrl, portal: { directory, storeUrl: 'https://store.example:9000/path' } }));
});
afterAll(async () => {
  await world.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
  await rm(directory, { recursive: true, force: true });
});

/** As it is written: `fetch` tidies paths and headers up. */
function answerTo(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path, headers }, (response) => resolve(response.resume())).on('error', reject);
  });
}

describe('pages', () => {
  it.each([
    '/',
    '/sign-in?to=%2Fdatasets',
    '/lineage/forge-1',
    '/models/ft:forge-1-pretrain-000156:acme:ada:x1/y.z',
    '/fine-tunes/ftjob_1',
    '/authority',
    '/v1-notes',
  ])('%s is the portal for a browser', async (path) => {
    const response = await fetch(`${origin}${path}`, { headers: BROWSER });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toBe(PAGE);
  });

  it('are asked for again, and sent again only when they changed', async () => {
    const first = await fetch(`${origin}/datasets`, { headers: BROWSER });
    const etag = String(first.headers.get('etag'));
    const again = await answerTo('/usage', { ...BROWSER, 'if-none-match': etag });
    expect([again.statusCode, again.headers['cache-control']]).toEqual([304, 'no-cache']);
  });

  it('answer HEAD', async () => {
    const response = await fetch(`${origin}/datasets`, { method: 'HEAD', headers: BROWSER });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, String(PAGE.length)]);
  });

  it('run nothing but their own files and are framed by nobody', async () => {
    const { headers } = await fetch(`${origin}/`, { headers: BROWSER });
    const policy = String(headers.get('content-security-policy'));
    expect(policy).not.toContain('unsafe');
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'self'",
        "connect-src 'self' https://store.example:9000",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "object-src 'none'",
      ]),
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
    expect(headers.get('x-request-id')).toMatch(/^req_/);
  });
});

describe('files', () => {
  it('named after their content are kept for a year', async () => {
    const response = await fetch(`${origin}/assets/main-a1b2.js`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toBe(SCRIPT);
  });

  it('are sent as they were compressed', async () => {
    const encodingOf = async (accepted: string) => {
      const { headers } = await answerTo('/assets/main-a1b2.js', { 'accept-encoding': accepted });
      return [headers['content-encoding'], headers['content-length'], headers.vary];
    };
    const vary = expect.stringContaining('accept-encoding');
    const compressed = String(brotliCompressSync(SCRIPT).length);
    expect(await encodingOf('gzip, br')).toEqual(['br', compressed, vary]);
    expect(await encodingOf('identity')).toEqual([undefined, String(SCRIPT.length), vary]);
  });

  it('of another name are asked for again', async () => {
    const response = await fetch(`${origin}/theme.js`);
    expect([response.headers.get('cache-control'), await response.text()]).toEqual(['no-cache', '// theme']);
  });

  it.each([
    ['/assets/main-0000.js', {}],
    ['/assets/main-0000.js', BROWSER],
    ['/assets/', BROWSER],
    ['/assets/..%2findex.html', {}],
    ['/assets/%2e%2e/index.html', {}],
    ['/assets/../index.html', {}],
    ['/assets/main-a1b2.js.br', {}],
  ])('that are not there are 404: %s', async (path, headers) => {
    const { statusCode, headers: told } = await answerTo(path, headers);
    expect(statusCode).toBe(404);
    expect(told['content-type']).not.toMatch(/html/);
  });
});

describe('what is for programs', () => {
  it.each([
    ['/v1/files', BROWSER],
    ['/graphql?query=%7Bme%7Bid%7D%7D', BROWSER],
    ['/auth/me', BROWSER],
    ['/healthz', BROWSER],
    ['/internal/x', BROWSER],
    ['/unknown', { accept: '*/*' }],
    ['/', { accept: 'application/json' }],
  ])('%s still goes to the api', async (path, headers) => {
    const response = await fetch(`${origin}${path}`, { headers });
    expect(await response.json()).toEqual({ api: path });
    expect(response.headers.get('content-security-policy')).toBeNull();
  });

  it.each(['POST', 'DELETE'])('%s of a page’s address goes to the api', async (method) => {
    const response = await fetch(`${origin}/datasets`, { method, headers: BROWSER });
    expect(await response.json()).toEqual({ api: '/datasets' });
  });

  it('keeps the data plane and the gateway’s health', async () => {
    expect((await fetch(`${origin}/v1/models`, { headers: BROWSER })).status).toBe(401);
    expect(await (await fetch(`${origin}/gateway/healthz`, { headers: BROWSER })).json()).toMatchObject({
      status: 'ok',
    });
  });
});

test('a portal that was not built is said at the start', async () => {
  const nowhere = join(directory, 'nowhere');
  await expect(world.gateway({ apiUrl, portal: { directory: nowhere, storeUrl: undefined } })).rejects.toThrow(
    'npm run build:portal',
  );
});
