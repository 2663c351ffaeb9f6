import { CURRENCIES, DAY_MILLISECONDS, NANO_DIGITS, parseDecimal } from '../../../format';

export const SPANS_DAYS = [7, 30, 90, 365] as const;
type Currency = (typeof CURRENCIES)[number];
export const HOUR_SECONDS = 3_600;

/** What of a programme is looked at: a link to it shows the same. */
export interface ProgrammeSearch {
  days?: number;
  currency?: Currency;
  /** What an hour of an attempt costs the lab, such as "2.40". */
  cost?: string;
}

export function parseProgrammeSearch({ days, currency, cost }: Record<string, unknown>): ProgrammeSearch {
  const costText = typeof cost === 'number' ? String(cost) : cost;
  return {
    ...(SPANS_DAYS.some((one) => one === days) ? { days: days as number } : {}),
    ...(CURRENCIES.some((one) => one === currency) ? { currency: currency as Currency } : {}),
    ...(typeof costText === 'string' && parseDecimal(costText, NANO_DIGITS) !== null ? { cost: costText } : {}),
  };
}

/** Whole days in UTC, today among them: so the same question is the same words all day. */
export function variablesOf({ days = 30, currency = 'USD', cost }: ProgrammeSearch, nowMilliseconds: number) {
  const end = (Math.floor(nowMilliseconds / DAY_MILLISECONDS) + 1) * DAY_MILLISECONDS;
  return {
    from: new Date(end - days * DAY_MILLISECONDS).toISOString(),
    to: new Date(end).toISOString(),
    currency,
    hourCostNanos: cost === undefined ? null : parseDecimal(cost, NANO_DIGITS),
  };
}
