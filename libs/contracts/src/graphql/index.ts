import { Module } from '@nestjs/common';
import { ContractsModule } from '../contracts.module.js';
import { ContractMutations } from './contract.mutations.js';
import { ContractFields, ContractQueries, ContractVersionFields } from './contract.resolver.js';
import { ContractsResolver, EntitlementFields, RateCardFields } from './contracts.resolver.js';
import { LicenseFields, LicenseResolver } from './license.resolver.js';
import { ListingFields, ListingMutations, ListingQueries } from './listing.resolver.js';
import { SpendCapAlertFields, SpendCapFields, SpendCapResolver } from './spend-cap.resolver.js';

export { ContentEndType } from './content-end.types.js';
export { ContractType } from './contract.types.js';
export { CommitmentKindEnum, MeterEnum } from './contract-terms.types.js';
export { EntitlementActionEnum, EntitlementType, PriceType, RateCardType } from './contracts.types.js';
export { LicenseType } from './license.types.js';
export { ListingType } from './listing.types.js';
export { SpendCapType } from './spend-cap.types.js';

@Module({
  imports: [ContractsModule],
  providers: [
    ContractsResolver,
    EntitlementFields,
    RateCardFields,
    ContractQueries,
    ContractMutations,
    ContractFields,
    ContractVersionFields,
    LicenseResolver,
    LicenseFields,
    ListingQueries,
    ListingMutations,
    ListingFields,
    SpendCapResolver,
    SpendCapFields,
    SpendCapAlertFields,
  ],
})
export class ContractsGraphqlModule {}
