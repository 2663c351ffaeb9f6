import { Module } from '@nestjs/common';
import { ContractsModule } from '../contracts.module.js';
import { ContractMutations } from './contract.mutations.js';
import { ContractFields, ContractQueries, ContractVersionFields } from './contract.resolver.js';
import { ContractsResolver, EntitlementFields, RateCardFields } from './contracts.resolver.js';

export { ContractType } from './contract.types.js';
export { BilledMeterEnum } from './contract-terms.types.js';
export { EntitlementActionEnum, EntitlementType, MeterEnum, PriceType, RateCardType } from './contracts.types.js';

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
  ],
})
export class ContractsGraphqlModule {}
