import { IDENTITY_ERRORS } from './identity.errors.js';

const EMAIL = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const LONGEST = 254;

/** Addresses differ neither by case nor by space around them; null for what is none. */
export function normalizeEmail(text: string): string | null {
  const email = text.trim().toLowerCase();
  return email.length <= LONGEST && EMAIL.test(email) ? email : null;
}

export function readEmail(text: string, path = 'email'): string {
  const email = normalizeEmail(text);
  if (!email) throw IDENTITY_ERRORS.INVALID_EMAIL({ path: [path] });
  return email;
}
