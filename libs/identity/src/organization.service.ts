import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { readEmail } from './email.js';
import { firstPassword } from './first-password.js';
import { IDENTITY_ERRORS } from './identity.errors.js';
import { administratorRole, type OrganizationKind } from './roles.js';

export interface NewOrganization {
  kind: OrganizationKind;
  name: string;
  slug: string;
  administrator: { email: string; displayName: string; password?: string };
}

export interface FoundedOrganization {
  organizationId: string;
  userId: string;
  memberId: string;
  initialPassword: string | null;
}

@Injectable()
export class OrganizationService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** An organization with its first administrator: a partner under the lab's scope, or the lab itself where there is none. */
  async found(
    tx: Transaction,
    { kind, name, slug, administrator }: NewOrganization,
    organizationId = newId('org'),
  ): Promise<FoundedOrganization> {
    const email = readEmail(administrator.email, 'administratorEmail');
    const password = await firstPassword(administrator.password, email, this.clock.now());
    const founded = { organizationId, userId: newId('user'), memberId: newId('mem') };
    const founding = {
      kind,
      name,
      slug,
      organization_id: organizationId,
      user_id: founded.userId,
      member_id: founded.memberId,
      role: administratorRole(kind),
      email,
      display_name: administrator.displayName,
      password_hash: password.hash,
      password_change_required: password.changeRequired,
      password_expires_at: password.expiresAt,
      created_by: tx.scope.actor.id,
      created_at: this.clock.now(),
    };
    await tx
      .query('SELECT identity_found_organization($1::jsonb)', [JSON.stringify(founding)])
      .catch((error: unknown) => {
        throw refusalOf(error, slug);
      });
    return { ...founded, initialPassword: password.toTell };
  }
}

/** What was taken is told by the constraint that it would break. */
function refusalOf(error: unknown, slug: string): unknown {
  const { constraint } = (error as { driverError?: { constraint?: string } }).driverError ?? {};
  if (constraint === 'organizations_slug_key') return IDENTITY_ERRORS.SLUG_NOT_AVAILABLE({ slug }, { path: ['slug'] });
  if (constraint === 'users_email_key') return IDENTITY_ERRORS.EMAIL_NOT_AVAILABLE({ path: ['administratorEmail'] });
  return error;
}
