import 'reflect-metadata';
import { createServer } from '#platform/http';
import { AppModule, database, logger, store } from './app.module.js';
import { config } from './config.js';
import { startInternalListener } from './internal/index.js';

await startInternalListener({
  host: config.HOST,
  port: config.API_INTERNAL_PORT,
  gatewayToken: config.GATEWAY_TOKEN,
  logger,
  database,
  store,
});
const app = await createServer(AppModule, { logger, trustedProxies: config.TRUSTED_PROXIES });
await app.listen(config.API_PORT, config.HOST);
logger.info({ port: config.API_PORT }, 'api listens');
