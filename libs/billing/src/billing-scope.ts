import type { Scope } from '#platform/database';

/** The system at work for a partner, whose books and rows these are. */
export function billingScope(organizationId: string): Scope {
  return { organizationId, kind: 'partner', actor: { type: 'system', id: 'billing' }, projectIds: 'all' };
}
