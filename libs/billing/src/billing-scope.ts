import { type Scope, systemScope } from '#platform/database';

/** The system at work for a partner, whose books and rows these are. */
export function billingScope(organizationId: string): Scope {
  return systemScope('billing', organizationId);
}
