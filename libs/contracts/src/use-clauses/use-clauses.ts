import { agreementAt, type Contract, type ContractVersion } from '../contract/contract.js';

/** What a version of a contract says of what its partner may work with, and where. */
export interface UseClauses {
  /** The export classifications that the partner is cleared for. */
  exportClearances: readonly string[];
  /** Where its work may be done and its data may be; null: anywhere. */
  regions: readonly string[] | null;
}

/** A contract that was put in force, with what its accepted versions say of use. */
export type UseAgreement = Pick<Contract, 'id' | 'name' | 'organizationId' | 'state' | 'startsAt' | 'endsAt'> & {
  versions: ReadonlyArray<Pick<ContractVersion, 'number' | 'state' | 'effectiveFrom'> & UseClauses>;
};

/** The clauses that hold at a time, and whose they are. */
export interface ClausesInForce extends UseClauses {
  contractId: string;
  contractName: string;
  versionNumber: number;
}

/** Of the contract that decides, as of prices; null where none is in force. */
export function clausesInForce(agreements: readonly UseAgreement[], at: Date): ClausesInForce | null {
  const agreed = agreementAt(agreements, at);
  if (!agreed) return null;
  const { contract, version } = agreed;
  const { number: versionNumber, exportClearances, regions } = version;
  return { contractId: contract.id, contractName: contract.name, versionNumber, exportClearances, regions };
}
