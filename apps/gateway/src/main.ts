import { createLogger } from '#platform/telemetry';
import { readConfig } from './config.js';
import { createGateway } from './gateway.js';

const config = readConfig();
const logger = createLogger('gateway', config.logLevel);
const gateway = await createGateway({ config, logger });

let closing = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (closing) return;
    closing = true;
    gateway.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.fatal({ err: error }, 'the gateway could not close in order');
        process.exit(1);
      },
    );
  });
}

await gateway.server.listen({ port: config.port, host: config.host });
logger.info({ port: config.port, api: config.apiUrl }, 'gateway listens');
