import { RefusedError, UnreachableError } from './errors.js';
import type { ClientOptions } from './graphql-client.js';
import { refusalOf, sendRequest } from './http.js';

export interface SignedIn extends ClientOptions {
  credentials: { cookie: string; csrfToken: string };
  expiresAt: string;
  /** The password is an initial one: nothing works but to change it. */
  passwordChangeRequired: boolean;
}

/** Signs in with a password; gives what GraphqlClient needs. */
export async function signIn(origin: string, email: string, password: string): Promise<SignedIn> {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  };
  const response = await sendRequest(`${origin}/auth/sign-in`, request, { tries: 2 });
  if (!response.ok) throw await refusalOf(response);
  const answer = (await response.json().catch(() => null)) as Pick<SignedIn, 'expiresAt' | 'passwordChangeRequired'> & {
    csrfToken: string;
  };
  if (!answer?.csrfToken) throw new UnreachableError(`${origin} is no Forkpoint: it knows no sign-in`);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0]!)
    .join('; ');
  const { csrfToken, expiresAt, passwordChangeRequired } = answer;
  return { graphqlUrl: `${origin}/graphql`, credentials: { cookie, csrfToken }, expiresAt, passwordChangeRequired };
}

/** Ends a session; one that has ended already is fine. */
export async function signOut({ graphqlUrl, credentials }: ClientOptions): Promise<void> {
  if (!('cookie' in credentials)) return;
  const { origin } = new URL(graphqlUrl);
  const headers = { cookie: credentials.cookie, 'x-csrf-token': credentials.csrfToken, origin };
  const response = await sendRequest(`${origin}/auth/sign-out`, { method: 'POST', headers }, { tries: 2 });
  if (response.ok) return;
  const refusal = await refusalOf(response);
  if (!(refusal instanceof RefusedError) || refusal.code !== 'UNAUTHENTICATED') throw refusal;
}
