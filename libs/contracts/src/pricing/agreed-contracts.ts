import type { Currency } from '#libs/kernel';
import type { Transaction } from '#platform/database';
import { type ContractTerms, parseTerms } from '../contract/terms.js';

/** A version that was accepted. */
export interface AgreedVersion {
  id: string;
  number: number;
  state: 'accepted';
  effectiveFrom: Date | null;
  readonly terms: ContractTerms;
}

/** A contract that was put in force, with what prices are found by. */
export interface AgreedContract {
  id: string;
  name: string;
  currency: Currency;
  state: 'in_force';
  startsAt: Date;
  endsAt: Date;
  versions: AgreedVersion[];
}

interface Row {
  id: string;
  name: string;
  currency: Currency;
  starts_at: Date;
  ends_at: Date;
  versions: Array<{ id: string; number: number; effective_from: string; terms: unknown }>;
}

/** All that holds, held or will hold with a customer, as the customer or its lab sees it. */
export async function agreedContractsOf(tx: Transaction, organizationId: string): Promise<AgreedContract[]> {
  const rows = await tx.query<Row>(
    `SELECT c.id, c.name, c.currency, c.starts_at, c.ends_at,
            json_agg(json_build_object('id', v.id, 'number', v.number, 'terms', v.terms, 'effective_from', v.effective_from)
                     ORDER BY v.number) AS versions
     FROM contracts c JOIN contract_versions v ON v.contract_id = c.id
     WHERE c.organization_id = $1 AND :organization IN (c.organization_id, c.lab_organization_id)
       AND c.state = 'in_force' AND v.state = 'accepted'
     GROUP BY c.id`,
    [organizationId],
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    currency: row.currency,
    state: 'in_force',
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    versions: row.versions.map(toAgreedVersion),
  }));
}

/** Terms are read when they are asked for, once: of most versions they never are. */
function toAgreedVersion({ id, number, effective_from, terms: json }: Row['versions'][number]): AgreedVersion {
  let terms: ContractTerms | null = null;
  return {
    id,
    number,
    state: 'accepted',
    effectiveFrom: new Date(effective_from),
    get terms() {
      terms ??= parseTerms(json);
      return terms;
    },
  };
}
