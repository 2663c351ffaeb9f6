import type { FastifyReply, FastifyRequest } from 'fastify';

const SESSION_COOKIE = 'fp_session';
/** Read by our own pages, which repeat it in the header x-csrf-token. */
const CSRF_COOKIE = 'fp_csrf';

export function readSessionCookie(request: FastifyRequest): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE && value) return value;
  }
  return null;
}

export interface SessionCookies {
  token: string;
  csrfToken: string;
  expiresAt: Date;
  /** Over https browsers are told to send them over https only. */
  secure: boolean;
}

/** Both values are base64url: nothing in them needs quoting. */
export function setSessionCookies(reply: FastifyReply, { token, csrfToken, expiresAt, secure }: SessionCookies): void {
  const shared = [`Path=/`, `Expires=${expiresAt.toUTCString()}`, 'SameSite=Lax', ...(secure ? ['Secure'] : [])];
  reply.header('set-cookie', [
    [`${SESSION_COOKIE}=${token}`, ...shared, 'HttpOnly'].join('; '),
    [`${CSRF_COOKIE}=${csrfToken}`, ...shared].join('; '),
  ]);
}

export function clearSessionCookies(reply: FastifyReply, secure: boolean): void {
  setSessionCookies(reply, { token: '', csrfToken: '', expiresAt: new Date(0), secure });
}
