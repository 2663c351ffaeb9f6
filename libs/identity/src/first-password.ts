import { assertStrong, hashPassword, newInitialPassword } from './password.js';

const DAY = 24 * 3_600_000;
const INITIAL_PASSWORD_DAYS = 7;

export interface FirstPassword {
  hash: string;
  changeRequired: boolean;
  expiresAt: Date | null;
  /** To show once to whoever made the account; null where they chose it. */
  toTell: string | null;
}

/** A chosen password holds as it is. An initial one is for the first sign-in only, within a week. */
export async function firstPassword(chosen: string | undefined, email: string, now: Date): Promise<FirstPassword> {
  if (chosen !== undefined) {
    assertStrong(chosen, email);
    return { hash: await hashPassword(chosen), changeRequired: false, expiresAt: null, toTell: null };
  }
  const initial = newInitialPassword();
  const expiresAt = new Date(now.getTime() + INITIAL_PASSWORD_DAYS * DAY);
  return { hash: await hashPassword(initial), changeRequired: true, expiresAt, toTell: initial };
}
