import type { LoggerService } from '@nestjs/common';
import { type Logger, pino, stdSerializers } from 'pino';

export type { Logger };

/** JSON lines on standard output; secrets are cut out by name wherever they appear. */
export function createLogger(service: string, level: string = process.env.LOG_LEVEL ?? 'info'): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: withoutParameters },
    redact: [
      '*.password',
      '*.secret',
      '*.token',
      '*.authorization',
      'headers.authorization',
      'headers.cookie',
      'req.headers.authorization',
      'req.headers.cookie',
    ],
  });
}

/** A failed statement carries its parameters, and those may be anybody's data. */
function withoutParameters(error: Error): object {
  const { parameters: _, driverError: __, ...rest } = stdSerializers.err(error) as object as Record<string, unknown>;
  return rest;
}

/** Lets Nest write to the same log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.info({ context }, String(message));
  }

  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, stack }, String(message));
  }

  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }

  debug(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: string): void {
    this.logger.trace({ context }, String(message));
  }
}
