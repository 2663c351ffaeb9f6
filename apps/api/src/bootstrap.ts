import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { AuditModule } from '#libs/audit';
import { IdentityModule, LabFounder } from '#libs/identity';
import { ENVIRONMENT, loadConfig } from '#platform/config';
import { DatabaseModule } from '#platform/database';

/**
 * Founds the lab with its first administrator and operator, once: everything else is made through the public API. Run again it changes
 * nothing, so a password that was changed since stays.
 */
const { DATABASE_APP_URL, API_KEY_PEPPER, SESSION_SECRET } = ENVIRONMENT;
const email = z.string().min(3);
const password = z.string().min(12);
const config = loadConfig(
  z.object({
    DATABASE_APP_URL,
    API_KEY_PEPPER,
    SESSION_SECRET,
    FORKPOINT_LAB_NAME: z.string().min(1).max(200).default('Forge Lab'),
    FORKPOINT_LAB_SLUG: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/)
      .default('forge'),
    FORKPOINT_ADMIN_EMAIL: email,
    FORKPOINT_ADMIN_PASSWORD: password,
    FORKPOINT_OPERATOR_EMAIL: email,
    FORKPOINT_OPERATOR_PASSWORD: password,
  }),
);

const app = await NestFactory.createApplicationContext(
  {
    module: class BootstrapModule {},
    imports: [
      DatabaseModule.forRoot({ appUrl: config.DATABASE_APP_URL, poolSize: 2 }),
      AuditModule,
      IdentityModule.forRoot({ apiKeyPepper: config.API_KEY_PEPPER, sessionSecret: config.SESSION_SECRET }),
    ],
  },
  { logger: ['error'], abortOnError: false },
);
try {
  const organizationId = await app.get(LabFounder).found({
    name: config.FORKPOINT_LAB_NAME,
    slug: config.FORKPOINT_LAB_SLUG,
    administrator: { email: config.FORKPOINT_ADMIN_EMAIL, password: config.FORKPOINT_ADMIN_PASSWORD },
    operator: { email: config.FORKPOINT_OPERATOR_EMAIL, password: config.FORKPOINT_OPERATOR_PASSWORD },
  });
  console.log(organizationId ? `Founded ${config.FORKPOINT_LAB_NAME} (${organizationId}).` : 'There is a lab already.');
} finally {
  await app.close();
}
