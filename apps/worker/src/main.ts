import 'reflect-metadata';
import { createServer } from '#platform/http';
import { config } from './config.js';
import { logger, WorkerModule } from './worker.module.js';

const app = await createServer(WorkerModule, { logger });
await app.listen(config.WORKER_PORT, config.HOST);
logger.info({ port: config.WORKER_PORT }, 'worker runs');
