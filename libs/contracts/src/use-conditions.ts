import type { DomainError } from '#libs/kernel';
import { LICENSE_ERRORS } from './licenses/license.errors.js';
import type { LicenseVersion } from './licenses/license.js';
import { outstandingLicense } from './licenses/license.policy.js';
import { USE_CLAUSE_ERRORS } from './use-clauses/use-clauses.errors.js';
import { type ClausesInForce, clausesInForce, type UseAgreement } from './use-clauses/use-clauses.js';

/** What the lab marked a checkpoint with. */
export interface UseTags {
  /** Such as 4E091; null: it is not controlled. */
  exportClassification: string | null;
  /** Where alone it may be computed with; none: anywhere. */
  computeRegions: readonly string[];
}

/** On what an organization's use of a checkpoint depends besides an entitlement to it. */
export interface UseConditions {
  /** All versions of the licence that it stands under; none: the lab keeps no such document, and asks for no acceptance. */
  license: readonly LicenseVersion[];
  /** The versions that the organization has accepted. */
  acceptedLicenseIds: ReadonlySet<string>;
  /** Of what an engine loads for it. */
  tags: UseTags;
  /** The organization's contracts. */
  agreements: readonly UseAgreement[];
  /** Where it would be used; null: nobody said, and nothing that is bound to regions is used there. */
  region: string | null;
}

/** What keeps an organization from using what it is entitled to. */
export type UnmetCondition =
  | { reason: 'license_not_accepted'; license: LicenseVersion }
  | { reason: 'export_control'; classification: string; clauses: ClausesInForce | null }
  /** `clauses` are null where it is the checkpoint's own tag. */
  | { reason: 'residency'; region: string | null; regions: readonly string[]; clauses: ClausesInForce | null };

/** The first that is not met at a time; null: all are. Asked of it by the policy of entitlements, and by the gateway for each call. */
export function unmetCondition(conditions: UseConditions, at: Date): UnmetCondition | null {
  const clauses = clausesInForce(conditions.agreements, at);
  return (
    unacceptedLicense(conditions, at) ??
    missingClearance(conditions.tags, clauses) ??
    refusedRegion(conditions, clauses)
  );
}

function unacceptedLicense({ license: versions, acceptedLicenseIds }: UseConditions, at: Date): UnmetCondition | null {
  const license = outstandingLicense(versions, acceptedLicenseIds, at);
  return license && { reason: 'license_not_accepted', license };
}

function missingClearance(
  { exportClassification: classification }: UseTags,
  clauses: ClausesInForce | null,
): UnmetCondition | null {
  if (classification === null || clauses?.exportClearances.includes(classification)) return null;
  return { reason: 'export_control', classification, clauses };
}

function refusedRegion(
  { tags: { computeRegions }, region }: UseConditions,
  clauses: ClausesInForce | null,
): UnmetCondition | null {
  if (computeRegions.length > 0 && !isIn(computeRegions, region))
    return { reason: 'residency', region, regions: computeRegions, clauses: null };
  return outsideRegions(region, clauses);
}

/** Where an organization's work and data may not be, by its contract. */
export function outsideRegions(region: string | null, clauses: ClausesInForce | null): UnmetCondition | null {
  if (!clauses?.regions || isIn(clauses.regions, region)) return null;
  return { reason: 'residency', region, regions: clauses.regions, clauses };
}

function isIn(regions: readonly string[], region: string | null): boolean {
  return region !== null && regions.includes(region);
}

/** The same refusal wherever it is met: before a job begins, and at the gateway. */
export function conditionNotMet(unmet: UnmetCondition, subject: string): DomainError {
  switch (unmet.reason) {
    case 'license_not_accepted': {
      const { id, name, version, requiredFrom } = unmet.license;
      const refused = { subject, name, version, id, requiredFrom: requiredFrom.toISOString() };
      return LICENSE_ERRORS.LICENSE_NOT_ACCEPTED(refused);
    }
    case 'export_control': {
      const { classification, clauses } = unmet;
      const clause = clauses ? clauseText('exportClearances', clauses) : 'no contract is in force';
      return USE_CLAUSE_ERRORS.EXPORT_NOT_CLEARED({ subject, classification, clause });
    }
    case 'residency': {
      const { region, regions, clauses } = unmet;
      const clause = clauses ? clauseText('regions', clauses) : 'the tag computeRegions of the model';
      return USE_CLAUSE_ERRORS.REGION_NOT_ALLOWED({ subject, region, regions, clause });
    }
  }
}

function clauseText(clause: keyof ClausesInForce, { contractId, contractName, versionNumber }: ClausesInForce): string {
  return `the clause "${clause}" of version ${versionNumber} of the contract ${contractName} (${contractId})`;
}
