import { InvalidArgumentError } from 'commander';
import { UsageError } from './failure.js';

/** An exact amount as a person writes it. */
export interface WrittenAmount {
  text: string;
  currency: string;
}

const NANO_DIGITS = 9;

/** An option such as "250.00 EUR": the currency is never guessed. */
export function amount(text: string): WrittenAmount {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([A-Za-z]{3})$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError('Give an amount and its currency, such as "250.00 EUR".');
  return { text: match[1]!, currency: match[2]!.toUpperCase() };
}

/** In billionths of the currency's unit. */
export function nanosOf({ text }: WrittenAmount): string {
  return scaled(text, NANO_DIGITS)!;
}

/** In the currency's smallest unit: cents, yen, fils. What is smaller than that is refused, never rounded. */
export function minorOf({ text, currency }: WrittenAmount): string {
  const digits = minorDigits(currency);
  const minor = scaled(text, digits);
  if (minor === null) throw new UsageError(`${text} ${currency}: ${currency} has ${digits} decimal places`);
  return minor;
}

/** The same, of what is in one currency: an amount in another one is refused. */
export function minorIn(currency: string, written: WrittenAmount, what: string): string {
  if (written.currency !== currency) throw new UsageError(`the ${what} is in ${currency}, not ${written.currency}`);
  return minorOf(written);
}

export function formatMinor(minor: string, currency: string): string {
  const digits = minorDigits(currency);
  const padded = minor.padStart(digits + 1, '0');
  const point = padded.length - digits;
  return digits === 0 ? `${padded} ${currency}` : `${padded.slice(0, point)}.${padded.slice(point)} ${currency}`;
}

/** Exactly, with two decimals at least. */
export function formatNanos(nanos: bigint, currency: string): string {
  const digits = nanos.toString().padStart(NANO_DIGITS + 1, '0');
  const fraction = digits.slice(-NANO_DIGITS).replace(/0+$/, '').padEnd(2, '0');
  return `${digits.slice(0, -NANO_DIGITS)}.${fraction} ${currency}`;
}

/** Null where that would lose digits. */
function scaled(text: string, digits: number): string | null {
  const [units = '', fraction = ''] = text.split('.');
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > digits) return null;
  return String(BigInt(units + significant.padEnd(digits, '0')));
}

/** By ISO 4217. */
function minorDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits!;
}
