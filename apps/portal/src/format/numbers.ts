import { onFirstUse, onFirstUseOf } from './on-first-use';

/** Numbers as people read them: in their own language, with a unit, as many digits as matter. */
const whole = onFirstUse(() => new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 }));
const short = onFirstUse(() => new Intl.NumberFormat(undefined, { notation: 'compact', maximumSignificantDigits: 3 }));

export function formatCount(value: number | bigint | string): string {
  return whole().format(typeof value === 'string' ? BigInt(value) : value);
}

/** 1.2K, 3.4M: where the order of magnitude is what matters. */
export function formatShort(value: number | bigint | string): string {
  return short().format(typeof value === 'string' ? BigInt(value) : value);
}

export function formatTokens(value: number | bigint | string): string {
  return `${formatShort(value)} ${BigInt(typeof value === 'number' ? Math.round(value) : value) === 1n ? 'token' : 'tokens'}`;
}

/** For measurements: enough digits to tell two runs apart, none that are noise. */
export function formatMeasure(value: number, digits = 4): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2).replace('e+', 'e');
  return significant(digits).format(value);
}

export function formatPercent(fraction: number, digits = 0): string {
  return percent(digits).format(fraction);
}

const significant = onFirstUseOf(
  (digits: number) => new Intl.NumberFormat(undefined, { maximumSignificantDigits: digits, useGrouping: false }),
);
const percent = onFirstUseOf(
  (digits: number) => new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: digits }),
);

const ordinals = onFirstUse(() => new Intl.PluralRules('en', { type: 'ordinal' }));
const ORDINAL_ENDINGS: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' };

/** 1st, 2nd, 3rd, 11th. */
export function formatOrdinal(value: number): string {
  return `${formatCount(value)}${ORDINAL_ENDINGS[ordinals().select(value)] ?? 'th'}`;
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

export function formatBytes(value: number | bigint | string): string {
  let amount = Number(value);
  let unit = 0;
  while (Math.abs(amount) >= 1024 && unit < BYTE_UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || Math.abs(amount) >= 100 ? 0 : 1;
  return `${amount.toLocaleString(undefined, { maximumFractionDigits: digits })} ${BYTE_UNITS[unit]}`;
}

export function formatNumber(value: number, unit: string): string {
  return `${formatCount(value)} ${unit}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
