import type { Transaction } from '#platform/database';
import { type ConnectionArgs, paginate } from '#platform/graphql';
import type { License, LicenseAcceptance, LicenseName, LicenseVersion } from './license.js';

interface LicenseRow {
  id: string;
  organization_id: string;
  name: string;
  version: number;
  text: string;
  sha256: string;
  requires_acceptance: boolean;
  allows_offering: boolean;
  required_from: Date;
  created_by: string;
  created_at: Date;
}

interface AcceptanceRow {
  id: string;
  organization_id: string;
  license_id: string;
  sha256: string;
  accepted_by: string;
  accepted_at: Date;
}

/** A licence as decisions need it, without its text. */
export const LICENSE_VERSION_COLUMNS = `l.id, l.organization_id AS "organizationId", l.name, l.version, l.sha256,
  l.requires_acceptance AS "requiresAcceptance", l.allows_offering AS "allowsOffering", l.required_from AS "requiredFrom"`;

/** The own documents; for a partner those of checkpoints that it may see, and what it has accepted. */
const SEEN = `(l.organization_id = :organization
  OR EXISTS (SELECT 1 FROM license_acceptances a WHERE a.license_id = l.id AND a.organization_id = :organization)
  OR EXISTS (SELECT 1 FROM entitled('browse') e
             JOIN checkpoints c ON c.family_id = e.family_id AND (e.checkpoint_id IS NULL OR c.id = e.checkpoint_id)
             WHERE e.grantor_organization_id = l.organization_id AND c.license = l.name
               AND c.status IN ('published', 'retired')))`;

/** Those of the own organization, and of the own licences. */
const OF_EITHER_SIDE = '(a.organization_id = :organization OR a.lab_organization_id = :organization)';

export async function insertLicense(tx: Transaction, license: License): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO licenses (id, organization_id, name, version, text, sha256, requires_acceptance, required_from, created_by, created_at, allows_offering)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (organization_id, name, version) DO NOTHING RETURNING id`,
    [
      license.id,
      license.organizationId,
      license.name,
      license.version,
      license.text,
      license.sha256,
      license.requiresAcceptance,
      license.requiredFrom,
      license.createdBy,
      license.createdAt,
      license.allowsOffering,
    ],
  );
  return rows.length > 0;
}

export async function findLicenses(tx: Transaction, ids: readonly string[]): Promise<License[]> {
  const rows = await tx.query<LicenseRow>(`SELECT l.* FROM licenses l WHERE l.id = ANY($1) AND ${SEEN}`, [[...ids]]);
  return rows.map(toLicense);
}

/** What is visible of licences in all their versions, with what of it the scope's organization has accepted. */
export interface KnownLicenses {
  versions: LicenseVersion[];
  acceptedIds: ReadonlySet<string>;
}

/** Of these names, or of all. */
export async function knownLicenses(tx: Transaction, names: readonly LicenseName[] | 'all'): Promise<KnownLicenses> {
  const wanted = names === 'all' ? null : names;
  const rows = await tx.query<LicenseVersion & { isAccepted: boolean }>(
    `SELECT ${LICENSE_VERSION_COLUMNS}, EXISTS (
       SELECT 1 FROM license_acceptances a WHERE a.license_id = l.id AND a.organization_id = :organization) AS "isAccepted"
     FROM licenses l
     WHERE ($1 OR (l.organization_id, l.name) IN (SELECT * FROM unnest($2::text[], $3::text[]))) AND ${SEEN}
     ORDER BY l.name, l.version`,
    [!wanted, wanted?.map(({ organizationId }) => organizationId), wanted?.map(({ name }) => name)],
  );
  const accepted = rows.filter(({ isAccepted }) => isAccepted);
  return { versions: rows, acceptedIds: new Set(accepted.map(({ id }) => id)) };
}

export function listLicenses(tx: Transaction, { name }: { name?: string }, args: ConnectionArgs) {
  return paginate<LicenseRow, License>(tx, {
    from: 'licenses l',
    columns: 'l.*',
    where: [SEEN, '($1::text IS NULL OR l.name = $1)'],
    parameters: [name ?? null],
    orderBy: [
      { column: 'l.created_at', type: 'timestamptz' },
      { column: 'l.id', type: 'text' },
    ],
    args,
    map: toLicense,
  });
}

/** Whoever accepts a second time finds the acceptance that is there. */
export async function insertAcceptance(
  tx: Transaction,
  acceptance: LicenseAcceptance & { labOrganizationId: string },
): Promise<string> {
  await tx.query(
    `INSERT INTO license_acceptances (id, organization_id, lab_organization_id, license_id, sha256, accepted_by, accepted_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organization_id, license_id) DO NOTHING`,
    [
      acceptance.id,
      acceptance.organizationId,
      acceptance.labOrganizationId,
      acceptance.licenseId,
      acceptance.sha256,
      acceptance.acceptedBy,
      acceptance.acceptedAt,
    ],
  );
  const [kept] = await acceptancesOf(tx, [acceptance.licenseId]);
  return (kept as LicenseAcceptance).id;
}

/** Those of the scope's organization of these licences. */
export async function acceptancesOf(tx: Transaction, licenseIds: readonly string[]): Promise<LicenseAcceptance[]> {
  const rows = await tx.query<AcceptanceRow>(
    'SELECT a.* FROM license_acceptances a WHERE a.organization_id = :organization AND a.license_id = ANY($1)',
    [[...licenseIds]],
  );
  return rows.map(toAcceptance);
}

export async function findAcceptances(tx: Transaction, ids: readonly string[]): Promise<LicenseAcceptance[]> {
  const rows = await tx.query<AcceptanceRow>(
    `SELECT a.* FROM license_acceptances a WHERE a.id = ANY($1) AND ${OF_EITHER_SIDE}`,
    [[...ids]],
  );
  return rows.map(toAcceptance);
}

export interface AcceptanceFilter {
  organizationId?: string;
  licenseId?: string;
}

/** The own; for the lab, those of its licences. */
export function listAcceptances(tx: Transaction, filter: AcceptanceFilter, args: ConnectionArgs) {
  return paginate<AcceptanceRow, LicenseAcceptance>(tx, {
    from: 'license_acceptances a',
    columns: 'a.*',
    where: [OF_EITHER_SIDE, '($1::text IS NULL OR a.organization_id = $1)', '($2::text IS NULL OR a.license_id = $2)'],
    parameters: [filter.organizationId ?? null, filter.licenseId ?? null],
    orderBy: [
      { column: 'a.accepted_at', type: 'timestamptz' },
      { column: 'a.id', type: 'text' },
    ],
    args,
    map: toAcceptance,
  });
}

function toLicense(row: LicenseRow): License {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    version: row.version,
    text: row.text,
    sha256: row.sha256,
    requiresAcceptance: row.requires_acceptance,
    allowsOffering: row.allows_offering,
    requiredFrom: row.required_from,
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

function toAcceptance(row: AcceptanceRow): LicenseAcceptance {
  return {
    id: row.id,
    organizationId: row.organization_id,
    licenseId: row.license_id,
    sha256: row.sha256,
    acceptedBy: row.accepted_by,
    acceptedAt: row.accepted_at,
  };
}
