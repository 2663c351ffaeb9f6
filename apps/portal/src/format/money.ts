import { writeDecimal } from './decimal';
import { onFirstUseOf } from './on-first-use';

export interface Money {
  currency: string;
  /** Billionths of the currency unit. */
  nanos: string;
}

/** What is billed: whole minor units of the currency. */
export interface MinorAmount {
  currency: string;
  minor: string;
}

/** What contracts and caps can be in. */
export const CURRENCIES = ['USD', 'EUR', 'GBP', 'JPY', 'KWD'] as const;

/** Of a price in nanos. */
export const NANO_DIGITS = 9;
const NANOS = 1_000_000_000n;
const SMALLEST_CENTS = 10_000_000n;

/** To the cent; below one, as many digits as it takes to see two that are not zero. Never a rounded-away zero. */
export function formatMoney({ currency, nanos }: Money): string {
  const amount = BigInt(nanos);
  const size = amount < 0n ? -amount : amount;
  const digits = size === 0n || size >= SMALLEST_CENTS ? 2 : Math.min(9, digitsToSee(size));
  return moneyFormat(currency)(digits).format(Number(amount) / Number(NANOS));
}

/** By the currency, then by how many decimals are shown. */
const moneyFormat = onFirstUseOf((currency: string) =>
  onFirstUseOf(
    (digits: number) =>
      new Intl.NumberFormat(undefined, {
        style: 'currency',
        currency,
        currencyDisplay: 'narrowSymbol',
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  ),
);

/** All of it, for where it is compared or copied. */
export function exactMoney({ currency, nanos }: Money): string {
  return `${writeDecimal(nanos, NANO_DIGITS, 2)} ${currency}`;
}

function digitsToSee(size: bigint): number {
  return 9 - size.toString().length + 2;
}

/** How many decimals the currency's minor unit has: none of yen, three of Kuwaiti dinars. */
export function decimalsOf(currency: string): number {
  return billedFormat(currency).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Exactly, however large. */
export function formatMinor({ currency, minor }: MinorAmount): string {
  const text = writeDecimal(minor, decimalsOf(currency)) as `${number}`;
  return billedFormat(currency).format(text);
}

/** $1.2K: for the marks of an axis. */
export function formatMinorShort({ currency, minor }: MinorAmount): string {
  return shortFormat(currency).format(Number(minor) / 10 ** decimalsOf(currency));
}

export function negated({ currency, minor }: MinorAmount): MinorAmount {
  return { currency, minor: (-BigInt(minor)).toString() };
}

const billedFormat = onFirstUseOf(
  (currency: string) =>
    new Intl.NumberFormat(undefined, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }),
);

const shortFormat = onFirstUseOf(
  (currency: string) =>
    new Intl.NumberFormat(undefined, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      notation: 'compact',
      maximumSignificantDigits: 3,
    }),
);
