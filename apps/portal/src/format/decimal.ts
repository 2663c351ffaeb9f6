/** "0.15" with nine digits is 150000000: what people write as what the api counts in, exactly; null for what is no such number. */
export function parseDecimal(text: string, digits: number): string | null {
  const match = /^(\d{1,15})(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return null;
  const [, whole = '0', fraction = ''] = match;
  if (fraction.length > digits) return null;
  return BigInt(whole + fraction.padEnd(digits, '0')).toString();
}

/** The other way, without zeros that say nothing but for the first `shown` digits. */
export function writeDecimal(units: string, digits: number, shown = 0): string {
  const sign = units.startsWith('-') ? '-' : '';
  const all = units.replace('-', '').padStart(digits + 1, '0');
  const whole = all.slice(0, all.length - digits);
  const fraction = all
    .slice(all.length - digits)
    .replace(/0+$/, '')
    .padEnd(shown, '0');
  return `${sign}${whole}${fraction ? `.${fraction}` : ''}`;
}
