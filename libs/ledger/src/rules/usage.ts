import type { Currency } from '#libs/kernel';
import { revenueOf, unbilledOf } from '../chart.js';
import type { MeterKind } from '../meters.js';
import { entriesOf, type Posting } from '../posting.js';

/** A span of time, `[from, to)`, whose usage is accrued together. */
export interface UsageWindow {
  /** Names the window and what of it is accrued; accrued once. */
  id: string;
  /** Whose invoice bills it, such as `ctr_.../3`: what was accrued of one is summed by it. */
  contractPeriod: string;
  from: Date;
  to: Date;
}

export interface UsageAccrual {
  window: UsageWindow;
  currency: Currency;
  /** What the window adds to the price of all usage so far. Below zero where more usage makes the whole cheaper, as volume prices may. */
  amounts: ReadonlyArray<{ kind: MeterKind; amountMinor: bigint }>;
}

/** Usage is revenue when it happens, though it is billed later. */
export function accrueUsage({ window, currency, amounts }: UsageAccrual): Posting {
  return {
    kind: 'accrue_usage',
    currency,
    // The last instant that is in the window: a statement of a month has all windows of that month.
    effectiveAt: new Date(window.to.getTime() - 1),
    sourceKey: accrualKey(window.id),
    description: `Usage from ${window.from.toISOString()} to ${window.to.toISOString()}`,
    entries: entriesOf(
      amounts.map(({ kind, amountMinor }) => ({ debit: unbilledOf(kind), credit: revenueOf(kind), amountMinor })),
    ),
    links: [
      { type: 'usage_window', id: window.id },
      { type: 'contract_period', id: window.contractPeriod },
    ],
    reversesTransactionId: null,
  };
}

/** The source key of a window's accrual. */
export function accrualKey(windowId: string): string {
  return `accrue_usage:${windowId}`;
}
