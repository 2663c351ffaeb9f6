import type pg from 'pg';
import {
  LICENSE_VERSION_COLUMNS,
  type LicenseVersion,
  toUseAgreement,
  type UseAgreementRow,
  useAgreements,
} from '#libs/contracts';
import { type GatewayKey, readGatewayKeys } from '#libs/identity';
import {
  type Grant,
  type InferenceStop,
  LicenseBook,
  type ListedVariant,
  type Route,
  RouteTable,
  type SnapshotSections,
  SpecialTokens,
  type Target,
} from './snapshot.js';

export type SectionName = keyof SnapshotSections;

/** How each part of the snapshot is read, whole, from views that migrations make for this. */
export const SECTION_QUERIES: { [Name in SectionName]: (client: pg.Client) => Promise<SnapshotSections[Name]> } = {
  keys: readKeys,
  projects: readProjects,
  routes: readRoutes,
  targets: readTargets,
  licenses: readLicenses,
  agreements: readAgreements,
  stops: readStops,
  hardCaps: readHardCaps,
};

/** Payloads of NOTIFY gateway_snapshot. One that we do not know means: read everything. */
export const SECTIONS_BY_NOTICE: Readonly<Record<string, readonly SectionName[]>> = {
  keys: ['keys'],
  routes: ['routes', 'projects'],
  engines: ['targets'],
  licenses: ['licenses'],
  agreements: ['agreements'],
  stops: ['stops'],
  caps: ['hardCaps'],
};

export const ALL_SECTIONS = Object.keys(SECTION_QUERIES) as SectionName[];

async function readKeys(client: pg.Client): Promise<ReadonlyMap<string, GatewayKey>> {
  const keys = await readGatewayKeys({
    query: async (sql, parameters) => (await client.query(sql, [...(parameters ?? [])])).rows as never,
  });
  return new Map(keys.map((key) => [key.secretSha256, key]));
}

async function readProjects(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ id: string; organization_id: string }>(
    'SELECT id, organization_id FROM projects',
  );
  return new Map(rows.map((row) => [row.id, row.organization_id]));
}

interface RouteRow {
  id: string;
  name: string;
  kind: Route['kind'];
  organization_id: string;
  project_id: string | null;
  state: Route['state'];
  revision_id: string | null;
  checkpoint_id: string;
  checkpoint_organization_id: string;
  family_id: string;
  family_organization_id: string;
  base_checkpoint_id: string;
  context_length: number;
  license: string;
  export_classification: string | null;
  compute_regions: string[];
  tokenizer_sha256: string;
  special_tokens: string[] | null;
  created_at: Date;
}

interface GrantRow {
  organization_id: string;
  grantor_organization_id: string;
  family_id: string;
  checkpoint_id: string | null;
  valid_from: Date;
  valid_to: Date | null;
}

async function readRoutes(client: pg.Client): Promise<RouteTable> {
  const routes = await client.query<RouteRow>(
    `SELECT r.id, r.name, r.kind, r.organization_id, r.project_id, r.state, r.revision_id, r.checkpoint_id, r.family_id,
            r.family_organization_id, r.base_checkpoint_id, b.license, b.export_classification, b.compute_regions,
            a.organization_id AS checkpoint_organization_id, r.context_length, r.tokenizer_sha256, r.special_tokens, r.created_at
     FROM gateway_routes r JOIN checkpoints b ON b.id = r.base_checkpoint_id JOIN checkpoints a ON a.id = r.checkpoint_id
     ORDER BY r.created_at DESC, r.id DESC`,
  );
  const grants = await client.query<GrantRow>(
    'SELECT organization_id, grantor_organization_id, family_id, checkpoint_id, valid_from, valid_to FROM gateway_grants',
  );
  const tokenizers = new Map<string, SpecialTokens>();
  const specialTokensOf = ({ tokenizer_sha256, special_tokens }: RouteRow): SpecialTokens | null => {
    if (!special_tokens) return null;
    let known = tokenizers.get(tokenizer_sha256);
    if (!known) {
      known = new SpecialTokens(special_tokens);
      tokenizers.set(tokenizer_sha256, known);
    }
    return known;
  };
  return new RouteTable(
    routes.rows.map((row) => routeOf(row, specialTokensOf(row))),
    grants.rows.map(grantOf),
    await readListings(client),
  );
}

interface ListingRow extends Omit<ListedVariant, 'namedOrganizationIds' | 'listedAt' | 'endedAt'> {
  named: string[] | null;
  listedAt: Date;
  endedAt: Date | null;
}

async function readListings(client: pg.Client): Promise<ListedVariant[]> {
  const { rows } = await client.query<ListingRow>(
    `SELECT l.id, l.title, l.checkpoint_id AS "checkpointId", l.listed_at AS "listedAt", l.ended_at AS "endedAt",
            l.end_reason AS "endReason", CASE l.audience WHEN 'named' THEN
              ARRAY(SELECT a.organization_id FROM listing_audiences a WHERE a.listing_id = l.id) END AS named
     FROM listings l WHERE l.listed_at IS NOT NULL ORDER BY l.listed_at DESC, l.id DESC`,
  );
  return rows.map(({ named, listedAt, endedAt, ...listing }) => ({
    ...listing,
    namedOrganizationIds: named && new Set(named),
    listedAt: listedAt.getTime(),
    endedAt: endedAt?.getTime() ?? null,
  }));
}

function routeOf(row: RouteRow, specialTokens: SpecialTokens | null): Route {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    organizationId: row.organization_id,
    projectId: row.project_id,
    state: row.state,
    revisionId: row.revision_id,
    checkpointId: row.checkpoint_id,
    checkpointOrganizationId: row.checkpoint_organization_id,
    familyId: row.family_id,
    familyOrganizationId: row.family_organization_id,
    baseCheckpointId: row.base_checkpoint_id,
    contextLength: row.context_length,
    license: row.license,
    tags: { exportClassification: row.export_classification, computeRegions: row.compute_regions },
    specialTokens,
    createdAt: row.created_at.getTime(),
  };
}

function grantOf(row: GrantRow): Grant {
  return {
    organizationId: row.organization_id,
    grantorOrganizationId: row.grantor_organization_id,
    familyId: row.family_id,
    checkpointId: row.checkpoint_id,
    validFrom: row.valid_from.getTime(),
    validTo: row.valid_to?.getTime() ?? null,
  };
}

async function readTargets(client: pg.Client): Promise<ReadonlyMap<string, readonly Target[]>> {
  const { rows } = await client.query<{ checkpoint_id: string; engine_id: string; url: string }>(
    'SELECT checkpoint_id, engine_id, url FROM gateway_targets WHERE url IS NOT NULL ORDER BY engine_id',
  );
  const targets = new Map<string, Target[]>();
  for (const { checkpoint_id, engine_id, url } of rows) {
    const known = targets.get(checkpoint_id);
    const { origin, pathname } = new URL(url);
    const target = { engineId: engine_id, origin, basePath: pathname.replace(/\/$/, '') };
    if (known) known.push(target);
    else targets.set(checkpoint_id, [target]);
  }
  return targets;
}

async function readLicenses(client: pg.Client): Promise<LicenseBook> {
  const versions = await client.query<LicenseVersion>(`SELECT ${LICENSE_VERSION_COLUMNS} FROM licenses l`);
  const acceptances = await client.query<{ organizationId: string; licenseId: string }>(
    'SELECT organization_id AS "organizationId", license_id AS "licenseId" FROM license_acceptances',
  );
  return new LicenseBook(versions.rows, acceptances.rows);
}

async function readAgreements(client: pg.Client): Promise<SnapshotSections['agreements']> {
  const { rows } = await client.query<UseAgreementRow>(useAgreements('true'));
  return Map.groupBy(rows.map(toUseAgreement), ({ organizationId }) => organizationId);
}

async function readStops(client: pg.Client): Promise<ReadonlyMap<string, InferenceStop>> {
  const { rows } = await client.query<InferenceStop>(
    `SELECT organization_id AS "organizationId", subject_id AS "subjectId", source_kind AS "sourceKind", reason, clause
     FROM gateway_stops ORDER BY since DESC`,
  );
  return new Map(rows.map((stop) => [stop.subjectId, stop]));
}

async function readHardCaps(client: pg.Client): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ subject_id: string }>('SELECT subject_id FROM gateway_hard_caps');
  return new Set(rows.map(({ subject_id }) => subject_id));
}
