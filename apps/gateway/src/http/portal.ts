import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import serveFiles from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#libs/kernel';

export interface PortalOptions {
  /** Where `npm run build:portal` put its pages. */
  directory: string;
  /** Uploads go there from the browser, and reports come from there. */
  storeUrl?: string | undefined;
}

const PAGE = 'index.html';
/** Files below it are named after what is in them. */
const HASHED = '/assets/';
const A_YEAR = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';
/** What is not ours: those who speak for programs. Everything else that asks for a page gets the portal. */
const NOT_PAGES = ['/v1', '/graphql', '/auth', '/internal', '/healthz', '/gateway'];

/**
 * The portal's files, and its page for every address that a browser asks for a page at: which screen that is, the page knows.
 * Whatever else there is stays with the routes of `inner`.
 */
export async function servePortal(
  server: FastifyInstance,
  { directory, storeUrl, inner }: PortalOptions & { inner: (server: FastifyInstance) => Promise<void> },
): Promise<void> {
  if (!existsSync(join(directory, PAGE))) {
    throw new Error(`There is no portal in ${directory}: run npm run build:portal, or leave PORTAL_DIRECTORY unset.`);
  }
  await server.register(serveFiles, { root: directory, serve: false, preCompressed: true, cacheControl: false });
  const headers = securityHeaders(storeUrl);
  const send = (reply: FastifyReply, file: string, caching: string) =>
    reply.headers(headers).header('cache-control', caching).sendFile(file);

  server.get<{ Params: { '*': string } }>(`${HASHED}*`, (request, reply) => {
    const file = request.params['*'];
    if (!isFileName(file) || !existsSync(join(directory, HASHED, file))) throw noSuchFile(request);
    return send(reply, `${HASHED}${file}`, A_YEAR);
  });
  for (const file of readdirSync(directory).filter((name) => isFileName(name) && name !== PAGE)) {
    server.get(`/${file}`, (_request, reply) => send(reply, file, ASK_AGAIN));
  }
  server.addHook('onRequest', async (request, reply) => {
    if (asksForPage(request)) return send(reply, PAGE, ASK_AGAIN);
  });
  await inner(server);
}

/** A plain one; the compressed twins stand for the same addresses. */
function isFileName(name: string): boolean {
  return /^[\w-][\w.-]*\.\w+$/.test(name) && !/\.(br|gz)$/.test(name);
}

function asksForPage({ method, url, headers, routeOptions }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  // A file of its own.
  if (routeOptions.url !== '*' && routeOptions.url !== '/*' && routeOptions.url !== '/') return false;
  if (!headers.accept?.includes('text/html')) return false;
  const path = url.split('?', 1)[0] ?? '/';
  return !NOT_PAGES.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

function noSuchFile({ url }: FastifyRequest): DomainError {
  return new DomainError('NOT_FOUND', `There is no file ${url}: it belongs to another version. Load the page again.`, {
    status: 404,
  });
}

/** The page runs its own files and nothing else; it talks to us and to the object store alone; nobody frames it. */
function securityHeaders(storeUrl: string | undefined): Record<string, string> {
  const store = storeUrl ? ` ${new URL(storeUrl).origin}` : '';
  const policy = [
    "default-src 'self'",
    `connect-src 'self'${store}`,
    "img-src 'self' data: blob:",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    vary: 'accept-encoding, accept',
  };
}
