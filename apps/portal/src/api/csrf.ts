/** What shows the api that a page of ours sends a request; sign-in set it. The session itself is out of reach of scripts. */
export function csrfHeaders(): Record<string, string> {
  const token = csrfToken();
  return token ? { 'x-csrf-token': token } : {};
}

/** Without the token there is no session to ask for; with it there is one unless it has ended. */
export function mayBeSignedIn(): boolean {
  return Boolean(csrfToken());
}

function csrfToken(): string | undefined {
  const pair = document.cookie.split('; ').find((one) => one.startsWith('fp_csrf='));
  return pair?.slice('fp_csrf='.length);
}
