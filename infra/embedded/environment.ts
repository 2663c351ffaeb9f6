import type { Ports } from './ports.js';
import { DATABASE_NAME, postgresUrl } from './postgres.js';
import { S3_BUCKET, S3_REGION, s3Endpoint } from './seaweedfs.js';
import type { Secrets } from './secrets.js';
import { valkeyUrl } from './valkey.js';

export type Environment = Record<string, string>;

/** What a process needs to know to use the embedded servers: the same variables that name managed services elsewhere. */
export function embeddedEnvironment(
  { ports, secrets }: { ports: Ports; secrets: Secrets },
  { database = DATABASE_NAME, valkeyDatabase = 0 }: { database?: string; valkeyDatabase?: number } = {},
): Environment {
  const postgres = { port: ports.postgres, secrets };
  return {
    DATABASE_OWNER_URL: postgresUrl(postgres, 'owner', database),
    DATABASE_APP_URL: postgresUrl(postgres, 'app', database),
    DATABASE_RELAY_URL: postgresUrl(postgres, 'relay', database),
    DATABASE_RECONCILER_URL: postgresUrl(postgres, 'reconciler', database),
    DATABASE_GATEWAY_URL: postgresUrl(postgres, 'gateway', database),
    DATABASE_INTAKE_URL: postgresUrl(postgres, 'intake', database),
    VALKEY_URL: valkeyUrl({ port: ports.valkey, secrets }, valkeyDatabase),
    S3_ENDPOINT: s3Endpoint(ports),
    S3_PUBLIC_ENDPOINT: s3Endpoint(ports),
    S3_REGION,
    S3_BUCKET,
    S3_ACCESS_KEY_ID: secrets.s3AccessKeyId,
    S3_SECRET_ACCESS_KEY: secrets.s3SecretAccessKey,
    API_KEY_PEPPER: secrets.apiKeyPepper,
    SESSION_SECRET: secrets.sessionSecret,
    GATEWAY_TOKEN: secrets.gatewayToken,
    WEBHOOK_KEY: secrets.webhookKey,
  };
}
