import { LISTING_ERRORS } from '#libs/contracts';
import type { GatewayKey } from '#libs/identity';
import { GATEWAY_ERRORS } from '../gateway.errors.js';
import { type Reach, type Route, type RouteTable, reaches } from '../snapshot/snapshot.js';

/** The route of a model that the caller may call now, or why not. */
export function resolveModel(routes: RouteTable, model: string, caller: Reach, now: Date): Route {
  const resolution = routes.resolve(model, caller, now.getTime());
  const path = { path: ['model'] };
  switch (resolution.outcome) {
    case 'found':
      return resolution.route;
    case 'paused':
      throw GATEWAY_ERRORS.DEPLOYMENT_PAUSED({ model }, path);
    case 'not_entitled':
      throw GATEWAY_ERRORS.MODEL_NOT_ENTITLED({ model }, path);
    case 'listing_ended': {
      const { id, title, endedAt, endReason: reason } = resolution.listing;
      throw LISTING_ERRORS.LISTING_ENDED({ model, id, title, endedAt: new Date(endedAt).toISOString(), reason }, path);
    }
    case 'not_found':
      throw GATEWAY_ERRORS.MODEL_NOT_FOUND({ model }, path);
  }
}

/**
 * The project that pays: the one the caller names by OpenAI's header, else the one that the model belongs to, else the only
 * one that the key reaches.
 */
export function projectOf(
  caller: GatewayKey,
  route: Route,
  named: string | undefined,
  projects: ReadonlyMap<string, string>,
): string {
  if (named !== undefined) {
    const isReached = projects.get(named) === caller.organizationId && reaches(caller.projectIds, named);
    if (!isReached) throw GATEWAY_ERRORS.PROJECT_NOT_REACHED({ project: named });
  }
  const own = route.organizationId === caller.organizationId ? route.projectId : null;
  const only = caller.projectIds !== 'all' && caller.projectIds.length === 1 ? caller.projectIds[0] : undefined;
  const projectId = named ?? own ?? only;
  if (projectId === undefined) throw GATEWAY_ERRORS.PROJECT_REQUIRED();
  return projectId;
}
