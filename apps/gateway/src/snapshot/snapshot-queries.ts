import type pg from 'pg';
import { type GatewayKey, readGatewayKeys } from '#libs/identity';
import { type Grant, type Route, RouteTable, type SnapshotSections, SpecialTokens, type Target } from './snapshot.js';

export type SectionName = keyof SnapshotSections;

/** How each part of the snapshot is read, whole. The views are made for this by the migration of deployments. */
export const SECTION_QUERIES: { [Name in SectionName]: (client: pg.Client) => Promise<SnapshotSections[Name]> } = {
  keys: readKeys,
  projects: readProjects,
  routes: readRoutes,
  targets: readTargets,
};

/** Payloads of NOTIFY gateway_snapshot. One that we do not know means: read everything. */
export const SECTIONS_BY_NOTICE: Readonly<Record<string, readonly SectionName[]>> = {
  keys: ['keys'],
  routes: ['routes', 'projects'],
  engines: ['targets'],
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
  family_id: string;
  family_organization_id: string;
  base_checkpoint_id: string;
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
    `SELECT id, name, kind, organization_id, project_id, state, revision_id, checkpoint_id, family_id, family_organization_id,
            base_checkpoint_id, tokenizer_sha256, special_tokens, created_at
     FROM gateway_routes ORDER BY created_at DESC, id DESC`,
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
  );
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
    familyId: row.family_id,
    familyOrganizationId: row.family_organization_id,
    baseCheckpointId: row.base_checkpoint_id,
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
