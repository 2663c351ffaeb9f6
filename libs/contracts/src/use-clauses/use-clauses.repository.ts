import type { Transaction } from '#platform/database';
import type { UseAgreement } from './use-clauses.js';

type Version = UseAgreement['versions'][number];

/** A row of USE_AGREEMENTS, whose versions come as JSON. */
export type UseAgreementRow = Omit<UseAgreement, 'versions'> & {
  versions: Array<Omit<Version, 'effectiveFrom'> & { effectiveFrom: string }>;
};

/** What was ever agreed on use, of the contracts `c` for which a condition holds; in columns that the gateway may read. */
export const useAgreements = (condition: string) => `
  SELECT c.id, c.name, c.organization_id AS "organizationId", c.state, c.starts_at AS "startsAt", c.ends_at AS "endsAt",
         json_agg(json_build_object('number', v.number, 'state', v.state, 'effectiveFrom', v.effective_from,
                                    'exportClearances', coalesce(v.export_clearances, '[]'), 'regions', v.regions)) AS versions
  FROM contracts c JOIN contract_versions v ON v.contract_id = c.id
  WHERE c.state = 'in_force' AND v.state = 'accepted' AND ${condition}
  GROUP BY c.id, c.name, c.organization_id, c.state, c.starts_at, c.ends_at`;

export function toUseAgreement({ versions, ...contract }: UseAgreementRow): UseAgreement {
  return {
    ...contract,
    versions: versions.map((version) => ({ ...version, effectiveFrom: new Date(version.effectiveFrom) })),
  };
}

/** Those of the scope's organization, as a partner. */
export async function findUseAgreements(tx: Transaction): Promise<UseAgreement[]> {
  const rows = await tx.query<UseAgreementRow>(useAgreements('c.organization_id = :organization'));
  return rows.map(toUseAgreement);
}
