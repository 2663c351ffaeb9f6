import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayKey } from '#libs/identity';
import { authenticate, requirePermission } from '../admission/authenticate.js';
import { type Endpoint, parseInferenceRequest } from '../admission/request-body.js';
import { resolveModel } from '../admission/resolve-model.js';
import { GATEWAY_ERRORS } from '../gateway.errors.js';
import { ClientResponse } from '../relay/client-response.js';
import type { Route } from '../snapshot/snapshot.js';
import type { ServerParts } from './server-parts.js';

const RETRY_AFTER_CUT_OFF_SECONDS = 5;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request of the data plane. */
    caller: GatewayKey;
  }
}

/** Chat completions, completions and models: served here from the snapshot and the engines. */
export async function dataPlane(server: FastifyInstance, parts: ServerParts): Promise<void> {
  const { feed, clock, config, limiter, inference } = parts;
  // Errors name what is wrong with the JSON themselves, and the body goes on in other words anyway.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.decorateRequest('caller');
  // Before the body is read: nobody unknown makes us read one.
  server.addHook('onRequest', async (request, reply) => {
    if (!feed.isCurrent) throw GATEWAY_ERRORS.GATEWAY_CUT_OFF({ retryAfterSeconds: RETRY_AFTER_CUT_OFF_SECONDS });
    request.caller = authenticate(request.headers.authorization, feed.keys, {
      pepper: config.pepper,
      now: clock.now(),
    });
    reply.headers(limiter.headersOf(request.caller));
  });

  const infer = (endpoint: Endpoint) => async (request: FastifyRequest, reply: FastifyReply) => {
    const { caller } = request;
    requirePermission(caller, 'inference:call');
    try {
      limiter.takeRequest(caller);
      const call = parseInferenceRequest(endpoint, bodyOf(request));
      const client = new ClientResponse(reply.raw);
      const namedProject = headerOf(request, 'openai-project');
      await inference.answer({ requestId: request.id, caller, namedProject, request: call, client });
      reply.hijack();
    } catch (error) {
      reply.headers(limiter.headersOf(caller));
      throw error;
    }
  };
  server.post('/v1/chat/completions', infer('chat'));
  server.post('/v1/completions', infer('completions'));
  server.post('/v1/embeddings', async () => {
    throw GATEWAY_ERRORS.UNSUPPORTED_ENDPOINT({ endpoint: '/v1/embeddings' });
  });

  server.get('/v1/models', async ({ caller }) => ({
    object: 'list',
    data: feed.routes.visibleTo(caller, clock.now().getTime()).map(modelOf),
  }));
  // A name may hold slashes, written as they are or encoded.
  server.get<{ Params: { '*': string } }>('/v1/models/*', async ({ caller, params }) =>
    modelOf(resolveModel(feed.routes, params['*'], caller, clock.now())),
  );
}

function modelOf(route: Route) {
  return {
    id: route.name,
    object: 'model',
    created: Math.floor(route.createdAt / 1000),
    owned_by: route.organizationId,
  };
}

function bodyOf(request: FastifyRequest): Buffer {
  if (Buffer.isBuffer(request.body)) return request.body;
  throw request.headers['content-type']
    ? GATEWAY_ERRORS.UNSUPPORTED_MEDIA_TYPE()
    : GATEWAY_ERRORS.INVALID_JSON({ reason: 'it is empty.' });
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
