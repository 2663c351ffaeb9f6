/** ISO 4217 currencies that can be billed in, with the decimals of their minor unit. */
export const MINOR_UNIT_DECIMALS = { USD: 2, EUR: 2, GBP: 2, JPY: 0, KWD: 3 } as const;

export type Currency = keyof typeof MINOR_UNIT_DECIMALS;
export const CURRENCIES = Object.keys(MINOR_UNIT_DECIMALS) as Currency[];

/** "-12.30 USD", "5 JPY", "0.125 KWD". */
export function formatMinor(amountMinor: bigint, currency: Currency): string {
  const decimals = MINOR_UNIT_DECIMALS[currency];
  const sign = amountMinor < 0n ? '-' : '';
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals);
  return `${sign}${whole}${decimals > 0 ? `.${fraction}` : ''} ${currency}`;
}
