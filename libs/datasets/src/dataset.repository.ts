import type { Removal } from '#libs/contracts';
import { inScope, type Transaction } from '#platform/database';
import { type ConnectionArgs, type PageQuery, paginate, paginateMany } from '#platform/graphql';
import type { Dataset, DatasetVersion, FilePurpose } from './dataset.js';

const DATASET_COLUMNS = `d.id, d.project_id AS "projectId", d.name, d.description, d.created_at AS "createdAt",
  d.created_by AS "createdBy"`;

const VERSION_COLUMNS = `v.id, v.project_id AS "projectId", v.dataset_id AS "datasetId", v.number, v.filename, v.purpose,
  v.bytes::float8 AS bytes, v.sha256, v.content_encoding AS "contentEncoding", v.object_key AS "objectKey", v.status,
  v.created_at AS "createdAt", v.created_by AS "createdBy", v.expires_at AS "expiresAt", v.deleted_at AS "deletedAt",
  v.deleted_by AS "deletedBy", v.purged_at AS "purgedAt", v.removal`;

const NEWEST_DATASETS = [
  { column: 'd.created_at', type: 'timestamptz' },
  { column: 'd.id', type: 'text' },
] as const;

const NEWEST_VERSIONS = [
  { column: 'v.created_at', type: 'timestamptz' },
  { column: 'v.id', type: 'text' },
] as const;

// --- datasets -------------------------------------------------------------------------------------------------------

/** False when the project has a dataset of that name. */
export async function insertDataset(tx: Transaction, dataset: Dataset): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO datasets (id, organization_id, project_id, name, description, created_at, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (project_id, name) DO NOTHING RETURNING id`,
    [
      dataset.id,
      tx.scope.organizationId,
      dataset.projectId,
      dataset.name,
      dataset.description,
      dataset.createdAt,
      dataset.createdBy,
    ],
  );
  return inserted.length > 0;
}

export function findDatasets(tx: Transaction, ids: readonly string[]): Promise<Dataset[]> {
  return tx.query<Dataset>(`SELECT ${DATASET_COLUMNS} FROM datasets d WHERE d.id = ANY($1) AND ${inScope('d')}`, [
    [...ids],
  ]);
}

export function findDatasetByName(tx: Transaction, projectId: string, name: string): Promise<Dataset | null> {
  return tx.one<Dataset>(
    `SELECT ${DATASET_COLUMNS} FROM datasets d WHERE d.project_id = $1 AND d.name = $2 AND ${inScope('d')}`,
    [projectId, name],
  );
}

export function pageOfDatasets(tx: Transaction, projectId: string | null, args: ConnectionArgs) {
  return paginate<Dataset, Dataset>(tx, {
    from: 'datasets d',
    columns: DATASET_COLUMNS,
    where: [inScope('d'), '$1::text IS NULL OR d.project_id = $1'],
    parameters: [projectId],
    orderBy: NEWEST_DATASETS,
    args,
    map: (row) => row,
  });
}

// --- versions -------------------------------------------------------------------------------------------------------

/** Numbers the version within its dataset. The row of the dataset is locked, so two versions never take one number. */
export async function insertVersion(
  tx: Transaction,
  version: Omit<DatasetVersion, 'number' | 'removal'>,
): Promise<void> {
  if (version.datasetId) {
    const own = 'id = $1 AND organization_id = :organization';
    await tx.query(`SELECT id FROM datasets WHERE ${own} FOR UPDATE`, [version.datasetId]);
  }
  await tx.query(
    `INSERT INTO dataset_versions (id, organization_id, project_id, dataset_id, number, filename, purpose, bytes, sha256,
       content_encoding, object_key, status, created_at, created_by, expires_at)
     SELECT $1, $2, $3, $4::text,
       CASE WHEN $4::text IS NULL THEN NULL
            ELSE (SELECT coalesce(max(number), 0) + 1 FROM dataset_versions
                  WHERE dataset_id = $4 AND organization_id = :organization) END,
       $5, $6, $7, $8, $9, $10, 'ready', $11, $12, $13`,
    [
      version.id,
      tx.scope.organizationId,
      version.projectId,
      version.datasetId,
      version.filename,
      version.purpose,
      version.bytes,
      version.sha256,
      version.contentEncoding,
      version.objectKey,
      version.createdAt,
      version.createdBy,
      version.expiresAt,
    ],
  );
}

/** Tombstones among them. */
export function findVersions(tx: Transaction, ids: readonly string[]): Promise<DatasetVersion[]> {
  return tx.query<DatasetVersion>(
    `SELECT ${VERSION_COLUMNS} FROM dataset_versions v WHERE v.id = ANY($1) AND ${inScope('v')}`,
    [[...ids]],
  );
}

/** Held until the transaction ends, so that holding and deleting take turns. In the order of the ids: no deadlock. */
export function lockVersions(tx: Transaction, ids: readonly string[]): Promise<DatasetVersion[]> {
  return tx.query<DatasetVersion>(
    `SELECT ${VERSION_COLUMNS} FROM dataset_versions v WHERE v.id = ANY($1) AND ${inScope('v')}
     ORDER BY v.id FOR UPDATE`,
    [[...ids]],
  );
}

export async function buryVersion(tx: Transaction, id: string, at: Date, removal: Removal | null): Promise<void> {
  await tx.query(
    `UPDATE dataset_versions SET status = 'deleted', deleted_at = $2, deleted_by = $3, removal = $4
     WHERE id = $1 AND organization_id = :organization AND status = 'ready'`,
    [id, at, tx.scope.actor.id, removal && JSON.stringify(removal)],
  );
}

const IS_HELD = `EXISTS (SELECT FROM dataset_version_holds h WHERE h.version_id = v.id AND h.organization_id = :organization)`;

/** Files that somebody uploaded and that were complete by then, the oldest first; not those that something reads. */
export async function uploadsCompleteBy(tx: Transaction, at: Date, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT v.id FROM dataset_versions v WHERE v.organization_id = :organization AND v.status = 'ready'
       AND v.dataset_id IS NOT NULL AND v.created_at <= $1 AND NOT ${IS_HELD} ORDER BY v.created_at, v.id LIMIT $2`,
    [at, limit],
  );
  return rows.map(({ id }) => id);
}

/** What was there before, or on its way: an upload that was complete only later, too. */
const MADE_BEFORE = `v.organization_id = :organization AND v.status = 'ready' AND (v.created_at < $1 OR EXISTS (
  SELECT FROM uploads u WHERE u.version_id = v.id AND u.organization_id = :organization AND u.created_at < $1))`;

/** Those of them that nothing reads. */
export async function removableVersions(tx: Transaction, before: Date, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT v.id FROM dataset_versions v WHERE ${MADE_BEFORE} AND NOT ${IS_HELD} ORDER BY v.id LIMIT $2`,
    [before, limit],
  );
  return rows.map(({ id }) => id);
}

/** Whether any is left, since something reads it. */
export async function versionsLeftBefore(tx: Transaction, before: Date): Promise<boolean> {
  return (await tx.one(`SELECT v.id FROM dataset_versions v WHERE ${MADE_BEFORE} LIMIT 1`, [before])) !== null;
}

export async function hasUnpurgedVersions(tx: Transaction): Promise<boolean> {
  const row = await tx.one(
    `SELECT v.id FROM dataset_versions v
     WHERE v.organization_id = :organization AND v.removal IS NOT NULL AND v.purged_at IS NULL LIMIT 1`,
  );
  return row !== null;
}

export async function markPurged(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE dataset_versions SET purged_at = $2
     WHERE id = $1 AND organization_id = :organization AND status = 'deleted' AND purged_at IS NULL`,
    [id, at],
  );
}

function versionsPage(args: ConnectionArgs): PageQuery<DatasetVersion, DatasetVersion> {
  return {
    from: 'dataset_versions v',
    columns: VERSION_COLUMNS,
    where: [inScope('v')],
    orderBy: NEWEST_VERSIONS,
    args,
    map: (row) => row,
  };
}

/** Tombstones among them: the history of a project's data is whole. */
export function pageOfVersions(tx: Transaction, projectId: string | null, args: ConnectionArgs) {
  const page = versionsPage(args);
  return paginate(tx, {
    ...page,
    where: [...page.where!, '$1::text IS NULL OR v.project_id = $1'],
    parameters: [projectId],
  });
}

export function pagesOfVersionsByDataset(tx: Transaction, datasetIds: readonly string[], args: ConnectionArgs) {
  return paginateMany(tx, datasetIds, 'v.dataset_id', versionsPage(args));
}

export interface FileQuery {
  purpose?: FilePurpose | string;
  order: 'asc' | 'desc';
  after?: string;
  limit: number;
}

/** OpenAI's list: files that are there, by time of creation, those after the file with the id `after`. */
export function listFiles(tx: Transaction, query: FileQuery): Promise<DatasetVersion[]> {
  const [following, direction] = query.order === 'asc' ? ['>', 'ASC'] : ['<', 'DESC'];
  return tx.query<DatasetVersion>(
    `SELECT ${VERSION_COLUMNS} FROM dataset_versions v
     WHERE v.status = 'ready' AND ${inScope('v')} AND ($1::text IS NULL OR v.purpose = $1)
       AND ($2::text IS NULL OR (v.created_at, v.id) ${following} (
         SELECT a.created_at, a.id FROM dataset_versions a WHERE a.id = $2 AND ${inScope('a')}))
     ORDER BY v.created_at ${direction}, v.id ${direction} LIMIT $3`,
    [query.purpose ?? null, query.after ?? null, query.limit],
  );
}

// --- holds ----------------------------------------------------------------------------------------------------------

export async function insertHold(tx: Transaction, versionId: string, holderId: string, at: Date): Promise<void> {
  await tx.query(
    `INSERT INTO dataset_version_holds (version_id, holder_id, organization_id, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [versionId, holderId, tx.scope.organizationId, at],
  );
}

export async function deleteHolds(tx: Transaction, holderId: string): Promise<void> {
  await tx.query('DELETE FROM dataset_version_holds WHERE holder_id = $1 AND organization_id = :organization', [
    holderId,
  ]);
}

export async function holdersOf(tx: Transaction, versionId: string): Promise<string[]> {
  const rows = await tx.query<{ holder_id: string }>(
    `SELECT holder_id FROM dataset_version_holds WHERE version_id = $1 AND organization_id = :organization
     ORDER BY holder_id LIMIT 20`,
    [versionId],
  );
  return rows.map((row) => row.holder_id);
}
