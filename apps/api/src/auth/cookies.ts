import { fastifyCookie as cookie } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

const SESSION_COOKIE = 'fp_session';
/** Read by our own pages, which repeat it in the header x-csrf-token. */
const CSRF_COOKIE = 'fp_csrf';

export function readSessionCookie(request: FastifyRequest): string | null {
  const header = request.headers.cookie;
  return (header && cookie.parse(header)[SESSION_COOKIE]) || null;
}

export interface SessionCookies {
  token: string;
  csrfToken: string;
  expiresAt: Date;
  /** Over https browsers are told to send them over https only. */
  secure: boolean;
}

export function setSessionCookies(reply: FastifyReply, { token, csrfToken, expiresAt, secure }: SessionCookies): void {
  const shared = { path: '/', sameSite: 'lax', secure, expires: expiresAt } as const;
  reply.header('set-cookie', [
    cookie.serialize(SESSION_COOKIE, token, { ...shared, httpOnly: true }),
    cookie.serialize(CSRF_COOKIE, csrfToken, shared),
  ]);
}

export function clearSessionCookies(reply: FastifyReply, secure: boolean): void {
  const shared = { path: '/', sameSite: 'lax', secure, maxAge: 0 } as const;
  reply.header('set-cookie', [
    cookie.serialize(SESSION_COOKIE, '', { ...shared, httpOnly: true }),
    cookie.serialize(CSRF_COOKIE, '', shared),
  ]);
}
