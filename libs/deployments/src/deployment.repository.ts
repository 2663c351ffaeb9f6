import { type DeletableVariant, type HoldRow, holdsOf, IS_SEEN, type VariantHold } from '#libs/catalog';
import type { WorkCount } from '#libs/contracts';
import { inScope, type Transaction } from '#platform/database';
import { type ConnectionArgs, paginate, paginateMany } from '#platform/graphql';
import type { ActivationReason, Deployment, DeploymentRevision } from './deployment.js';
import type { DeploymentState } from './deployment.state.js';

const DEPLOYMENTS = 'deployments d JOIN projects p ON p.id = d.project_id';
const DEPLOYMENT_COLUMNS = `d.id, d.project_id AS "projectId", d.slug, p.slug || '/' || d.slug AS name, d.state AS status,
  d.active_revision_id AS "activeRevisionId", d.activated_at AS "activatedAt", d.created_by AS "createdBy",
  d.created_at AS "createdAt", d.updated_at AS "updatedAt", d.deleted_at AS "deletedAt"`;

const REVISION_COLUMNS = `r.id, r.project_id AS "projectId", r.deployment_id AS "deploymentId", r.number, r.checkpoint_id AS "checkpointId",
  r.checkpoint_name AS "checkpointName", r.family_id AS "familyId", r.base_checkpoint_id AS "baseCheckpointId",
  r.adapter_checkpoint_id AS "adapterCheckpointId", r.tokenizer_sha256 AS "tokenizerSha256", r.template_sha256 AS "templateSha256",
  r.context_length AS "contextLength", r.entitlement_id AS "entitlementId", r.entitlement_clause AS "entitlementClause",
  r.created_by AS "createdBy", r.created_at AS "createdAt"`;

const NEWEST_DEPLOYMENTS = [
  { column: 'd.created_at', type: 'timestamptz' },
  { column: 'd.id', type: 'text' },
] as const;

// --- deployments ----------------------------------------------------------------------------------------------------

/** False when the project has a deployment of that slug. */
export async function insertDeployment(
  tx: Transaction,
  deployment: Omit<Deployment, 'name' | 'deletedAt'>,
): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO deployments (id, organization_id, project_id, slug, state, active_revision_id, activated_at, created_by,
                              created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (project_id, slug) WHERE state <> 'deleted' DO NOTHING RETURNING id`,
    [
      deployment.id,
      tx.scope.organizationId,
      deployment.projectId,
      deployment.slug,
      deployment.status,
      deployment.activeRevisionId,
      deployment.activatedAt,
      deployment.createdBy,
      deployment.createdAt,
      deployment.updatedAt,
    ],
  );
  return inserted.length === 1;
}

export async function countDeployments(tx: Transaction, projectId: string): Promise<number> {
  const row = await tx.one<{ count: number }>(
    `SELECT count(*)::int AS count FROM deployments
     WHERE project_id = $1 AND organization_id = :organization AND state <> 'deleted'`,
    [projectId],
  );
  return row!.count;
}

/** Deleted ones among them: what is in an audit entry can be looked at. */
export function findDeployments(tx: Transaction, ids: readonly string[]): Promise<Deployment[]> {
  return tx.query<Deployment>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM ${DEPLOYMENTS} WHERE d.id = ANY ($1) AND ${inScope('d')}`,
    [[...ids]],
  );
}

/** By id, or by name among those that are not deleted. */
export function findDeployment(tx: Transaction, idOrName: string): Promise<Deployment | null> {
  return tx.one<Deployment>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM ${DEPLOYMENTS}
     WHERE (d.id = $1 OR (p.slug || '/' || d.slug = $1 AND d.state <> 'deleted')) AND ${inScope('d')}`,
    [idOrName],
  );
}

/** Held until the transaction ends, so that switches of one deployment take turns. */
export function lockDeployment(tx: Transaction, id: string): Promise<Deployment | null> {
  return tx.one<Deployment>(
    `SELECT ${DEPLOYMENT_COLUMNS} FROM ${DEPLOYMENTS}
     WHERE d.id = $1 AND d.state <> 'deleted' AND ${inScope('d')} FOR UPDATE OF d`,
    [id],
  );
}

export function pageOfDeployments(tx: Transaction, projectId: string | null, args: ConnectionArgs) {
  return paginate<Deployment, Deployment>(tx, {
    from: DEPLOYMENTS,
    columns: DEPLOYMENT_COLUMNS,
    where: [`d.state <> 'deleted'`, inScope('d'), '$1::text IS NULL OR d.project_id = $1'],
    parameters: [projectId],
    orderBy: NEWEST_DEPLOYMENTS,
    args,
    map: (row) => row,
  });
}

export async function setState(tx: Transaction, id: string, state: DeploymentState, now: Date): Promise<void> {
  await tx.query(
    `UPDATE deployments SET state = $2, updated_at = $3, deleted_at = CASE WHEN $2 = 'deleted' THEN $3::timestamptz END
     WHERE id = $1 AND organization_id = :organization`,
    [id, state, now],
  );
}

// --- revisions and switches -----------------------------------------------------------------------------------------

/** The deployment is locked or new, so two revisions never take one number. */
export async function insertRevision(tx: Transaction, revision: Omit<DeploymentRevision, 'number'>): Promise<void> {
  await tx.query(
    `INSERT INTO deployment_revisions (id, organization_id, project_id, deployment_id, number, checkpoint_id, checkpoint_name,
       family_id, base_checkpoint_id, adapter_checkpoint_id, tokenizer_sha256, template_sha256, context_length, entitlement_id,
       entitlement_clause, created_by, created_at)
     SELECT $1, $2, $3, $4::text, (SELECT coalesce(max(number), 0) + 1 FROM deployment_revisions
                              WHERE deployment_id = $4 AND organization_id = :organization),
            $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16`,
    [
      revision.id,
      tx.scope.organizationId,
      revision.projectId,
      revision.deploymentId,
      revision.checkpointId,
      revision.checkpointName,
      revision.familyId,
      revision.baseCheckpointId,
      revision.adapterCheckpointId,
      revision.tokenizerSha256,
      revision.templateSha256,
      revision.contextLength,
      revision.entitlementId,
      revision.entitlementClause,
      revision.createdBy,
      revision.createdAt,
    ],
  );
}

export function findRevisions(tx: Transaction, ids: readonly string[]): Promise<DeploymentRevision[]> {
  return tx.query<DeploymentRevision>(
    `SELECT ${REVISION_COLUMNS} FROM deployment_revisions r WHERE r.id = ANY ($1) AND ${inScope('r')}`,
    [[...ids]],
  );
}

/** Newest first, for each of several deployments. */
export function pagesOfRevisions(tx: Transaction, deploymentIds: readonly string[], args: ConnectionArgs) {
  return paginateMany<DeploymentRevision, DeploymentRevision>(tx, deploymentIds, 'r.deployment_id', {
    from: 'deployment_revisions r',
    columns: REVISION_COLUMNS,
    where: [inScope('r')],
    orderBy: [{ column: 'r.number', type: 'int' }],
    args,
    map: (row) => row,
  });
}

/** Makes a revision the active one and adds the switch to the deployment's history. */
export async function activate(
  tx: Transaction,
  {
    deploymentId,
    revisionId,
    reason,
    now,
  }: { deploymentId: string; revisionId: string; reason: ActivationReason; now: Date },
): Promise<void> {
  await tx.query(
    `UPDATE deployments SET active_revision_id = $2, activated_at = $3, updated_at = $3
     WHERE id = $1 AND organization_id = :organization`,
    [deploymentId, revisionId, now],
  );
  await tx.query(
    `INSERT INTO deployment_activations (deployment_id, position, organization_id, revision_id, reason, activated_by, activated_at)
     SELECT $1::text, (SELECT coalesce(max(position), 0) + 1 FROM deployment_activations
                             WHERE deployment_id = $1 AND organization_id = :organization), $2, $3, $4, $5, $6`,
    [deploymentId, tx.scope.organizationId, revisionId, reason, tx.scope.actor.id, now],
  );
}

/**
 * The revision to roll back to: the one that answered before the active one came to. A roll-back undoes a switch, so
 * rolling back again goes further back instead of to and fro.
 */
export async function revisionBefore(tx: Transaction, deploymentId: string): Promise<string | null> {
  const rows = await tx.query<{ revision_id: string; reason: ActivationReason }>(
    `SELECT revision_id, reason FROM deployment_activations
     WHERE deployment_id = $1 AND organization_id = :organization ORDER BY position`,
    [deploymentId],
  );
  const answered: string[] = [];
  for (const { revision_id, reason } of rows) {
    if (reason === 'rolled_back') answered.pop();
    else answered.push(revision_id);
  }
  const active = answered.pop();
  return answered.findLast((revisionId) => revisionId !== active) ?? null;
}

/** Those that answer with a variant of the organization's own that was made before. */
export async function deploymentsOfVariantsBefore(tx: Transaction, before: Date, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT d.id FROM deployments d JOIN deployment_revisions r ON r.id = d.active_revision_id
     JOIN checkpoints c ON c.id = r.checkpoint_id AND c.organization_id = d.organization_id
     WHERE d.organization_id = :organization AND d.state <> 'deleted' AND c.created_at < $1 ORDER BY d.id LIMIT $2`,
    [before, limit],
  );
  return rows.map(({ id }) => id);
}

/** Those that answer with a variant, or will when they are resumed. Going back to what answered once takes its files only then. */
export async function holdsOfDeployments(tx: Transaction, { checkpointId }: DeletableVariant): Promise<VariantHold[]> {
  const rows = await tx.query<HoldRow>(
    `SELECT d.id, p.slug || '/' || d.slug AS name, ${IS_SEEN('d')} FROM ${DEPLOYMENTS}
     JOIN deployment_revisions r ON r.id = d.active_revision_id AND r.deployment_id = d.id
     WHERE d.organization_id = :organization AND d.state <> 'deleted' AND r.checkpoint_id = $1 ORDER BY name`,
    [checkpointId],
  );
  return holdsOf('deployment', rows);
}

/** Deployments of each organization whose active revision stands on a checkpoint: numbers, never names. */
export function countByCheckpoint(
  tx: Transaction,
  checkpointId: string,
): Promise<Array<{ organizationId: string; count: number }>> {
  return tx.query(
    `SELECT organization_id AS "organizationId", deployments AS count FROM deployment_retirement_impact($1)`,
    [checkpointId],
  );
}

/** Deployments of a partner that answer. For the lab: numbers, never names. */
export function countAnswering(tx: Transaction, organizationId: string): Promise<WorkCount[]> {
  return tx.query(`SELECT 'deployments' AS what, answering_deployments_of($1) AS count`, [organizationId]);
}
