import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { GqlContextType } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '#libs/kernel';
import type { Logger } from '#platform/telemetry';
import { internalFailure, type OpenAiFailure, openAiFailure } from './openai-error.js';

/** Every REST answer that is an error has OpenAI's shape; GraphQL formats its own. */
@Catch()
export class DomainErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType<GqlContextType>() === 'graphql') throw error;
    const http = host.switchToHttp();
    const failure = this.failureOf(error, http.getRequest<FastifyRequest>());
    void http.getResponse<FastifyReply>().status(failure.status).headers(failure.headers).send(failure.body);
  }

  private failureOf(error: unknown, request: FastifyRequest): OpenAiFailure {
    if (error instanceof DomainError) return openAiFailure(error);
    const status =
      error instanceof HttpException ? error.getStatus() : ((error as { statusCode?: number }).statusCode ?? 500);
    if (status < 500)
      return openAiFailure(
        new DomainError(status === 404 ? 'NOT_FOUND' : 'BAD_REQUEST', (error as Error).message, { status }),
      );
    this.logger.error({ err: error, requestId: request.id, url: request.url }, 'a request failed');
    return internalFailure;
  }
}
