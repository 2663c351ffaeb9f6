import { Inject, Injectable } from '@nestjs/common';
import { CONTRACT_ERRORS, type Contract, lockContract } from '#libs/contracts';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { BILLING_ERRORS } from '../billing.errors.js';
import type { CreditGrantTerms } from './credit-grant.js';
import { findCreditGrants, insertCreditGrant, markVoided } from './credit-grant.repository.js';

export type NewCreditGrant = Omit<CreditGrantTerms, 'effectiveAt'> & { effectiveAt: Date | null };

/**
 * Credits of contracts. Neither a grant nor its voiding reaches back: what was invoiced was invoiced without it. Both hold the
 * contract before they read the clock, as invoicing does, so that no invoice is made beside them.
 */
@Injectable()
export class CreditGrantService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Grants a credit from a time on, or from now; gives its id. For the lab of the contract. */
  async grant(tx: Transaction, { effectiveAt, ...given }: NewCreditGrant): Promise<string> {
    const contract = await this.holdContract(tx, given.contractId);
    const now = this.clock.now();
    const terms = { ...given, effectiveAt: effectiveAt ?? now };
    assertGrantable(contract, terms, now);
    const id = newId('cgr');
    await insertCreditGrant(tx, contract, {
      ...terms,
      id,
      organizationId: contract.organizationId,
      grantedBy: tx.scope.actor.id,
      grantedAt: now,
      voidedBy: null,
      voidedAt: null,
      voidReason: null,
    });
    return id;
  }

  /** From now on it pays nothing more. For the lab of the contract. */
  async void(tx: Transaction, { creditGrantId, reason }: { creditGrantId: string; reason: string }): Promise<void> {
    const seen = await findOne(tx, creditGrantId);
    await this.holdContract(tx, seen.contractId);
    const grant = await findOne(tx, creditGrantId);
    if (grant.voidedAt) throw BILLING_ERRORS.CREDIT_GRANT_VOIDED({ id: grant.id }, { path: ['creditGrantId'] });
    await markVoided(tx, grant.id, { at: this.clock.now(), reason });
  }

  private async holdContract(tx: Transaction, id: string): Promise<Contract> {
    const contract = await lockContract(tx, id);
    if (!contract) throw CONTRACT_ERRORS.CONTRACT_NOT_FOUND({ id }, { path: ['contractId'] });
    return contract;
  }
}

async function findOne(tx: Transaction, id: string) {
  const [grant] = await findCreditGrants(tx, [id]);
  if (!grant) throw BILLING_ERRORS.CREDIT_GRANT_NOT_FOUND({ id }, { path: ['creditGrantId'] });
  return grant;
}

function assertGrantable(contract: Contract, terms: CreditGrantTerms, now: Date): void {
  for (const [field, isBroken, problem] of rulesOf(contract, terms, now)) {
    if (isBroken) throw BILLING_ERRORS.CREDIT_GRANT_INVALID({ problem }, { path: [field] });
  }
}

function rulesOf(contract: Contract, terms: CreditGrantTerms, now: Date): Array<[string, boolean, string]> {
  const { amountMinor, effectiveAt, expiresAt, recurrence, rolloverMinor, meters, projectIds } = terms;
  const isUnbounded = (list: readonly unknown[] | null) => list !== null && (list.length === 0 || list.length > 100);
  return [
    ['contractId', contract.state !== 'in_force', 'the contract is not in force'],
    ['amountMinor', amountMinor <= 0n, 'its amount must be above zero'],
    ['effectiveAt', effectiveAt < now, 'it takes effect in the past, which may be invoiced already'],
    ['effectiveAt', effectiveAt >= contract.endsAt, 'it takes effect after the contract has ended'],
    ['expiresAt', expiresAt !== null && expiresAt <= effectiveAt, 'it expires before it takes effect'],
    ['rolloverMinor', rolloverMinor < 0n, 'what rolls over must not be below zero'],
    ['rolloverMinor', recurrence === 'once' && rolloverMinor !== 0n, 'only a monthly one rolls over'],
    ['meters', isUnbounded(meters), 'it names 1 to 100 meters, or leaves them out for all'],
    ['projectIds', isUnbounded(projectIds), 'it names 1 to 100 projects, or leaves them out for all'],
  ];
}
