import type { GatewayKey } from '#libs/identity';

/** What the gateway knows of the world: read from PostgreSQL, never changed, replaced part by part. */

export interface Route {
  id: string;
  name: string;
  kind: 'checkpoint' | 'deployment';
  organizationId: string;
  /** Of a deployment or a partner's variant; null for what the lab publishes. */
  projectId: string | null;
  state: 'active' | 'paused';
  revisionId: string | null;
  /** What answers; also the name under which the engine knows it. */
  checkpointId: string;
  familyId: string;
  familyOrganizationId: string;
  baseCheckpointId: string;
  /** Null for the seconds until they are read from the tokenizer: such a route is not called yet. */
  specialTokens: SpecialTokens | null;
  createdAt: number;
}

/** The special tokens of one tokenizer, as one expression that finds the first of them in a text. */
export class SpecialTokens {
  private readonly pattern: RegExp | null;

  constructor(tokens: readonly string[]) {
    const written = tokens.filter((token) => token.length > 0);
    // The longest first, so that the one named is the one meant.
    written.sort((a, b) => b.length - a.length);
    this.pattern = written.length ? new RegExp(written.map(escapeForPattern).join('|'), 'u') : null;
  }

  firstIn(text: string): string | null {
    return this.pattern?.exec(text)?.[0] ?? null;
  }
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** A right that a lab gave to call a checkpoint of its family, or all of them. */
export interface Grant {
  organizationId: string;
  grantorOrganizationId: string;
  familyId: string;
  /** Null: the whole family. */
  checkpointId: string | null;
  validFrom: number;
  validTo: number | null;
}

/** An engine that answers for a checkpoint now. */
export interface Target {
  engineId: string;
  /** Its URL, taken apart. */
  origin: string;
  basePath: string;
}

export interface SnapshotSections {
  /** By the HMAC-SHA256 of the key under the pepper, hexadecimal. */
  keys: ReadonlyMap<string, GatewayKey>;
  /** The organization of every project. */
  projects: ReadonlyMap<string, string>;
  routes: RouteTable;
  targets: ReadonlyMap<string, readonly Target[]>;
}

/** Whose a call is, and which projects it may touch. */
export type Reach = Pick<GatewayKey, 'organizationId' | 'projectIds'>;

export type Resolution =
  | { outcome: 'found'; route: Route }
  | { outcome: 'not_found' }
  | { outcome: 'not_entitled'; route: Route }
  | { outcome: 'paused'; route: Route };

/** All names that `model` may hold, and who may call what they stand for. */
export class RouteTable {
  private readonly byId = new Map<string, Route>();
  private readonly checkpointsByName = new Map<string, Route>();
  private readonly deploymentsByName = new Map<string, Route>();
  private readonly grantsByOrganization: ReadonlyMap<string, readonly Grant[]>;

  constructor(
    readonly routes: readonly Route[],
    grants: readonly Grant[],
  ) {
    for (const route of routes) {
      this.byId.set(route.id, route);
      if (route.kind === 'checkpoint') this.checkpointsByName.set(route.name, route);
      else this.deploymentsByName.set(scoped(route.organizationId, route.name), route);
    }
    this.grantsByOrganization = Map.groupBy(grants, (grant) => grant.organizationId);
  }

  /** What a caller may not know of is told apart from what does not exist by nothing. */
  resolve(model: string, caller: Reach, now: number): Resolution {
    const route =
      this.byId.get(model) ??
      this.checkpointsByName.get(model) ??
      this.deploymentsByName.get(scoped(caller.organizationId, model));
    if (!route || !isKnownTo(route, caller)) return { outcome: 'not_found' };
    if (!this.mayCall(route, caller.organizationId, now)) {
      return route.organizationId === caller.organizationId
        ? { outcome: 'not_entitled', route }
        : { outcome: 'not_found' };
    }
    return { outcome: route.state === 'paused' ? 'paused' : 'found', route };
  }

  /** What this caller may call now, the newest first. */
  visibleTo(caller: Reach, now: number): Route[] {
    return this.routes.filter(
      (route) =>
        route.state === 'active' && isKnownTo(route, caller) && this.mayCall(route, caller.organizationId, now),
    );
  }

  private mayCall(route: Route, organizationId: string, now: number): boolean {
    const isOwn = route.organizationId === organizationId;
    const isOfTheLab = route.organizationId === route.familyOrganizationId;
    if (isOwn && isOfTheLab) return true;
    // Others may call what the lab publishes, as a checkpoint; a partner's own rests on a grant of what it was made from.
    if (!isOwn && !(isOfTheLab && route.kind === 'checkpoint')) return false;
    const grants = this.grantsByOrganization.get(organizationId) ?? [];
    return grants.some(
      (grant) =>
        grant.validFrom <= now &&
        (grant.validTo === null || now < grant.validTo) &&
        grant.grantorOrganizationId === route.familyOrganizationId &&
        grant.familyId === route.familyId &&
        (grant.checkpointId === null ||
          grant.checkpointId === route.checkpointId ||
          (isOwn && grant.checkpointId === route.baseCheckpointId)),
    );
  }
}

/** What belongs to a project is known to those alone who reach it. */
function isKnownTo(route: Route, { organizationId, projectIds }: Reach): boolean {
  if (route.projectId === null) return true;
  return route.organizationId === organizationId && reaches(projectIds, route.projectId);
}

export function reaches(projectIds: GatewayKey['projectIds'], projectId: string): boolean {
  return projectIds === 'all' || projectIds.includes(projectId);
}

function scoped(organizationId: string, name: string): string {
  return `${organizationId} ${name}`;
}
