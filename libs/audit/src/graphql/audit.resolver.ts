import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { Database } from '#platform/database';
import { AUTHORIZER, type Authorizer, Ctx, NodeLoader, paginate, type RequestContext } from '#platform/graphql';
import { AUDIT_ERRORS } from '../audit.errors.js';
import { AUDIT_COLUMNS, type AuditRow, entriesById, entryOf } from '../audit.repository.js';
import { AuditService } from '../audit.service.js';
import {
  AuditEntryConnection,
  AuditEntryType,
  AuditLogArgs,
  AuditVerificationArgs,
  AuditVerificationType,
} from './audit.types.js';

@Resolver(() => AuditEntryType)
export class AuditResolver {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
    @Inject(AUTHORIZER) private readonly authorizer: Authorizer,
  ) {}

  @NodeLoader('aud', 'AuditEntry')
  async loadEntries(context: RequestContext, ids: readonly string[]) {
    if (!context.principal.permissions.has('audit:read')) return ids.map(() => null);
    const entries = await this.database.read(context.scope, (tx) => entriesById(tx, ids));
    return ids.map((id) => entries.find((entry) => entry.id === id) ?? null);
  }

  @Query(() => AuditEntryConnection, {
    description: "The organization's audit log, newest first. Needs the permission audit:read.",
  })
  async auditLog(@Ctx() context: RequestContext, @Args() args: AuditLogArgs) {
    this.authorizer.authorize(context.principal, 'audit:read');
    const { actorId = null, action = null, targetId = null } = args;
    return this.database.read(context.scope, (tx) =>
      paginate<AuditRow, AuditEntryType>(tx, {
        from: 'audit_entries a',
        columns: AUDIT_COLUMNS,
        where: [
          'a.organization_id = $1',
          '$2::text IS NULL OR a.actor_id = $2',
          '$3::text IS NULL OR a.action = $3',
          '$4::text IS NULL OR a.target_ids @> ARRAY[$4::text]',
        ],
        parameters: [context.scope.organizationId, actorId, action, targetId],
        orderBy: [{ column: 'a.sequence', type: 'bigint' }],
        args,
        map: entryOf,
      }),
    );
  }

  @Query(() => AuditVerificationType, {
    description:
      'Recomputes the hash chain of the audit log, up to 50,000 entries at a time. Needs the permission audit:read.',
  })
  async auditVerification(
    @Ctx() context: RequestContext,
    @Args() { afterSequence, afterSha256 }: AuditVerificationArgs,
  ): Promise<AuditVerificationType> {
    this.authorizer.authorize(context.principal, 'audit:read');
    if ((afterSequence == null) !== (afterSha256 == null)) throw AUDIT_ERRORS.VERIFICATION_START_INCOMPLETE();
    const from =
      afterSequence == null || afterSha256 == null ? undefined : { sequence: afterSequence, sha256: afterSha256 };
    const { head, fault, ...rest } = await this.database.read(context.scope, (tx) => this.audit.verifyChain(tx, from));
    return { ...rest, headSequence: head.sequence, headSha256: head.sha256, fault: fault?.fault ?? null };
  }
}
