import { formatMoney } from '../../format';
import type { SpendCap } from './documents';

type Subject = 'ORGANIZATION' | 'PROJECT' | 'API_KEY';

/** What an id is of, which its prefix says. */
export function subjectOf({ subjectId, organizationId }: Pick<SpendCap, 'subjectId' | 'organizationId'>): Subject {
  if (subjectId === organizationId) return 'ORGANIZATION';
  return subjectId.startsWith('key_') ? 'API_KEY' : 'PROJECT';
}

/** "$10.00 a month" */
export function limitText({ limit, period }: Pick<SpendCap, 'limit' | 'period'>): string {
  return `${formatMoney(limit)} ${period === 'MONTH' ? 'a month' : 'in total'}`;
}

const PRECISION = 10_000n;

/** Of the limit, spent and reserved together; above 1 where a soft cap was overshot, or one was set too late. */
export function usedShare({ limit, window: { spent, held } }: Pick<SpendCap, 'limit' | 'window'>): number {
  const used = BigInt(spent.nanos) + BigInt(held.nanos);
  const most = BigInt(limit.nanos);
  return most === 0n ? 1 : Number((used * PRECISION) / most) / Number(PRECISION);
}

const MOST_PERCENTS = 10;

/** "50, 80, 100", rising from above 0, at most ten; null for anything else. */
export function parsePercents(text: string): number[] | null {
  if (text.trim() === '') return [];
  const percents = text.split(',').map((part) => (/^\s*\d{1,6}\s*%?\s*$/.test(part) ? Number.parseInt(part, 10) : 0));
  const isRising = percents.every((percent, place) => percent > (percents[place - 1] ?? 0));
  return isRising && percents.length <= MOST_PERCENTS ? percents : null;
}
