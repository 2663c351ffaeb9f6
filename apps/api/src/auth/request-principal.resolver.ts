import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiKeyService, IDENTITY_ERRORS, KeyedHashes, SessionService } from '#libs/identity';
import type { Principal, PrincipalResolver } from '#platform/graphql';
import { readSessionCookie } from './cookies.js';

export interface AuthOptions {
  /** Where browsers reach the platform: pages of other origins may not act with its cookies. */
  publicOrigin: string;
}
export const AUTH_OPTIONS = Symbol('AuthOptions');

const BEARER = /^Bearer +(\S+)$/i;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Who sends a request, by its key or its session cookie. A key wins: it was sent on purpose. */
@Injectable()
export class RequestPrincipalResolver implements PrincipalResolver {
  constructor(
    private readonly apiKeys: ApiKeyService,
    private readonly sessions: SessionService,
    private readonly hashes: KeyedHashes,
    @Inject(AUTH_OPTIONS) private readonly options: AuthOptions,
  ) {}

  async resolve(request: FastifyRequest, options: { isUse?: boolean } = {}): Promise<Principal | null> {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const secret = BEARER.exec(authorization)?.[1];
      if (!secret) throw IDENTITY_ERRORS.INVALID_API_KEY();
      return this.apiKeys.resolve(secret);
    }
    const token = readSessionCookie(request);
    const principal = token ? await this.sessions.resolve(token, options) : null;
    if (principal?.sessionId) this.assertOwnPage(request, principal.sessionId);
    return principal;
  }

  /** Browsers send the cookie along whoever made the page: what changes anything has to show that a page of ours sent it. */
  private assertOwnPage(request: FastifyRequest, sessionId: string): void {
    this.assertOrigin(request);
    // A WebSocket carries no header of the page's choice; its origin is what tells.
    if (SAFE_METHODS.has(request.method)) return;
    const given = request.headers['x-csrf-token'];
    if (typeof given !== 'string' || !equalText(given, this.hashes.csrfToken(sessionId))) {
      throw IDENTITY_ERRORS.INVALID_CSRF_TOKEN();
    }
  }

  assertOrigin(request: FastifyRequest): void {
    const { origin } = request.headers;
    const opensSocket = request.headers.upgrade !== undefined;
    if (origin === undefined && !opensSocket) return;
    if (origin !== new URL(this.options.publicOrigin).origin) {
      throw IDENTITY_ERRORS.FOREIGN_ORIGIN({ origin: origin ?? 'an unknown origin' });
    }
  }
}

function equalText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
