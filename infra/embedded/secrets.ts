import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RuntimeHome } from '../processes/index.js';

/** Who connects to PostgreSQL, each with a password of its own. */
export const DATABASE_LOGINS = {
  owner: 'forkpoint_owner',
  app: 'forkpoint_app',
  relay: 'forkpoint_relay',
  reconciler: 'forkpoint_reconciler',
  gateway: 'forkpoint_gateway',
  intake: 'forkpoint_intake',
} as const;

export type DatabaseLogin = keyof typeof DATABASE_LOGINS;

export interface Secrets {
  postgresSuperuser: string;
  database: Record<DatabaseLogin, string>;
  valkey: string;
  s3AccessKeyId: string;
  s3SecretAccessKey: string;
  apiKeyPepper: string;
  sessionSecret: string;
  webhookKey: string;
  engineToken: string;
  gatewayToken: string;
  administratorPassword: string;
  operatorPassword: string;
}

export function secretsFile(home: RuntimeHome): string {
  return join(home.root, 'secrets.json');
}

/** Reads the secrets of a home, and generates once what it has not yet: they outlive every restart of the servers that know them. */
export function loadSecrets(home: RuntimeHome): Secrets {
  const path = secretsFile(home);
  const known = readSecrets(path);
  const generated = generateSecrets();
  const secrets = { ...generated, ...known, database: { ...generated.database, ...known?.database } };
  if (!isDeepStrictEqual(secrets, known)) {
    writeFileSync(`${path}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  chmodSync(path, 0o600);
  return secrets;
}

function readSecrets(path: string): Partial<Secrets> | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${path} can't be read; the embedded servers know the secrets in it`, { cause: error });
  }
}

function generateSecrets(): Secrets {
  return {
    postgresSuperuser: secret(),
    database: {
      owner: secret(),
      app: secret(),
      relay: secret(),
      reconciler: secret(),
      gateway: secret(),
      intake: secret(),
    },
    valkey: secret(),
    s3AccessKeyId: randomBytes(10).toString('hex').toUpperCase(),
    s3SecretAccessKey: secret(),
    apiKeyPepper: secret(),
    sessionSecret: secret(),
    webhookKey: secret(),
    engineToken: secret(),
    gatewayToken: secret(),
    administratorPassword: secret(),
    operatorPassword: secret(),
  };
}

/** 256 bits, in letters that need no escaping in URLs, shells and configuration files. */
function secret(): string {
  return randomBytes(32).toString('hex');
}
