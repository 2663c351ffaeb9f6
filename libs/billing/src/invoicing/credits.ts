import { smaller } from '#libs/kernel';
import type { Grant } from './history.js';
import type { Period } from './periods.js';
import { compareText } from './text-order.js';
import type { Charge } from './usage-lines.js';

export interface CreditUse {
  grant: Grant;
  paidMinor: bigint;
  /** After it paid. */
  balanceMinor: bigint;
}

/** The grants of a contract while its invoices are made, in their order. */
export class Credits {
  /** In the order of use. */
  readonly #grants: Grant[];
  /** What is left of grants that are given once. */
  readonly #left: Map<Grant, bigint>;
  /** Of monthly ones, what was left in the period before, where they could pay there. */
  #leftBefore = new Map<Grant, bigint>();

  constructor(grants: readonly Grant[]) {
    this.#grants = [...grants].sort(inOrderOfUse);
    this.#left = new Map(grants.map((grant) => [grant, grant.amountMinor]));
  }

  /** Every grant that can pay in the period pays what it can of what the ones before it left. */
  pay(period: Period, charges: readonly Charge[]): CreditUse[] {
    const unpaid = charges.map((charge) => ({ ...charge }));
    const uses = this.#grants
      .filter((grant) => canPay(grant, period))
      .map((grant) => use(grant, this.#opening(grant), unpaid));
    this.#leftBefore = new Map(uses.map(({ grant, balanceMinor }) => [grant, balanceMinor]));
    for (const { grant, balanceMinor } of uses) this.#left.set(grant, balanceMinor);
    return uses;
  }

  #opening(grant: Grant): bigint {
    if (grant.recurrence === 'once') return this.#left.get(grant)!;
    return grant.amountMinor + smaller(this.#leftBefore.get(grant) ?? 0n, grant.rolloverMinor);
  }
}

function canPay({ effectiveAt, expiresAt, voidedAt, recurrence }: Grant, { from, to, isInTerm }: Period): boolean {
  if (recurrence === 'monthly' && !isInTerm) return false;
  return effectiveAt < to && (expiresAt === null || expiresAt > from) && (voidedAt === null || voidedAt >= to);
}

function use(grant: Grant, openingMinor: bigint, unpaid: Charge[]): CreditUse {
  let balanceMinor = openingMinor;
  for (const charge of unpaid) {
    if (charge.amountMinor <= 0n || !appliesTo(grant, charge)) continue;
    const paidMinor = smaller(charge.amountMinor, balanceMinor);
    charge.amountMinor -= paidMinor;
    balanceMinor -= paidMinor;
  }
  return { grant, paidMinor: openingMinor - balanceMinor, balanceMinor };
}

/** The minimum, which is of no meter and no project, is for grants that are for all. */
function appliesTo({ meters, projectIds }: Grant, { meter, projectId }: Charge): boolean {
  const ofMeter = meters === null || (meter !== null && meters.includes(meter));
  const ofProject = projectIds === null || (projectId !== null && projectIds.includes(projectId));
  return ofMeter && ofProject;
}

function inOrderOfUse(left: Grant, right: Grant): number {
  return left.priority - right.priority || compareExpiry(left, right) || compareText(left.id, right.id);
}

/** None comes last. */
function compareExpiry(left: Grant, right: Grant): number {
  const [leftAt, rightAt] = [left.expiresAt ?? Infinity, right.expiresAt ?? Infinity];
  return leftAt === rightAt ? 0 : leftAt - rightAt;
}
