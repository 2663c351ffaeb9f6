import { Module } from '@nestjs/common';
import { EntitlementService } from './entitlement.service.js';
import { EntitlementSubjects } from './entitlement-subjects.js';
import { RateService } from './rate.service.js';
import { ReservationService } from './reservation.service.js';

@Module({
  providers: [EntitlementSubjects, EntitlementService, RateService, ReservationService],
  exports: [EntitlementSubjects, EntitlementService, RateService, ReservationService],
})
export class ContractsModule {}
