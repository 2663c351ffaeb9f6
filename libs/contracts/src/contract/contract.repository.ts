import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ConnectionArgs, type PageQuery, paginate } from '#platform/graphql';
import type { Contract, ContractFrame, ContractParty, ContractState } from './contract.js';

interface ContractRow {
  id: string;
  organization_id: string;
  lab_organization_id: string;
  organization_name: string;
  lab_name: string;
  name: string;
  currency: Currency;
  starts_at: Date | null;
  ends_at: Date;
  grace_days: number;
  purchase_order: string | null;
  state: ContractState;
  first_offered_at: Date | null;
  created_at: Date;
}

/** Those of the lab, and of the partner those of which something was offered. */
const SEEN = `(c.lab_organization_id = :organization OR c.organization_id = :organization AND c.first_offered_at IS NOT NULL)`;

function toContract(row: ContractRow): Contract {
  return {
    id: row.id,
    organizationId: row.organization_id,
    organization: { id: row.organization_id, name: row.organization_name },
    lab: { id: row.lab_organization_id, name: row.lab_name },
    name: row.name,
    currency: row.currency,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    graceDays: row.grace_days,
    purchaseOrder: row.purchase_order,
    state: row.state,
    firstOfferedAt: row.first_offered_at,
    createdAt: row.created_at,
  };
}

/** The transaction's organization and a partner, by their names of today; null where it is no partner. For the lab. */
export async function findParties(
  tx: Transaction,
  organizationId: string,
): Promise<{ lab: ContractParty; organization: ContractParty } | null> {
  const rows = await tx.query<ContractParty & { kind: string }>(
    `SELECT id, name, kind FROM organizations WHERE organization_id = ANY (ARRAY[$1, :organization])`,
    [organizationId],
  );
  const lab = rows.find(({ id }) => id === tx.scope.organizationId);
  const organization = rows.find(({ id, kind }) => id === organizationId && kind === 'partner');
  return lab && organization ? { lab, organization } : null;
}

export async function insertContract(tx: Transaction, contract: Omit<Contract, 'state' | 'firstOfferedAt'>) {
  await tx.query(
    `INSERT INTO contracts (id, organization_id, lab_organization_id, organization_name, lab_name, name, currency, starts_at,
       ends_at, grace_days, purchase_order, state, created_by, created_at)
     VALUES ($1, $2, :organization, $3, $4, $5, $6, $7, $8, $9, $10, 'negotiating', $11, $12)`,
    [
      contract.id,
      contract.organizationId,
      contract.organization.name,
      contract.lab.name,
      contract.name,
      contract.currency,
      contract.startsAt,
      contract.endsAt,
      contract.graceDays,
      contract.purchaseOrder,
      tx.scope.actor.id,
      contract.createdAt,
    ],
  );
}

export async function findContracts(tx: Transaction, ids: readonly string[]): Promise<Contract[]> {
  const rows = await tx.query<ContractRow>(`SELECT c.* FROM contracts c WHERE c.id = ANY($1) AND ${SEEN}`, [[...ids]]);
  return rows.map(toContract);
}

/** Those of a partner that were ever in force, in the order in which they began. */
export async function contractsInForce(tx: Transaction, organizationId: string): Promise<Contract[]> {
  const rows = await tx.query<ContractRow>(
    `SELECT c.* FROM contracts c WHERE c.organization_id = $1 AND c.state = 'in_force' AND ${SEEN} ORDER BY c.starts_at, c.id`,
    [organizationId],
  );
  return rows.map(toContract);
}

/** Whoever changes a contract or a version of it holds this lock first, so that they take turns. */
export async function lockContract(tx: Transaction, id: string): Promise<Contract | null> {
  const row = await tx.one<ContractRow>(`SELECT c.* FROM contracts c WHERE c.id = $1 AND ${SEEN} FOR UPDATE`, [id]);
  return row && toContract(row);
}

export async function updateFrame(tx: Transaction, id: string, frame: ContractFrame): Promise<void> {
  await tx.query(
    `UPDATE contracts SET name = $2, starts_at = $3, ends_at = $4, grace_days = $5, purchase_order = $6
     WHERE id = $1 AND lab_organization_id = :organization`,
    [id, frame.name, frame.startsAt, frame.endsAt, frame.graceDays, frame.purchaseOrder],
  );
}

/** From the first offer on the partner sees the contract. */
export async function markOffered(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query(
    `UPDATE contracts SET first_offered_at = $2
     WHERE id = $1 AND lab_organization_id = :organization AND first_offered_at IS NULL`,
    [id, at],
  );
}

export async function markInForce(tx: Transaction, id: string, startsAt: Date): Promise<void> {
  await tx.query(
    `UPDATE contracts SET state = 'in_force', starts_at = $2
     WHERE id = $1 AND organization_id = :organization AND state = 'negotiating'`,
    [id, startsAt],
  );
}

export async function markAbandoned(tx: Transaction, id: string, { at, reason }: { at: Date; reason: string }) {
  await tx.query(
    `UPDATE contracts SET state = 'abandoned', abandoned_by = $2, abandoned_at = $3, abandonment_reason = $4
     WHERE id = $1 AND lab_organization_id = :organization`,
    [id, tx.scope.actor.id, at, reason],
  );
}

export interface ContractFilter {
  organizationId?: string;
  state?: ContractState;
}

export function listContracts(tx: Transaction, filter: ContractFilter, args: ConnectionArgs) {
  const parameters: unknown[] = [];
  const where = [SEEN];
  if (filter.organizationId) where.push(`c.organization_id = $${parameters.push(filter.organizationId)}`);
  if (filter.state) where.push(`c.state = $${parameters.push(filter.state)}`);
  const query: PageQuery<ContractRow, Contract> = {
    from: 'contracts c',
    columns: 'c.*',
    where,
    parameters,
    orderBy: [
      { column: 'c.created_at', type: 'timestamptz' },
      { column: 'c.id', type: 'text' },
    ],
    args,
    map: toContract,
  };
  return paginate(tx, query);
}
