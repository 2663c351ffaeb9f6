import { serviceStopped } from '#libs/contracts';
import type { GatewayKey } from '#libs/identity';
import type { InferenceStop } from '../snapshot/snapshot.js';

/** Refuses a call of an organization, project or key whose inference is stopped. Answers under way go on. */
export function refuseStopped(
  stops: ReadonlyMap<string, InferenceStop>,
  { organizationId, keyId }: GatewayKey,
  projectId: string,
): void {
  for (const subjectId of [organizationId, projectId, keyId]) {
    const stop = stops.get(subjectId);
    if (stop?.organizationId === organizationId) throw serviceStopped('inference', stop);
  }
}
