import { canonicalJson } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import type { Contract, ContractSide, ContractSignature, ContractVersion, ContractVersionState } from './contract.js';
import { parseTerms } from './terms.js';

interface VersionRow {
  id: string;
  contract_id: string;
  number: number;
  effective_from: Date | null;
  terms: unknown;
  summary: string;
  document: string;
  document_sha256: string;
  state: ContractVersionState;
  authors: string[];
  drafted_by: string;
  drafted_at: Date;
  submitted_by: string | null;
  submitted_at: Date | null;
  returned_at: Date | null;
  return_reason: string | null;
  approved_by: string | null;
  offered_at: Date | null;
  decided_by: string | null;
  decided_at: Date | null;
  decision_reason: string | null;
}

interface SignatureRow {
  version_id: string;
  side: ContractSide;
  user_id: string;
  signatory_name: string;
  signatory_title: string;
  document_sha256: string;
  signed_at: Date;
}

/** Those of the lab, and of the partner those that were offered. */
const SEEN = `(v.lab_organization_id = :organization OR v.organization_id = :organization AND v.offered_at IS NOT NULL)`;

/** Why a draft went back is between people of the lab. */
const COLUMNS = `v.*, CASE WHEN v.lab_organization_id = :organization THEN v.returned_at END AS returned_at,
  CASE WHEN v.lab_organization_id = :organization THEN v.return_reason END AS return_reason`;

function toVersion(row: VersionRow): ContractVersion {
  return {
    id: row.id,
    contractId: row.contract_id,
    number: row.number,
    effectiveFrom: row.effective_from,
    terms: parseTerms(row.terms),
    summary: row.summary,
    document: row.document,
    documentSha256: row.document_sha256,
    state: row.state,
    authors: row.authors,
    draftedBy: row.drafted_by,
    draftedAt: row.drafted_at,
    submittedBy: row.submitted_by,
    submittedAt: row.submitted_at,
    returnedAt: row.returned_at,
    returnReason: row.return_reason,
    approvedBy: row.approved_by,
    offeredAt: row.offered_at,
    decidedBy: row.decided_by,
    decidedAt: row.decided_at,
    decisionReason: row.decision_reason,
  };
}

export type VersionContent = Pick<
  ContractVersion,
  'effectiveFrom' | 'terms' | 'summary' | 'document' | 'documentSha256'
>;

export async function insertVersion(
  tx: Transaction,
  contract: Pick<Contract, 'id' | 'organizationId'>,
  version: VersionContent & Pick<ContractVersion, 'id' | 'number' | 'draftedAt'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO contract_versions (id, contract_id, organization_id, lab_organization_id, number, effective_from, terms, summary,
       document, document_sha256, state, authors, drafted_by, drafted_at)
     VALUES ($1, $2, $3, :organization, $4, $5, $6::jsonb, $7, $8, $9, 'draft', ARRAY[$10], $10, $11)`,
    [
      version.id,
      contract.id,
      contract.organizationId,
      version.number,
      version.effectiveFrom,
      canonicalJson(version.terms),
      version.summary,
      version.document,
      version.documentSha256,
      tx.scope.actor.id,
      version.draftedAt,
    ],
  );
}

export async function updateContent(tx: Transaction, id: string, content: VersionContent): Promise<void> {
  await tx.query(
    `UPDATE contract_versions SET effective_from = $2, terms = $3::jsonb, summary = $4, document = $5, document_sha256 = $6
     WHERE id = $1 AND lab_organization_id = :organization AND state = 'draft'`,
    [
      id,
      content.effectiveFrom,
      canonicalJson(content.terms),
      content.summary,
      content.document,
      content.documentSha256,
    ],
  );
}

export async function markSubmitted(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE contract_versions SET state = 'in_review', submitted_by = $2, submitted_at = $3
     WHERE id = $1 AND lab_organization_id = :organization`,
    [id, tx.scope.actor.id, at],
  );
}

export async function markReturned(tx: Transaction, id: string, { at, reason }: { at: Date; reason: string }) {
  await tx.query(
    `UPDATE contract_versions SET state = 'draft', returned_by = $2, returned_at = $3, return_reason = $4
     WHERE id = $1 AND lab_organization_id = :organization`,
    [id, tx.scope.actor.id, at, reason],
  );
}

export async function markApproved(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE contract_versions SET state = 'offered', approved_by = $2, approved_at = $3, offered_at = $3
     WHERE id = $1 AND lab_organization_id = :organization`,
    [id, tx.scope.actor.id, at],
  );
}

export async function markAccepted(tx: Transaction, id: string, { at, effectiveFrom }: Record<string, Date>) {
  await tx.query(
    `UPDATE contract_versions SET state = 'accepted', decided_by = $2, decided_at = $3, effective_from = $4
     WHERE id = $1 AND organization_id = :organization`,
    [id, tx.scope.actor.id, at, effectiveFrom],
  );
}

/** Declined by the partner or withdrawn by the lab: row security says who may which. */
export async function markRefused(
  tx: Transaction,
  id: string,
  refusal: { state: 'declined' | 'withdrawn'; at: Date; reason: string },
): Promise<void> {
  const side = refusal.state === 'declined' ? 'organization_id' : 'lab_organization_id';
  await tx.query(
    `UPDATE contract_versions SET state = $2, decided_by = $3, decided_at = $4, decision_reason = $5
     WHERE id = $1 AND ${side} = :organization`,
    [id, refusal.state, tx.scope.actor.id, refusal.at, refusal.reason],
  );
}

export async function findVersions(tx: Transaction, ids: readonly string[]): Promise<ContractVersion[]> {
  const rows = await tx.query<VersionRow>(
    `SELECT ${COLUMNS} FROM contract_versions v WHERE v.id = ANY($1) AND ${SEEN}`,
    [[...ids]],
  );
  return rows.map(toVersion);
}

/** Of several contracts, by number. */
export async function versionsOfContracts(
  tx: Transaction,
  contractIds: readonly string[],
): Promise<Map<string, ContractVersion[]>> {
  const rows = await tx.query<VersionRow>(
    `SELECT ${COLUMNS} FROM contract_versions v WHERE v.contract_id = ANY($1) AND ${SEEN} ORDER BY v.number`,
    [[...contractIds]],
  );
  return Map.groupBy(rows.map(toVersion), ({ contractId }) => contractId);
}

export async function insertSignature(
  tx: Transaction,
  contract: Pick<Contract, 'organizationId' | 'lab'>,
  signature: Omit<ContractSignature, 'userId'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO contract_signatures (version_id, organization_id, lab_organization_id, side, user_id, signatory_name,
       signatory_title, document_sha256, signed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      signature.versionId,
      contract.organizationId,
      contract.lab.id,
      signature.side,
      tx.scope.actor.id,
      signature.signatoryName,
      signature.signatoryTitle,
      signature.documentSha256,
      signature.signedAt,
    ],
  );
}

/** Of several versions; the lab signs first. */
export async function signaturesOf(tx: Transaction, versionIds: readonly string[]): Promise<ContractSignature[]> {
  const rows = await tx.query<SignatureRow>(
    `SELECT s.* FROM contract_signatures s JOIN contract_versions v ON v.id = s.version_id
     WHERE s.version_id = ANY($1) AND ${SEEN} ORDER BY s.version_id, s.side`,
    [[...versionIds]],
  );
  return rows.map((row) => ({
    versionId: row.version_id,
    side: row.side,
    userId: row.user_id,
    signatoryName: row.signatory_name,
    signatoryTitle: row.signatory_title,
    documentSha256: row.document_sha256,
    signedAt: row.signed_at,
  }));
}
