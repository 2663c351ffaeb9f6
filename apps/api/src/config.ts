import { z } from 'zod';
import { ENVIRONMENT, loadConfig } from '#platform/config';

const { HOST, API_PORT, API_INTERNAL_PORT, DATABASE_APP_URL, DATABASE_RECONCILER_URL, DATABASE_POOL_SIZE, LOG_LEVEL } =
  ENVIRONMENT;

export const config = loadConfig(
  z.object({
    HOST,
    API_PORT,
    API_INTERNAL_PORT,
    DATABASE_APP_URL,
    DATABASE_RECONCILER_URL,
    DATABASE_POOL_SIZE,
    LOG_LEVEL,
  }),
);
