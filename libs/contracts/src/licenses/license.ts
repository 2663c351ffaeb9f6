/** One version of a licence document of the lab. It never changes: another version takes its place from a day on. */
export interface License {
  id: string;
  /** The lab. */
  organizationId: string;
  /** What checkpoints name as their licence. */
  name: string;
  /** Counts the versions of the name, from 1. */
  version: number;
  text: string;
  /** Of the text in UTF-8, hexadecimal. */
  sha256: string;
  requiresAcceptance: boolean;
  /** Whether variants of what stands under it may be offered to others, for money. */
  allowsOffering: boolean;
  /** The first instant at which it holds, in place of the version before. */
  requiredFrom: Date;
  createdBy: string;
  createdAt: Date;
}

/** All that a decision needs of it. */
export type LicenseVersion = Pick<
  License,
  'id' | 'organizationId' | 'name' | 'version' | 'sha256' | 'requiresAcceptance' | 'allowsOffering' | 'requiredFrom'
>;

/** A licence in all its versions. */
export type LicenseName = Pick<License, 'organizationId' | 'name'>;

/** That a partner has accepted a version: written once, by a person. */
export interface LicenseAcceptance {
  id: string;
  /** The partner. */
  organizationId: string;
  licenseId: string;
  /** Of the text that was read. */
  sha256: string;
  /** The user. */
  acceptedBy: string;
  acceptedAt: Date;
}
