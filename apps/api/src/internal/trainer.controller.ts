import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { AttemptGate, COMPUTE_ERRORS } from '#libs/compute';
import { EventsRequest, type EventsResponse, UrlRequest, type UrlResponse } from '#libs/messages';
import { parseBody } from './parse-body.js';

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
    return this.gate.accept(
      attemptId,
      bearerToken(authorization),
      parseBody(EventsRequest, body, COMPUTE_ERRORS.INVALID_TRAINER_REQUEST),
    );
  }

  @Post('urls')
  @HttpCode(200)
  urls(
    @Param('attemptId') attemptId: string,
    @Headers('authorization') authorization: string | undefined,
    @Body() body: unknown,
  ): Promise<UrlResponse> {
    return this.gate.presign(
      attemptId,
      bearerToken(authorization),
      parseBody(UrlRequest, body, COMPUTE_ERRORS.INVALID_TRAINER_REQUEST),
    );
  }
}

function bearerToken(authorization = ''): string {
  const [, token] = /^Bearer ([A-Za-z0-9_-]{1,200})$/.exec(authorization) ?? [];
  if (!token) throw COMPUTE_ERRORS.INVALID_ATTEMPT_TOKEN();
  return token;
}
