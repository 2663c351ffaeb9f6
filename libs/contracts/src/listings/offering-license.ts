import type { Transaction } from '#platform/database';
import type { OfferableVariant } from '../entitlement-subjects.js';
import type { LicenseVersion } from '../licenses/license.js';
import { licenseInForce } from '../licenses/license.policy.js';
import { knownLicenses } from '../licenses/license.repository.js';
import { LISTING_ERRORS } from './listing.errors.js';

/** The version of its base's licence that allows offering a variant to others at a time. A name without a document allows nothing. */
export async function assertOfferable(tx: Transaction, variant: OfferableVariant, at: Date): Promise<LicenseVersion> {
  const { labOrganizationId: organizationId, license: name } = variant;
  const { versions } = await knownLicenses(tx, [{ organizationId, name }]);
  const inForce = licenseInForce(versions, at);
  if (inForce?.allowsOffering) return inForce;
  const version = inForce?.version ?? null;
  throw LISTING_ERRORS.LISTING_LICENSE_FORBIDS({ checkpoint: variant.name, name, version }, { path: ['listingId'] });
}
