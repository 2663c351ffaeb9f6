import 'reflect-metadata';
import { createServer } from '#platform/http';
import { AppModule, logger } from './app.module.js';
import { config } from './config.js';

const app = await createServer(AppModule, { logger });
await app.listen(config.API_PORT, config.HOST);
logger.info({ port: config.API_PORT }, 'api listens');
