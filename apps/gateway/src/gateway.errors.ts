import { defineErrors } from '#libs/kernel';

/** Every refusal of the data plane. Codes go out in lower case, in OpenAI's shape. */
export const GATEWAY_ERRORS = defineErrors('gateway', {
  MISSING_PERMISSION: {
    status: 403,
    message: (p: { permission: string }) =>
      `This API key may not ${p.permission}: it lacks the scope, or its owner's role does not allow it.`,
  },
  PROJECT_NOT_REACHED: {
    status: 403,
    message: (p: { project: string }) =>
      `This API key does not reach the project ${p.project}, named in the header OpenAI-Project: leave the header out or name another.`,
  },
  PROJECT_REQUIRED: {
    status: 400,
    message:
      'This API key reaches several projects: name the one that pays in the header OpenAI-Project (an id, proj_...), or use a key of one project.',
  },
  INVALID_JSON: { status: 400, message: (p: { reason: string }) => `The body is not valid JSON: ${p.reason}` },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'Send the body as application/json.' },
  REQUEST_TOO_LARGE: {
    status: 413,
    message: (p: { limitBytes: number }) => `The body is larger than ${p.limitBytes} bytes.`,
  },
  MISSING_REQUIRED_PARAMETER: {
    status: 400,
    message: (p: { parameter: string }) => `You must provide the parameter ${p.parameter}.`,
  },
  INVALID_TYPE: {
    status: 400,
    message: (p: { parameter: string; expected: string }) => `${p.parameter} must be ${p.expected}.`,
  },
  STREAM_OPTIONS_WITHOUT_STREAM: {
    status: 400,
    message: 'stream_options is only for calls with stream=true: leave it out.',
  },
  UNSUPPORTED_PARAMETER: {
    status: 400,
    message: (p: { parameter: string }) => `The parameter ${p.parameter} is not supported: leave it out.`,
  },
  UNSUPPORTED_CONTENT: {
    status: 400,
    message: (p: { type: string }) => `Content of type ${p.type} is not supported: these models read text.`,
  },
  UNSUPPORTED_ENDPOINT: {
    status: 400,
    message: (p: { endpoint: string }) =>
      `${p.endpoint} is not supported by the models served here: they generate text. Use /v1/chat/completions or /v1/completions.`,
  },
  SPECIAL_TOKEN_IN_CONTENT: {
    status: 400,
    message: (p: { token: string }) =>
      `The text contains ${p.token}, a special token of this model's tokenizer, which would be read as structure: remove or escape it.`,
  },
  MODEL_NOT_FOUND: {
    status: 404,
    message: (p: { model: string }) => `The model ${p.model} does not exist or you do not have access to it.`,
  },
  MODEL_NOT_ENTITLED: {
    status: 403,
    message: (p: { model: string }) =>
      `Your organization is no longer entitled to serve ${p.model}: the entitlement it rests on has ended. Ask the lab to renew it.`,
  },
  DEPLOYMENT_PAUSED: {
    status: 409,
    message: (p: { model: string }) => `The deployment ${p.model} is paused: resume it to call it.`,
  },
  RATE_LIMIT_EXCEEDED: {
    status: 429,
    message: (p: { unit: 'requests' | 'tokens'; limit: number; retryAfterSeconds: number }) =>
      `Rate limit reached for this API key: ${p.limit} ${p.unit} per minute. Try again in ${p.retryAfterSeconds} s.`,
  },
  ENGINE_STARTING: {
    status: 503,
    retryable: true,
    message: (p: { model: string; retryAfterSeconds: number }) =>
      `The model ${p.model} is being loaded. Try again in ${p.retryAfterSeconds} s.`,
  },
  TOO_MANY_WAITING: {
    status: 503,
    retryable: true,
    message: (p: { model: string; retryAfterSeconds: number }) =>
      `The model ${p.model} is being loaded and too many calls wait already. Try again in ${p.retryAfterSeconds} s.`,
  },
  ENGINE_OVERLOADED: {
    status: 503,
    retryable: true,
    message: (p: { retryAfterSeconds: number }) =>
      `Every engine of this model is at its limit. Try again in ${p.retryAfterSeconds} s.`,
  },
  ENGINE_UNAVAILABLE: {
    status: 502,
    retryable: true,
    message: 'The engine failed before it answered. Nothing was billed; try again.',
  },
  ENGINE_TIMEOUT: {
    status: 504,
    retryable: true,
    message: 'The engine did not answer in time. Nothing was billed; try again, or ask for fewer tokens.',
  },
  ENGINE_FAILED_MIDWAY: {
    status: 502,
    retryable: true,
    message: 'The engine failed in the middle of the answer. What arrived so far is billed; try again.',
  },
  CONTEXT_LENGTH_EXCEEDED: { status: 400, message: (p: { reason: string }) => p.reason },
  REQUEST_REFUSED_BY_ENGINE: { status: 400, message: (p: { reason: string }) => p.reason },
  GATEWAY_CUT_OFF: {
    status: 503,
    retryable: true,
    message: (p: { retryAfterSeconds: number }) =>
      `The gateway can't confirm keys and routes at the moment, so it serves nothing. Try again in ${p.retryAfterSeconds} s.`,
  },
  SPEND_LEASE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: (p: { retryAfterSeconds: number }) =>
      `A hard spend cap bounds this call, and nothing can be reserved from it at the moment. Try again in ${p.retryAfterSeconds} s.`,
  },
  UPSTREAM_UNAVAILABLE: {
    status: 502,
    retryable: true,
    message: 'The platform behind this address does not answer at the moment. Try again shortly.',
  },
});
