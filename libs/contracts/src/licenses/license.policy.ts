import type { LicenseVersion } from './license.js';

/** Of the versions of one licence the one that holds at a time: the last whose day has come. */
export function licenseInForce<Version extends LicenseVersion>(versions: readonly Version[], at: Date): Version | null {
  const begun = versions.filter(({ requiredFrom }) => requiredFrom <= at);
  return begun.reduce<Version | null>((last, next) => (last && last.version > next.version ? last : next), null);
}

/**
 * The version of one licence that still has to be accepted before anything under it may be used; null: none. Whoever has accepted a
 * later version before its day has accepted this one too.
 */
export function outstandingLicense<Version extends LicenseVersion>(
  versions: readonly Version[],
  acceptedIds: ReadonlySet<string>,
  at: Date,
): Version | null {
  const inForce = licenseInForce(versions, at);
  if (!inForce?.requiresAcceptance) return null;
  const isAccepted = versions.some(({ id, version }) => version >= inForce.version && acceptedIds.has(id));
  return isAccepted ? null : inForce;
}
