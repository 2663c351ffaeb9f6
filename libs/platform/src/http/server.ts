import type { IncomingMessage } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { newId } from '#libs/kernel';
import { type Logger, NestLogger } from '#platform/telemetry';
import { DomainErrorFilter } from './domain-error.filter.js';

const REQUEST_ID = /^[A-Za-z0-9_.:-]{1,128}$/;

export interface ServerOptions {
  logger: Logger;
  bodyLimitBytes?: number;
  /** Whose x-forwarded-for is believed, as addresses or networks with commas between: the gateway in front. */
  trustedProxies?: string;
}

/**
 * A Nest application on Fastify with our conventions: a request id on every answer (the caller's own if it is well-formed), OpenAI-shaped
 * errors, and ids with an encoded slash in a path.
 */
export async function createServer(
  module: unknown,
  { logger, bodyLimitBytes = 4 * 1024 * 1024, trustedProxies = 'loopback' }: ServerOptions,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    requestIdHeader: false,
    trustProxy: trustedProxies,
    genReqId: (request: IncomingMessage) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId('req');
    },
    routerOptions: { maxParamLength: 300 },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module as never, adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
    // Signatures of webhooks are over the bytes as they came.
    rawBody: true,
  });
  adapter.getInstance().addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.useGlobalFilters(new DomainErrorFilter(logger));
  app.enableShutdownHooks();
  return app;
}
