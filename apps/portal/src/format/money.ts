export interface Money {
  currency: string;
  /** Billionths of the currency unit. */
  nanos: string;
}

const NANOS = 1_000_000_000n;
const SMALLEST_CENTS = 10_000_000n;

/** To the cent; below one, as many digits as it takes to see two that are not zero. Never a rounded-away zero. */
export function formatMoney({ currency, nanos }: Money): string {
  const amount = BigInt(nanos);
  const size = amount < 0n ? -amount : amount;
  const digits = size === 0n || size >= SMALLEST_CENTS ? 2 : Math.min(9, digitsToSee(size));
  const format = new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(Number(amount) / Number(NANOS));
}

/** All of it, for where it is compared or copied. */
export function exactMoney({ currency, nanos }: Money): string {
  const amount = BigInt(nanos);
  const size = amount < 0n ? -amount : amount;
  const fraction = (size % NANOS).toString().padStart(9, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${amount < 0n ? '-' : ''}${size / NANOS}.${fraction} ${currency}`;
}

function digitsToSee(size: bigint): number {
  return 9 - size.toString().length + 2;
}
