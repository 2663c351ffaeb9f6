import { createHmac, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = 'fpk_';
const RANDOM_LENGTH = 32;
/** 62^6 > 2^32. */
const CHECKSUM_LENGTH = 6;
const SHAPE = new RegExp(`^${PREFIX}[0-9A-Za-z]{${RANDOM_LENGTH + CHECKSUM_LENGTH}}$`);
const HINT_LENGTH = PREFIX.length + 4;

/** `fpk_`, 32 random characters (190 bits), and their checksum: scanners find leaked keys by it, and a mistyped one needs no look-up. */
export function newApiKey(): string {
  const random = randomText(RANDOM_LENGTH);
  return PREFIX + random + checksumOf(random);
}

export function isApiKey(text: string): boolean {
  if (!SHAPE.test(text)) return false;
  const end = PREFIX.length + RANDOM_LENGTH;
  return text.slice(end) === checksumOf(text.slice(PREFIX.length, end));
}

/** What of a key may be shown later: enough to tell one's keys apart. */
export function hintOf(key: string): string {
  return `${key.slice(0, HINT_LENGTH)}…`;
}

/** Keys are kept as this hash. The pepper is not in the database, so a copy of it is of no use for guessing. */
export function hashApiKey(key: string, pepper: string): string {
  return createHmac('sha256', pepper).update(key).digest('hex');
}

export function randomText(length: number): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}

/** CRC-32 finds every error within four neighbouring characters. */
function checksumOf(random: string): string {
  let rest = crc32(random);
  let text = '';
  for (let position = 0; position < CHECKSUM_LENGTH; position++) {
    text = ALPHABET[rest % ALPHABET.length] + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}
