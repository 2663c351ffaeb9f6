export * from './as-of.js';
export * from './caps/inference-spending.js';
export * from './caps/spend-cap.errors.js';
export * from './caps/spend-cap.js';
export { findCaps } from './caps/spend-cap.repository.js';
export * from './caps/spend-cap.service.js';
export * from './caps/spend-cap-keeper.js';
export * from './caps/spend-cap-stops.js';
export * from './contract/contract.errors.js';
export * from './contract/contract.js';
export { contractsInForce, findContracts, lockContract } from './contract/contract.repository.js';
export * from './contract/contract-agreement.service.js';
export * from './contract/contract-drafting.service.js';
export * from './contract/contract-suspension.service.js';
export { findVersions, versionsOfContracts } from './contract/contract-version.repository.js';
export * from './contract/redline.js';
export * from './contract/terms.js';
export * from './contract/terms-rules.js';
export * from './contracts.errors.js';
export * from './contracts.module.js';
export * from './entitlement.js';
export * from './entitlement.policy.js';
export * from './entitlement.service.js';
export * from './entitlement-subjects.js';
export * from './leases/spend-lease.errors.js';
export * from './leases/spend-lease.js';
export * from './leases/spend-lease.service.js';
export * from './licenses/license.errors.js';
export * from './licenses/license.js';
export * from './licenses/license.policy.js';
export { LICENSE_VERSION_COLUMNS } from './licenses/license.repository.js';
export * from './licenses/license.service.js';
export * from './listings/listing.errors.js';
export * from './listings/listing.js';
export {
  listingIdsOf,
  openListingsOf,
  pricesOfListings,
  publisherShareOf,
  publishersOf,
} from './listings/listing.repository.js';
export * from './listings/listing.service.js';
export { listingEnded } from './listings/listing-grants.js';
export * from './listings/listing-review.service.js';
export { keptBasisPoints, WHOLE_BASIS_POINTS } from './pricing/discounts.js';
export { exactPriceNanos } from './pricing/exact-price.js';
export * from './pricing/listing-rules.js';
export * from './pricing/price.service.js';
export * from './pricing/price-book.js';
export * from './pricing/rule-tree.js';
export * from './rate.js';
export * from './rate.service.js';
export * from './reservation.service.js';
export * from './retention/content-removal.js';
export * from './retention/retention.errors.js';
export * from './retention/retention.js';
export * from './retention/retention.service.js';
export * from './service-stops/running-work.js';
export { serviceStopped } from './service-stops/service-stop.errors.js';
export * from './service-stops/service-stop.js';
export * from './service-stops/service-stop.service.js';
export * from './use-clauses/compute-region.js';
export * from './use-clauses/use-clauses.errors.js';
export * from './use-clauses/use-clauses.js';
export {
  toUseAgreement,
  type UseAgreementRow,
  useAgreements,
} from './use-clauses/use-clauses.repository.js';
export * from './use-conditions.js';
