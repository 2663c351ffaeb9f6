import { DAY_MILLISECONDS } from '#libs/kernel';
import { USAGE_ERRORS } from './usage.errors.js';

const LONGEST_RANGE_DAYS = 366;

/** What is computed anew from usage each time it is asked for is bounded. Refused with USAGE_RANGE_INVALID. */
export function assertUsageRange({ from, to }: { from: Date; to: Date }): void {
  const days = (to.getTime() - from.getTime()) / DAY_MILLISECONDS;
  if (days > 0 && days <= LONGEST_RANGE_DAYS) return;
  throw USAGE_ERRORS.USAGE_RANGE_INVALID({ maximumDays: LONGEST_RANGE_DAYS }, { path: ['to'] });
}
