import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { DUE_AT, daysAfter } from '../invoices/due-date.js';

/** The ends of the ages, in days after an invoice was payable. */
const LONGEST_AGES = [90, 60, 30, 0];
/** The oldest first, as the database counts them. */
const AGES = ['over90DaysMinor', 'days61To90Minor', 'days31To60Minor', 'days1To30Minor', 'notDueMinor'] as const;
type Age = (typeof AGES)[number];

/** What is open on final invoices of one partner in one currency, in minor units, by how long it is overdue. */
export interface AgedReceivable extends Record<Age, bigint> {
  /** The partner. */
  organizationId: string;
  currency: Currency;
  totalMinor: bigint;
}

/**
 * Ages of what is open at a time, by partner and currency: of all partners for the lab, of itself for a partner. A day has 86,400 seconds
 * and begins with the instant after which an invoice is overdue. What was given up is not open.
 */
export async function receivablesAgeing(tx: Transaction, now: Date): Promise<AgedReceivable[]> {
  const dueBefore = LONGEST_AGES.map((days) => daysAfter(now, -days));
  const rows = await tx.query<{ organization_id: string; currency: Currency; age: number; sum: string }>(
    `SELECT i.organization_id, i.currency, width_bucket(${DUE_AT}, $1::timestamptz[]) AS age, sum(i.open_minor) AS sum
     FROM invoices i
     WHERE i.state = 'finalized' AND i.open_minor > 0
       AND (i.organization_id = :organization OR i.lab_organization_id = :organization)
     GROUP BY i.organization_id, i.currency, age ORDER BY i.organization_id, i.currency`,
    [dueBefore],
  );
  const partners = Map.groupBy(rows, ({ organization_id, currency }) => `${organization_id} ${currency}`);
  return [...partners.values()].map((aged) => {
    const ofAge = new Map(aged.map(({ age, sum }) => [age, BigInt(sum)]));
    const sums = Object.fromEntries(AGES.map((name, age) => [name, ofAge.get(age) ?? 0n])) as Record<Age, bigint>;
    const { organization_id: organizationId, currency } = aged[0]!;
    return { organizationId, currency, ...sums, totalMinor: [...ofAge.values()].reduce((sum, one) => sum + one, 0n) };
  });
}
