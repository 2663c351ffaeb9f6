import { defineMutation, defineOperation } from '#libs/client';
import { type Connection, PAGE_INFO, type Page } from './shared.js';

export interface License {
  id: string;
  name: string;
  version: number;
  requiredFrom: string;
  requiresAcceptance: boolean;
  /** Whether partners may list variants of what stands under it. */
  allowsOffering: boolean;
  sha256: string;
  /** Of the own organization. */
  acceptance: { id: string; acceptedAt: string } | null;
}

export interface LicenseAcceptance {
  id: string;
  acceptedAt: string;
  acceptedBy: string;
  sha256: string;
  license: { id: string; name: string; version: number } | null;
  organization: { id: string; name: string } | null;
}

const LICENSE = 'id name version requiredFrom requiresAcceptance allowsOffering sha256 acceptance { id acceptedAt }';
const ACCEPTANCE = 'id acceptedAt acceptedBy sha256 license { id name version } organization { id name }';

export const LICENSES = defineOperation<{ licenses: Connection<License> }, Page & { name?: string }>(
  `query($name: String, $first: Int, $after: String) {
    licenses(name: $name, first: $first, after: $after) { nodes { ${LICENSE} } ${PAGE_INFO} } }`,
);

export const OUTSTANDING_LICENSES = defineOperation<{ outstandingLicenses: License[] }, object>(
  `query { outstandingLicenses { ${LICENSE} } }`,
);

export const LICENSE_TEXT = defineOperation<
  { node: (License & { text: string }) | { text?: undefined } | null },
  { id: string }
>(`query($id: ID!) { node(id: $id) { ... on License { ${LICENSE} text } } }`);

export const LICENSE_ACCEPTANCES = defineOperation<
  { licenseAcceptances: Connection<LicenseAcceptance> },
  Page & { licenseId?: string; organizationId?: string }
>(
  `query($licenseId: ID, $organizationId: ID, $first: Int, $after: String) {
    licenseAcceptances(licenseId: $licenseId, organizationId: $organizationId, first: $first, after: $after) {
      nodes { ${ACCEPTANCE} } ${PAGE_INFO} } }`,
);

export const ACCEPT_LICENSE = defineMutation<
  { licenseAcceptance: LicenseAcceptance },
  { licenseId: string; sha256: string }
>('acceptLicense', `licenseAcceptance { ${ACCEPTANCE} }`);

export const PUBLISH_LICENSE = defineMutation<
  { license: License },
  { name: string; text: string; requiresAcceptance: boolean; allowsOffering: boolean; requiredFrom?: string }
>('publishLicense', `license { ${LICENSE} }`);
