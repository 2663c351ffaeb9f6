import { WHOLE_BASIS_POINTS } from '#libs/contracts';
import { larger, smaller } from '#libs/kernel';
import type { Adjustment } from './adjustments.js';
import { Commitments, type CommitmentUse } from './commitments.js';
import { Credits, type CreditUse } from './credits.js';
import type { History } from './history.js';
import { roundedPart, sumOf } from './money.js';
import { PeriodUsage } from './period-usage.js';
import type { Period } from './periods.js';
import { type InvoiceParts, type Result, toInvoice } from './result.js';
import { compareText } from './text-order.js';
import { firstReceipts, UsageAccumulator } from './usage-accumulator.js';
import { type Assessment, type Charge, usageCharges } from './usage-lines.js';

/** All invoices of a history: a pure function of it, by docs/guides/how-an-invoice-is-made.md. */
export function makeInvoices(history: History): Result {
  const usage = new UsageAccumulator(history);
  for (const event of firstReceipts(history.events)) usage.add(event);
  return invoicesOf(usage);
}

/** The same of usage that was accumulated elsewhere; it is left as it is. */
export function invoicesOf(usage: UsageAccumulator): Result {
  const credits = new Credits(usage.contract.grants);
  const commitments = new Commitments();
  const past: PeriodUsage[] = [];
  let carriedMinor = 0n;
  const invoices = usage.periods.map((period) => {
    const adjustments = past.flatMap((earlier) => earlier.adjustmentsOn(period.number));
    const current = new PeriodUsage(period, usage);
    past.push(current);
    const { assessment } = current;
    const charges = chargesOf(assessment, adjustments);
    const creditUses = credits.pay(period, charges);
    const netMinor = net(charges, creditUses);
    const commitment = commitments.apply(period, netMinor);
    const balance = settle(period, netMinor, commitment, carriedMinor);
    carriedMinor = balance.carriedOutMinor;
    return toInvoice({ period, assessment, adjustments, creditUses, commitment, netMinor, ...balance });
  });
  return {
    invoices,
    unpriced: usage.unpriced.toSorted(compareText),
    outsideTerm: usage.outsideTerm.toSorted(compareText),
  };
}

/** In the order in which credits pay them. */
function chargesOf({ lines, minimumMinor }: Assessment, adjustments: readonly Adjustment[]): Charge[] {
  return [...usageCharges(lines), { meter: null, projectId: null, amountMinor: minimumMinor }, ...adjustments];
}

function net(charges: readonly Charge[], creditUses: readonly CreditUse[]): bigint {
  return sumOf(charges.map(({ amountMinor }) => amountMinor)) - sumOf(creditUses.map(({ paidMinor }) => paidMinor));
}

type Balance = Pick<InvoiceParts, 'carriedInMinor' | 'subtotalMinor' | 'taxMinor' | 'dueMinor' | 'carriedOutMinor'>;

/** What is due; less than nothing is carried to the next invoice. */
function settle(period: Period, netMinor: bigint, commitment: CommitmentUse | null, carriedInMinor: bigint): Balance {
  const subtotalMinor = netMinor + ofCommitment(commitment) + carriedInMinor;
  const taxableMinor = larger(subtotalMinor, 0n);
  const taxMinor = roundedPart(taxableMinor, BigInt(period.version.terms.taxBasisPoints), WHOLE_BASIS_POINTS);
  const carriedOutMinor = smaller(subtotalMinor, 0n);
  return { carriedInMinor, subtotalMinor, taxMinor, dueMinor: taxableMinor + taxMinor, carriedOutMinor };
}

function ofCommitment(commitment: CommitmentUse | null): bigint {
  if (!commitment) return 0n;
  const { drawdownMinor, purchaseMinor, overageMinor, trueUpMinor } = commitment;
  return purchaseMinor + overageMinor + trueUpMinor - drawdownMinor;
}
