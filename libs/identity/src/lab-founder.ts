import { Injectable } from '@nestjs/common';
import { AuditService } from '#libs/audit';
import { canonicalJson, newId, sha256Hex } from '#libs/kernel';
import { Database, type Scope } from '#platform/database';
import { MembershipService } from './membership.service.js';
import { OrganizationService } from './organization.service.js';

export interface LabFounding {
  name: string;
  slug: string;
  administrator: { email: string; password: string };
  operator: { email: string; password: string };
}

/** The first lab comes from whoever installs the platform: nobody is there yet to act through the API. */
@Injectable()
export class LabFounder {
  constructor(
    private readonly database: Database,
    private readonly organizations: OrganizationService,
    private readonly memberships: MembershipService,
    private readonly audit: AuditService,
  ) {}

  /** The new lab's id, or null where there is a lab already. */
  async found({ name, slug, administrator, operator }: LabFounding): Promise<string | null> {
    const organizationId = newId('org');
    const actor = { type: 'system', id: 'bootstrap' } as const;
    const scope: Scope = { organizationId, kind: 'lab', actor, projectIds: 'all' };
    return this.database.transaction(scope, async (tx) => {
      // Two that start at once take turns, and the second finds the first one's lab.
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('identity_found_organization', 0))`);
      const labs = await tx.query(`SELECT id FROM organizations WHERE kind = 'lab'`);
      if (labs.length > 0) return null;
      const { memberId } = await this.organizations.found(
        tx,
        { kind: 'lab', name, slug, administrator: { ...administrator, displayName: 'Lab administrator' } },
        organizationId,
      );
      const added = await this.memberships.addAs(
        tx,
        { id: actor.id, projectIds: 'all' },
        { ...operator, displayName: 'Lab operator', role: 'lab_operator', projectIds: [] },
      );
      await this.audit.record(tx, {
        action: 'foundLab',
        outcome: 'done',
        targetIds: [organizationId, memberId, added.memberId],
        requestId: newId('req'),
        inputSha256: sha256Hex(canonicalJson({ name, slug, emails: [administrator.email, operator.email] })),
      });
      return organizationId;
    });
  }
}
