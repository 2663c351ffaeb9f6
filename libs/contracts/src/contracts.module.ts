import { Module } from '@nestjs/common';
import { ContractAgreementService } from './contract/contract-agreement.service.js';
import { ContractDraftingService } from './contract/contract-drafting.service.js';
import { EntitlementService } from './entitlement.service.js';
import { EntitlementSubjects } from './entitlement-subjects.js';
import { PriceService } from './pricing/price.service.js';
import { RateService } from './rate.service.js';
import { ReservationService } from './reservation.service.js';

const SERVICES = [
  ContractAgreementService,
  ContractDraftingService,
  EntitlementSubjects,
  EntitlementService,
  PriceService,
  RateService,
  ReservationService,
];

@Module({
  providers: SERVICES,
  exports: SERVICES,
})
export class ContractsModule {}
