import { RefusedError, UnreachableError } from './errors.js';
import type { ClientOptions } from './graphql-client.js';

/** Signs in with a password; gives what GraphqlClient needs. */
export async function signIn(origin: string, email: string, password: string): Promise<ClientOptions> {
  const response = await fetch(`${origin}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  }).catch((error: unknown) => {
    throw new UnreachableError(`${origin} can't be reached: is the platform running?`, { cause: error });
  });
  if (!response.ok) {
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    throw new RefusedError(error.code.toUpperCase(), error.message);
  }
  const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]!);
  const csrfToken = cookies.find((cookie) => cookie.startsWith('fp_csrf='))?.slice('fp_csrf='.length) ?? '';
  return {
    graphqlUrl: `${origin}/graphql`,
    credentials: { cookie: cookies.join('; '), csrfToken: decodeURIComponent(csrfToken) },
  };
}
