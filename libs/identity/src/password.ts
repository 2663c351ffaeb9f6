import { hash, verify } from '@node-rs/argon2';
import { randomText } from './api-key.format.js';
import { IDENTITY_ERRORS } from './identity.errors.js';

/** The library declares it as a const enum, which can't be imported here. */
const ARGON2ID = 2;
/** OWASP's parameters for argon2id: about 20 ms and 19 MiB for each attempt. */
const PARAMETERS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const SHORTEST = 12;
const LONGEST = 128;
const FEWEST_DIFFERENT = 5;
/** Pieces that the passwords tried first are put together from. */
const COMMON_PIECES =
  /password|passw0rd|qwerty|letmein|welcome|iloveyou|admin|changeme|forkpoint|0123456789|1234567|abcdefg/gi;

/** Length is what counts; beyond it, what is guessed first is refused. */
export function assertStrong(password: string, email: string): void {
  const reason = weaknessOf(normalize(password), email.split('@')[0] ?? '');
  if (reason) throw IDENTITY_ERRORS.PASSWORD_TOO_WEAK({ reason }, { path: ['password'] });
}

function weaknessOf(password: string, mailbox: string): string | null {
  const characters = [...password];
  if (characters.length < SHORTEST) return `it has fewer than ${SHORTEST} characters`;
  if (characters.length > LONGEST) return `it has more than ${LONGEST} characters`;
  if (new Set(characters).size < FEWEST_DIFFERENT) return `it has fewer than ${FEWEST_DIFFERENT} different characters`;
  if (mailbox.length > 3 && password.toLowerCase().includes(mailbox)) return 'it contains your address';
  if (password.replace(COMMON_PIECES, '').length < SHORTEST / 2) return 'it is made of words that are tried first';
  return null;
}

export function hashPassword(password: string): Promise<string> {
  return hash(normalize(password), PARAMETERS);
}

/** False also where there is no hash, after the same work: the time taken does not tell whether an account exists. */
export async function verifyPassword(password: string, passwordHash: string | null): Promise<boolean> {
  const bounded = [...password].length <= LONGEST ? normalize(password) : '';
  const matches = await verify(passwordHash ?? (await nobodysHash()), bounded);
  return matches && passwordHash !== null && bounded !== '';
}

let nobodys: Promise<string> | undefined;

function nobodysHash(): Promise<string> {
  nobodys ??= hashPassword(randomText(32));
  return nobodys;
}

/** For one use, to be replaced at the first sign-in: four groups of five characters, 119 bits. */
export function newInitialPassword(): string {
  return [5, 5, 5, 5].map(randomText).join('-');
}

/** Different keyboards compose the same text differently. */
function normalize(password: string): string {
  return password.normalize('NFKC');
}
