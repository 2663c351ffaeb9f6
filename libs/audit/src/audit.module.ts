import { Global, Module } from '@nestjs/common';
import { AUDIT_SINK } from '#platform/graphql';
import { AuditService } from './audit.service.js';

/** Global, since MutationRunner writes an entry about every mutation. */
@Global()
@Module({
  providers: [AuditService, { provide: AUDIT_SINK, useExisting: AuditService }],
  exports: [AuditService, AUDIT_SINK],
})
export class AuditModule {}
