import { conditionNotMet, unmetCondition } from '#libs/contracts';
import type { GatewayKey } from '#libs/identity';
import type { Route, SnapshotSections } from '../snapshot/snapshot.js';

/**
 * Refuses a call of a model on whose use something stands in the way: its licence, its export classification, the region of this platform. The
 * owner of the family needs nobody's leave.
 */
export function refuseUnmet(
  { licenses, agreements }: Pick<SnapshotSections, 'licenses' | 'agreements'>,
  region: string | null,
  { route, caller: { organizationId }, now }: { route: Route; caller: GatewayKey; now: Date },
): void {
  if (organizationId === route.familyOrganizationId) return;
  const conditions = {
    ...licenses.termsFor(route, organizationId),
    tags: route.tags,
    agreements: agreements.get(organizationId) ?? [],
    region,
  };
  const unmet = unmetCondition(conditions, now);
  if (unmet) throw conditionNotMet(unmet, route.name);
}
