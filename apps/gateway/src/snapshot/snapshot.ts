import type { LicenseVersion, ServiceStopSourceKind, UseAgreement, UseConditions, UseTags } from '#libs/contracts';
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
  /** Who owns that. */
  checkpointOrganizationId: string;
  familyId: string;
  familyOrganizationId: string;
  baseCheckpointId: string;
  /** In tokens, prompt and answer together. */
  contextLength: number;
  /** The name of the licence of its base, in the family's organization. */
  license: string;
  /** Of its base. */
  tags: UseTags;
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

/** A listing by which others may call a variant, or could until it ended. */
export interface ListedVariant {
  id: string;
  title: string;
  checkpointId: string;
  /** Null: all partners. */
  namedOrganizationIds: ReadonlySet<string> | null;
  listedAt: number;
  endedAt: number | null;
  /** Why the lab took it down; null where its publisher withdrew it. */
  endReason: string | null;
}

/** An engine that answers for a checkpoint now. */
export interface Target {
  engineId: string;
  /** Its URL, taken apart. */
  origin: string;
  basePath: string;
}

/** Why calls of an organization, or of one of its projects or keys, are refused. */
export interface InferenceStop {
  organizationId: string;
  subjectId: string;
  sourceKind: ServiceStopSourceKind;
  reason: string;
  clause: string;
}

/** Licence documents in all their versions, and who has accepted which. */
export class LicenseBook {
  private readonly versions: ReadonlyMap<string, readonly LicenseVersion[]>;
  private readonly acceptedIds: ReadonlyMap<string, ReadonlySet<string>>;

  constructor(
    versions: readonly LicenseVersion[],
    acceptances: ReadonlyArray<{ organizationId: string; licenseId: string }>,
  ) {
    this.versions = Map.groupBy(versions, ({ organizationId, name }) => scoped(organizationId, name));
    const byOrganization = Map.groupBy(acceptances, ({ organizationId }) => organizationId);
    this.acceptedIds = new Map(
      [...byOrganization].map(([id, accepted]) => [id, new Set(accepted.map(({ licenseId }) => licenseId))]),
    );
  }

  /** Of the licence of a route, and what an organization has accepted. */
  termsFor(
    { familyOrganizationId, license }: Route,
    organizationId: string,
  ): Pick<UseConditions, 'license' | 'acceptedLicenseIds'> {
    return {
      license: this.versions.get(scoped(familyOrganizationId, license)) ?? [],
      acceptedLicenseIds: this.acceptedIds.get(organizationId) ?? new Set(),
    };
  }
}

export interface SnapshotSections {
  /** By the HMAC-SHA256 of the key under the pepper, hexadecimal. */
  keys: ReadonlyMap<string, GatewayKey>;
  /** The organization of every project. */
  projects: ReadonlyMap<string, string>;
  routes: RouteTable;
  targets: ReadonlyMap<string, readonly Target[]>;
  licenses: LicenseBook;
  /** The contracts of every partner. */
  agreements: ReadonlyMap<string, readonly UseAgreement[]>;
  /** By their subject: of several the one that began first. */
  stops: ReadonlyMap<string, InferenceStop>;
  /** The organizations, projects and keys that a hard spend cap in force is on. */
  hardCaps: ReadonlySet<string>;
}

/** Whose a call is, and which projects it may touch. */
export type Reach = Pick<GatewayKey, 'organizationId' | 'projectIds'>;

export type Resolution =
  | { outcome: 'found'; route: Route }
  | { outcome: 'not_found' }
  | { outcome: 'not_entitled'; route: Route }
  | { outcome: 'listing_ended'; listing: ListedVariant & { endedAt: number } }
  | { outcome: 'paused'; route: Route };

/** All names that `model` may hold, and who may call what they stand for. */
export class RouteTable {
  private readonly byId = new Map<string, Route>();
  private readonly checkpointsByName = new Map<string, Route>();
  private readonly deploymentsByName = new Map<string, Route>();
  private readonly grantsByOrganization: ReadonlyMap<string, readonly Grant[]>;
  private readonly listingsByCheckpoint: ReadonlyMap<string, readonly ListedVariant[]>;

  constructor(
    readonly routes: readonly Route[],
    grants: readonly Grant[],
    /** The latest first. */
    listings: readonly ListedVariant[] = [],
  ) {
    for (const route of routes) {
      this.byId.set(route.id, route);
      if (route.kind === 'checkpoint') this.checkpointsByName.set(route.name, route);
      else this.deploymentsByName.set(scoped(route.organizationId, route.name), route);
    }
    this.grantsByOrganization = Map.groupBy(grants, (grant) => grant.organizationId);
    this.listingsByCheckpoint = Map.groupBy(listings, ({ checkpointId }) => checkpointId);
  }

  /** What a caller may not know of is told apart from what does not exist by nothing. */
  resolve(model: string, caller: Reach, now: number): Resolution {
    const route =
      this.byId.get(model) ??
      this.checkpointsByName.get(model) ??
      this.deploymentsByName.get(scoped(caller.organizationId, model));
    if (!route || !this.isKnownTo(route, caller)) return { outcome: 'not_found' };
    if (!this.mayCall(route, caller.organizationId, now)) {
      const [listing] = this.offeredListings(route, caller.organizationId);
      if (listing?.endedAt) return { outcome: 'listing_ended', listing: { ...listing, endedAt: listing.endedAt } };
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
        route.state === 'active' && this.isKnownTo(route, caller) && this.mayCall(route, caller.organizationId, now),
    );
  }

  /** By which a caller may call a route now that another partner's variant answers; null for other routes. */
  listingOf(route: Route, organizationId: string, now: number): ListedVariant | null {
    const inForce = ({ listedAt, endedAt }: ListedVariant) => listedAt <= now && (endedAt === null || now < endedAt);
    return this.offeredListings(route, organizationId).find(inForce) ?? null;
  }

  private offeredListings(route: Route, organizationId: string): ListedVariant[] {
    if (!isOfAnotherPartner(route, organizationId)) return [];
    const listings = this.listingsByCheckpoint.get(route.checkpointId) ?? [];
    return listings.filter(({ namedOrganizationIds: named }) => named === null || named.has(organizationId));
  }

  /** What belongs to a project is known to those alone who reach it, and a listed variant to whom it is offered. */
  private isKnownTo(route: Route, { organizationId, projectIds }: Reach): boolean {
    if (route.projectId === null) return true;
    if (route.organizationId === organizationId) return reaches(projectIds, route.projectId);
    return route.kind === 'checkpoint' && this.offeredListings(route, organizationId).length > 0;
  }

  private mayCall(route: Route, organizationId: string, now: number): boolean {
    if (isOfAnotherPartner(route, organizationId)) return this.listingOf(route, organizationId, now) !== null;
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

/** Answered by a variant that neither the caller nor the lab of the family owns; the lab offers no listing to itself. */
function isOfAnotherPartner(
  { checkpointOrganizationId, familyOrganizationId }: Route,
  organizationId: string,
): boolean {
  return (
    ![organizationId, familyOrganizationId].includes(checkpointOrganizationId) &&
    organizationId !== familyOrganizationId
  );
}

export function reaches(projectIds: GatewayKey['projectIds'], projectId: string): boolean {
  return projectIds === 'all' || projectIds.includes(projectId);
}

function scoped(organizationId: string, name: string): string {
  return `${organizationId} ${name}`;
}
