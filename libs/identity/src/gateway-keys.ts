import type { NarrowTransaction } from '#platform/database';
import { projectsOfKey } from './api-key.service.js';
import { type OrganizationKind, type Permission, permissionsOfKey } from './roles.js';

/** A key as the gateway keeps it in its snapshot. */
export interface GatewayKey {
  keyId: string;
  /** `hashApiKey(secret, API_KEY_PEPPER)`. */
  secretSha256: string;
  organizationId: string;
  organizationKind: OrganizationKind;
  /** The one project the key is confined to, if it is. */
  projectId: string | null;
  /** The projects it reaches. */
  projectIds: readonly string[] | 'all';
  /** What it may do: its scopes, as far as its owner's role still allows them. Calls need `inference:call`. */
  permissions: ReadonlySet<Permission>;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  expiresAt: Date | null;
}

interface GatewayKeyRow {
  key_id: string;
  secret_sha256: string;
  organization_id: string;
  organization_kind: OrganizationKind;
  project_id: string | null;
  user_id: string | null;
  service_account_id: string | null;
  scopes: string[];
  requests_per_minute: number | null;
  tokens_per_minute: number | null;
  expires_at: Date | null;
  owner_role: string;
  owner_project_ids: string[] | null;
}

/** All keys that are in force, but for their expiry. Read them again after NOTIFY gateway_snapshot with payload 'keys'. */
export async function readGatewayKeys(tx: NarrowTransaction): Promise<GatewayKey[]> {
  const rows = await tx.query<GatewayKeyRow>('SELECT * FROM gateway_keys');
  return rows.map((row) => ({
    keyId: row.key_id,
    secretSha256: row.secret_sha256,
    organizationId: row.organization_id,
    organizationKind: row.organization_kind,
    projectId: row.project_id,
    projectIds: projectsOfKey(row),
    permissions: new Set(permissionsOfKey(row.scopes, row.owner_role, row.organization_kind)),
    requestsPerMinute: row.requests_per_minute,
    tokensPerMinute: row.tokens_per_minute,
    expiresAt: row.expires_at,
  }));
}
