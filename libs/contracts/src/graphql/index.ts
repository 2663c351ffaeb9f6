import { Module } from '@nestjs/common';
import { ContractsModule } from '../contracts.module.js';
import { ContractsResolver, EntitlementFields, RateCardFields } from './contracts.resolver.js';

export { EntitlementActionEnum, EntitlementType, MeterEnum, PriceType, RateCardType } from './contracts.types.js';

@Module({ imports: [ContractsModule], providers: [ContractsResolver, EntitlementFields, RateCardFields] })
export class ContractsGraphqlModule {}
