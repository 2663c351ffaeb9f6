import type { IncomingHttpHeaders } from 'node:http';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Agent } from 'undici';
import type { Logger } from '#platform/telemetry';
import { GATEWAY_ERRORS } from '../gateway.errors.js';

/** The api may take its time over a large upload. */
const ANSWER_TIMEOUT_MILLISECONDS = 15 * 60_000;
const CONNECT_TIMEOUT_MILLISECONDS = 2_000;
const CONNECTIONS = 256;

/** Everything else goes to the api as it came, WebSockets too, under the request id of this side. */
export async function handOn(
  server: FastifyInstance,
  { apiUrl, logger }: { apiUrl: string; logger: Logger },
): Promise<void> {
  const agent = new Agent({
    connections: CONNECTIONS,
    connect: { timeout: CONNECT_TIMEOUT_MILLISECONDS },
    headersTimeout: ANSWER_TIMEOUT_MILLISECONDS,
    // An answer may stay silent for as long as it likes: events, logs that are followed.
    bodyTimeout: 0,
  });
  server.addHook('onClose', () => agent.destroy());
  await server.register(httpProxy, {
    upstream: apiUrl,
    undici: agent,
    websocket: true,
    wsClientOptions: {
      rewriteRequestHeaders: (_headers: unknown, request: FastifyRequest) => webSocketHeaders(request),
    } as never,
    replyOptions: {
      rewriteRequestHeaders: (request, headers) => ({ ...headers, ...forwarded(request as never) }),
      onError: (reply, { error }) => {
        logger.warn({ err: error, requestId: reply.request.id }, 'the api does not answer');
        void reply.send(GATEWAY_ERRORS.UPSTREAM_UNAVAILABLE({ cause: error }));
      },
    },
  });
}

/** Who really asks, and where: this is the edge, so what came under these names is not believed. */
function forwarded(request: FastifyRequest): Record<string, string> {
  return {
    'x-request-id': request.id,
    'x-forwarded-for': request.ip,
    'x-forwarded-host': request.host,
    'x-forwarded-proto': request.protocol,
  };
}

const PASSED_ON = ['authorization', 'cookie', 'origin', 'user-agent'] as const;

function webSocketHeaders(request: FastifyRequest): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = forwarded(request);
  for (const name of PASSED_ON) if (request.headers[name]) headers[name] = request.headers[name];
  return headers;
}
