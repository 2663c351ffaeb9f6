import type { Socket } from 'node:net';
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { DomainError, newId } from '#libs/kernel';
import { internalFailure, openAiFailure } from '#platform/http';
import { GATEWAY_ERRORS } from '../gateway.errors.js';
import { ClientGone } from '../relay/client-response.js';
import { dataPlane } from './data-plane.js';
import { handOn } from './hand-on.js';
import { servePortal } from './portal.js';
import type { ServerParts } from './server-parts.js';

/** A caller that does not get its headers across in this time is not one. */
const HEADERS_TIMEOUT_MILLISECONDS = 15_000;
/** Long enough for the largest upload through the api; inference bodies are small and come from known keys. */
const REQUEST_TIMEOUT_MILLISECONDS = 15 * 60_000;
/** Above the idle time of common load balancers, so that they close first. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

/** The one public origin. What is neither inference nor a page is handed on to the api as it is. */
export async function createServer(parts: ServerParts): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: parts.config.maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MILLISECONDS,
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    forceCloseConnections: 'idle',
    // Ids of requests are ids of usage, so none is taken from outside.
    requestIdHeader: false,
    genReqId: () => newId('req'),
    trustProxy: parts.config.trustedProxies ?? false,
    routerOptions: { maxParamLength: 300 },
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply, parts),
  });
  server.server.headersTimeout = HEADERS_TIMEOUT_MILLISECONDS;
  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  server.setErrorHandler((error: FastifyError, request, reply) => sendError(error, request, reply, parts));
  server.get('/gateway/healthz', async (_request, reply) => {
    const status = parts.feed.isCurrent ? 200 : 503;
    return reply
      .status(status)
      .send({ status: status === 200 ? 'ok' : 'cut_off', snapshotVersion: parts.feed.version });
  });
  await server.register(dataPlane, parts);
  const { apiUrl, portal } = parts.config;
  const rest = async (scope: FastifyInstance) => {
    await scope.register(handOn, { apiUrl, logger: parts.logger });
  };
  await server.register(portal ? (scope) => servePortal(scope, { ...portal, inner: rest }) : rest);
  return server;
}

/** Every error has OpenAI's shape. */
function sendError(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
  { config, logger }: ServerParts,
): void {
  if (error instanceof ClientGone || reply.raw.headersSent) {
    if (!(error instanceof ClientGone))
      logger.error({ err: error, requestId: request.id }, 'a request failed in mid-answer');
    reply.hijack();
    reply.raw.destroy();
    return;
  }
  const refusal = refusalOf(error, config.maxBodyBytes);
  if (!refusal) logger.error({ err: error, requestId: request.id, url: request.url }, 'a request failed');
  const { status, headers, body } = refusal ? openAiFailure(refusal) : internalFailure;
  void reply.status(status).headers(headers).send(body);
}

/** What is not HTTP has no request to answer to; some clients read an answer all the same. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const [status, reason] = MALFORMED[error.code ?? ''] ?? [400, 'Bad Request'];
  const { body } = openAiFailure(new DomainError('BAD_REQUEST', `The request can't be read: ${reason}.`, { status }));
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n` +
      `X-Request-Id: ${newId('req')}\r\n\r\n${text}`,
  );
}

const MALFORMED: Record<string, [status: number, reason: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
};

function refusalOf(error: FastifyError | Error, limitBytes: number): DomainError | null {
  if (error instanceof DomainError) return error;
  const { code, statusCode = 500 } = error as FastifyError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return GATEWAY_ERRORS.REQUEST_TOO_LARGE({ limitBytes });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return GATEWAY_ERRORS.UNSUPPORTED_MEDIA_TYPE();
  if (statusCode < 500) return new DomainError('BAD_REQUEST', error.message, { status: statusCode });
  return null;
}
