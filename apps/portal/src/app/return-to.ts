export interface ReturnSearch {
  /** The page that was asked for before there was a session. */
  to?: string;
}

export function readReturn(search: Record<string, unknown>): ReturnSearch {
  const to = search['to'];
  return typeof to === 'string' && isOwnPage(to) ? { to } : {};
}

/** A link to sign-in that comes from elsewhere must not lead on to elsewhere. */
function isOwnPage(to: string): boolean {
  if (!to.startsWith('/') || /[\\\s]/.test(to)) return false;
  const origin = 'https://portal.invalid';
  return URL.canParse(to, origin) && new URL(to, origin).origin === origin;
}
