import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { AttemptGate, COMPUTE_ERRORS } from '#libs/compute';
import { EventsRequest, type EventsResponse, UrlRequest, type UrlResponse } from '#libs/messages';

/** What trainer attempts call, each with its own token. The contract is libs/messages/src/trainer/http.ts. */
@Controller('internal/v1/attempts/:attemptId')
export class TrainerController {
  constructor(private readonly gate: AttemptGate) {}

  @Post('events')
  @HttpCode(200)
  events(
    @Param('attemptId') attemptId: string,
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<EventsResponse> {
    return this.gate.accept(attemptId, bearerToken(authorization), parse(EventsRequest, body));
  }

  @Post('urls')
  @HttpCode(200)
  urls(
    @Param('attemptId') attemptId: string,
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<UrlResponse> {
    return this.gate.presign(attemptId, bearerToken(authorization), parse(UrlRequest, body));
  }
}

function bearerToken(authorization = ''): string {
  const [, token] = /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(authorization) ?? [];
  if (!token) throw COMPUTE_ERRORS.INVALID_ATTEMPT_TOKEN();
  return token;
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw COMPUTE_ERRORS.INVALID_TRAINER_REQUEST({ problem: `${issue?.path.join('.')}: ${issue?.message}` });
}
