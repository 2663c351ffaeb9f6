import { Module } from '@nestjs/common';
import { AuditModule } from '#libs/audit';
import { InferenceSpending } from './caps/inference-spending.js';
import { SpendCapService } from './caps/spend-cap.service.js';
import { SpendCapKeeper } from './caps/spend-cap-keeper.js';
import { SpendCapStops } from './caps/spend-cap-stops.js';
import { ContractAgreementService } from './contract/contract-agreement.service.js';
import { ContractDraftingService } from './contract/contract-drafting.service.js';
import { ContractSuspensionService } from './contract/contract-suspension.service.js';
import { EntitlementService } from './entitlement.service.js';
import { EntitlementSubjects } from './entitlement-subjects.js';
import { SpendLeaseService } from './leases/spend-lease.service.js';
import { LicenseService } from './licenses/license.service.js';
import { ListingService } from './listings/listing.service.js';
import { ListingReviewService } from './listings/listing-review.service.js';
import { PriceService } from './pricing/price.service.js';
import { RateService } from './rate.service.js';
import { ReservationService } from './reservation.service.js';
import { ContentRemovers } from './retention/content-removal.js';
import { RetentionService } from './retention/retention.service.js';
import { RunningWork } from './service-stops/running-work.js';
import { ServiceStopService } from './service-stops/service-stop.service.js';

const SERVICES = [
  ContractAgreementService,
  ContractDraftingService,
  ContractSuspensionService,
  EntitlementSubjects,
  EntitlementService,
  LicenseService,
  ListingService,
  ListingReviewService,
  PriceService,
  RateService,
  ReservationService,
  InferenceSpending,
  SpendCapKeeper,
  SpendCapService,
  SpendCapStops,
  SpendLeaseService,
  RunningWork,
  ServiceStopService,
  RetentionService,
  ContentRemovers,
];

@Module({
  imports: [AuditModule],
  providers: SERVICES,
  exports: SERVICES,
})
export class ContractsModule {}
