import { stringify } from 'csv-stringify/sync';

/** A number as we write it: one below zero is no formula. */
export class Decimal {
  constructor(readonly text: string) {}
}

export type Cell = string | bigint | number | Date | Decimal | null;

const OPTIONS = {
  // As RFC 4180 has it.
  record_delimiter: 'windows',
  // A name that somebody chose must not be run by the spreadsheet that it is opened with.
  escape_formulas: true,
  cast: {
    date: (time: Date) => time.toISOString(),
    object: (cell: object) => ({ value: (cell as Decimal).text, escape_formulas: false }),
  },
} as const;

/** Lines of comma-separated values, each with its end. */
export function csvOf(rows: ReadonlyArray<readonly Cell[]>): string {
  return stringify([...rows] as Cell[][], OPTIONS);
}

/** Digits after the point: of a billionth of a currency's unit there are a billion parts. */
const LARGEST_DECIMALS = 18;

/** numerator / denominator to the last digit that it has, or rounded half away from zero at the 18th after the point. */
export function decimalOf(numerator: bigint, denominator = 1n): Decimal {
  const isNegative = numerator < 0n !== denominator < 0n;
  const [above, below] = [absolute(numerator), absolute(denominator)];
  const scaled = (2n * above * 10n ** BigInt(LARGEST_DECIMALS) + below) / (2n * below);
  const digits = scaled.toString().padStart(LARGEST_DECIMALS + 1, '0');
  const whole = digits.slice(0, -LARGEST_DECIMALS);
  const fraction = digits.slice(-LARGEST_DECIMALS).replace(/0+$/, '');
  return new Decimal(`${isNegative && scaled > 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`);
}

function absolute(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
