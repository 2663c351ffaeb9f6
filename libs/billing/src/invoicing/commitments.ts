import type { Commitment } from '#libs/contracts';
import { WHOLE_BASIS_POINTS } from '#libs/contracts';
import { larger, smaller } from '#libs/kernel';
import { roundedPart } from './money.js';
import type { Period } from './periods.js';

export interface CommitmentUse {
  id: string;
  purchaseMinor: bigint;
  /** After the period. */
  consumedMinor: bigint;
  drawdownMinor: bigint;
  overageMinor: bigint;
  trueUpMinor: bigint;
}

/** The commitments of a contract while its invoices are made, in their order. */
export class Commitments {
  readonly #billedMinor = new Map<string, bigint>();
  readonly #consumedMinor = new Map<string, bigint>();

  /** What the active commitment, of which there is at most one, makes of what credits left to pay. */
  apply(period: Period, netMinor: bigint): CommitmentUse | null {
    const commitment = activeIn(period);
    if (!commitment) return null;
    const { id, kind, amountMinor, to } = commitment;
    const before = this.#consumedMinor.get(id) ?? 0n;
    const consumption = larger(netMinor, 0n);
    const after = before + consumption;
    this.#consumedMinor.set(id, after);
    return {
      id,
      purchaseMinor: kind === 'prepaid' ? this.#purchase(commitment) : 0n,
      consumedMinor: after,
      drawdownMinor: kind === 'prepaid' ? smaller(consumption, larger(amountMinor - before, 0n)) : 0n,
      overageMinor: overage(commitment, before, after),
      trueUpMinor: kind === 'postpaid' && period.to === to.getTime() ? larger(amountMinor - after, 0n) : 0n,
    };
  }

  /** Of an amount that was raised only what was not billed yet. */
  #purchase({ id, amountMinor }: Commitment): bigint {
    const billed = this.#billedMinor.get(id) ?? 0n;
    const purchase = larger(amountMinor - billed, 0n);
    this.#billedMinor.set(id, billed + purchase);
    return purchase;
  }
}

function activeIn({ isInTerm, from, version }: Period): Commitment | undefined {
  if (!isInTerm) return undefined;
  return version.terms.commitments.find(
    (commitment) => commitment.from.getTime() <= from && from < commitment.to.getTime(),
  );
}

/** The surcharge on what this period consumed beyond the amount. */
function overage({ amountMinor, overageBasisPoints }: Commitment, before: bigint, after: bigint): bigint {
  const beyond = larger(after - larger(amountMinor, before), 0n);
  return roundedPart(beyond, BigInt(overageBasisPoints) - WHOLE_BASIS_POINTS, WHOLE_BASIS_POINTS);
}
