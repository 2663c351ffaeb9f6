import { type GatewayKey, hashApiKey, IDENTITY_ERRORS, isApiKey, type Permission } from '#libs/identity';
import { GATEWAY_ERRORS } from '../gateway.errors.js';

const BEARER = /^Bearer +(\S+)$/i;

export interface AuthenticateOptions {
  pepper: string;
  now: Date;
}

/** The key behind an Authorization header, if it is known and has not expired; else INVALID_API_KEY. */
export function authenticate(
  authorization: string | undefined,
  keys: ReadonlyMap<string, GatewayKey>,
  { pepper, now }: AuthenticateOptions,
): GatewayKey {
  const secret = BEARER.exec(authorization ?? '')?.[1];
  if (!secret || !isApiKey(secret)) throw IDENTITY_ERRORS.INVALID_API_KEY();
  const key = keys.get(hashApiKey(secret, pepper));
  if (!key || (key.expiresAt && key.expiresAt <= now)) throw IDENTITY_ERRORS.INVALID_API_KEY();
  return key;
}

export function requirePermission(key: GatewayKey, permission: Permission): void {
  if (!key.permissions.has(permission)) throw GATEWAY_ERRORS.MISSING_PERMISSION({ permission });
}
