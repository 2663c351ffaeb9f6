import type { ComputeOutput } from '#libs/messages';
import { inScope, type Transaction } from '#platform/database';
import { type ConnectionArgs, paginateMany } from '#platform/graphql';
import { headOfReport, type Preparation, type PreparationFailure, policySha256 } from './preparation.js';
import { type PreparationState, preparationStates } from './preparation.state.js';

const COLUMNS = `p.id, p.project_id AS "projectId", p.version_id AS "versionId",
  p.validation_version_id AS "validationVersionId", p.checkpoint_id AS "checkpointId",
  p.tokenizer_sha256 AS "tokenizerSha256", p.template_sha256 AS "templateSha256", p.policy, p.status,
  p.compute_job_id AS "computeJobId", p.submissions, p.output, p.report, p.error,
  p.created_at AS "createdAt", p.ended_at AS "endedAt"`;

export type PreparationKey = Pick<
  Preparation,
  'versionId' | 'validationVersionId' | 'tokenizerSha256' | 'templateSha256' | 'policy'
>;

/** The preparation with this key, locked; it is made if there is none. Two who ask at once get the same. */
export async function claimPreparation(
  tx: Transaction,
  candidate: Preparation,
): Promise<{ preparation: Preparation; isNew: boolean }> {
  const key = [
    candidate.versionId,
    candidate.validationVersionId,
    candidate.tokenizerSha256,
    candidate.templateSha256,
    policySha256(candidate.policy),
  ];
  const inserted = await tx.query(
    `INSERT INTO preparations (id, organization_id, project_id, version_id, validation_version_id, checkpoint_id,
       tokenizer_sha256, template_sha256, policy, policy_sha256, status, created_at)
     VALUES ($6, $7, $8, $1, $2, $9, $3, $4, $10, $5, 'pending', $11)
     ON CONFLICT (version_id, validation_version_id, tokenizer_sha256, template_sha256, policy_sha256) DO NOTHING
     RETURNING id`,
    [
      ...key,
      candidate.id,
      tx.scope.organizationId,
      candidate.projectId,
      candidate.checkpointId,
      JSON.stringify(candidate.policy),
      candidate.createdAt,
    ],
  );
  const preparation = await tx.one<Preparation>(
    `SELECT ${COLUMNS} FROM preparations p WHERE p.version_id = $1 AND p.validation_version_id IS NOT DISTINCT FROM $2
       AND p.tokenizer_sha256 = $3 AND p.template_sha256 IS NOT DISTINCT FROM $4 AND p.policy_sha256 = $5
       AND p.organization_id = :organization FOR UPDATE`,
    key,
  );
  return { preparation: preparation!, isNew: inserted.length > 0 };
}

/** The preparation with this key, if there is one. */
export function findPreparation(tx: Transaction, key: PreparationKey): Promise<Preparation | null> {
  return tx.one<Preparation>(
    `SELECT ${COLUMNS} FROM preparations p WHERE p.version_id = $1 AND p.validation_version_id IS NOT DISTINCT FROM $2
       AND p.tokenizer_sha256 = $3 AND p.template_sha256 IS NOT DISTINCT FROM $4 AND p.policy_sha256 = $5
       AND ${inScope('p')}`,
    [key.versionId, key.validationVersionId, key.tokenizerSha256, key.templateSha256, policySha256(key.policy)],
  );
}

export function findPreparations(tx: Transaction, ids: readonly string[]): Promise<Preparation[]> {
  return tx.query<Preparation>(`SELECT ${COLUMNS} FROM preparations p WHERE p.id = ANY($1) AND ${inScope('p')}`, [
    [...ids],
  ]);
}

export function lockPreparation(tx: Transaction, id: string): Promise<Preparation | null> {
  return tx.one<Preparation>(`SELECT ${COLUMNS} FROM preparations p WHERE p.id = $1 AND ${inScope('p')} FOR UPDATE`, [
    id,
  ]);
}

/** What was prepared from a version, as training or as validation data. */
export async function preparationIdsOfVersion(tx: Transaction, versionId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `SELECT id FROM preparations
     WHERE (version_id = $1 OR validation_version_id = $1) AND organization_id = :organization`,
    [versionId],
  );
  return rows.map((row) => row.id);
}

export function pagesOfPreparationsByVersion(tx: Transaction, versionIds: readonly string[], args: ConnectionArgs) {
  return paginateMany<Preparation, Preparation>(tx, versionIds, 'p.version_id', {
    from: 'preparations p',
    columns: COLUMNS,
    where: [inScope('p')],
    orderBy: [
      { column: 'p.created_at', type: 'timestamptz' },
      { column: 'p.id', type: 'text' },
    ],
    args,
    map: (row) => row,
  });
}

export async function setComputeJob(tx: Transaction, preparation: Preparation, computeJobId: string): Promise<void> {
  if (preparation.status !== 'pending') preparationStates.assert(preparation.status, 'pending');
  await tx.query(
    `UPDATE preparations SET status = 'pending', compute_job_id = $2, submissions = submissions + 1, error = NULL, ended_at = NULL
     WHERE id = $1 AND organization_id = :organization`,
    [preparation.id, computeJobId],
  );
}

export interface PreparationEnd {
  status: Exclude<PreparationState, 'pending'>;
  at: Date;
  output?: ComputeOutput;
  report?: Preparation['report'];
  error?: PreparationFailure;
}

export async function endPreparation(tx: Transaction, preparation: Preparation, end: PreparationEnd): Promise<void> {
  preparationStates.assert(preparation.status, end.status);
  await tx.query(
    `UPDATE preparations SET status = $2, output = $3, report = $4, error = $5, ended_at = $6
     WHERE id = $1 AND organization_id = :organization`,
    [
      preparation.id,
      end.status,
      end.output ? JSON.stringify(end.output) : null,
      end.report ? JSON.stringify(headOfReport(end.report)) : null,
      end.error ? JSON.stringify(end.error) : null,
      end.at,
    ],
  );
}
