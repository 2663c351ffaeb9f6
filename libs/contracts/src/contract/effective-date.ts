import type { DomainError } from '#libs/kernel';
import { CONTRACT_ERRORS } from './contract.errors.js';
import type { Contract, ContractVersion } from './contract.js';

/**
 * Why a version can't take effect at a time (null: on acceptance), as of now; null if it can. Versions hold one after another:
 * a new one begins after all that were accepted, within the term, and never in the past.
 */
export function refusalOfEffectiveDate(
  contract: Contract,
  versions: readonly ContractVersion[],
  { effectiveFrom, now }: { effectiveFrom: Date | null; now: Date },
): DomainError | null {
  const at = effectiveFrom ?? now;
  const named = { effectiveFrom: at.toISOString() };
  // A first version takes effect when the contract starts.
  const options = { path: [contract.state === 'negotiating' ? 'startsAt' : 'effectiveFrom'] };
  if (at < now) return CONTRACT_ERRORS.CONTRACT_EFFECTIVE_RETROACTIVE({ ...named, now: now.toISOString() }, options);
  if (at >= contract.endsAt)
    return CONTRACT_ERRORS.CONTRACT_EFFECTIVE_OUTSIDE_TERM(
      { ...named, endsAt: contract.endsAt.toISOString() },
      options,
    );
  const earlier = lastAccepted(versions)?.effectiveFrom;
  if (earlier && at <= earlier)
    return CONTRACT_ERRORS.CONTRACT_EFFECTIVE_NOT_LATER({ ...named, earlier: earlier.toISOString() }, options);
  return null;
}

/** The one that a new version amends; of accepted versions the last takes effect last. */
export function lastAccepted(versions: readonly ContractVersion[]): ContractVersion | null {
  return versions.findLast(({ state }) => state === 'accepted') ?? null;
}
