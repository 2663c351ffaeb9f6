import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServer } from '#platform/http';
import type { Logger } from '#platform/telemetry';
import { InternalModule, type InternalModuleOptions } from './internal.module.js';

/** A post of 500 events with 1,000 metric rows each stays below this. */
const BODY_LIMIT_BYTES = 64 * 1024 ** 2;

export interface InternalListenerOptions extends InternalModuleOptions {
  host: string;
  port: number;
  logger: Logger;
}

/** Starts the listener that trainers and the gateway reach: its own server on its own port, apart from everything public. */
export async function startInternalListener(options: InternalListenerOptions): Promise<NestFastifyApplication> {
  const { host, port, logger, ...module } = options;
  const app = await createServer(InternalModule.forRoot(module), { logger, bodyLimitBytes: BODY_LIMIT_BYTES });
  await app.listen(port, host);
  logger.info({ port }, 'the internal listener is up');
  return app;
}
