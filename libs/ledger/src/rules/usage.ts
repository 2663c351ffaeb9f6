import type { BilledMeter, Currency } from '#libs/kernel';
import { revenueOf, unbilledOf } from '../chart.js';
import { kindOfMeter } from '../meters.js';
import { entriesOf, type Posting } from '../posting.js';

/** A span of time, `[from, to)`, whose usage is accrued together. */
export interface UsageWindow {
  /** Names the window and what of it is accrued; accrued once. */
  id: string;
  from: Date;
  to: Date;
}

export interface UsageAccrual {
  window: UsageWindow;
  currency: Currency;
  /** What the window adds to the price of all usage so far. Below zero where more usage makes the whole cheaper, as volume prices may. */
  amounts: ReadonlyArray<{ meter: BilledMeter; amountMinor: bigint }>;
}

/** Usage is revenue when it happens, though it is billed later. */
export function accrueUsage({ window, currency, amounts }: UsageAccrual): Posting {
  return {
    kind: 'accrue_usage',
    currency,
    // The last instant that is in the window: a statement of a month has all windows of that month.
    effectiveAt: new Date(window.to.getTime() - 1),
    sourceKey: `accrue_usage:${window.id}`,
    description: `Usage from ${window.from.toISOString()} to ${window.to.toISOString()}`,
    entries: entriesOf(
      amounts.map(({ meter, amountMinor }) => {
        const kind = kindOfMeter(meter);
        return { debit: unbilledOf(kind), credit: revenueOf(kind), amountMinor };
      }),
    ),
    links: [{ type: 'usage_window', id: window.id }],
    reversesTransactionId: null,
  };
}
