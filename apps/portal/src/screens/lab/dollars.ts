const NANO_DIGITS = 9;

/** "0.15" as billionths of a dollar, exactly; null for what is no such amount. */
export function nanosOf(dollars: string): string | null {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(dollars.trim());
  if (!match) return null;
  const [, whole = '0', fraction = ''] = match;
  return BigInt(whole + fraction.padEnd(NANO_DIGITS, '0')).toString();
}

/** The other way, for a field. */
export function dollarsOf(nanos: string): string {
  const digits = nanos.padStart(NANO_DIGITS + 1, '0');
  const fraction = digits.slice(-NANO_DIGITS).replace(/0+$/, '');
  return `${digits.slice(0, -NANO_DIGITS)}${fraction ? `.${fraction}` : ''}`;
}
