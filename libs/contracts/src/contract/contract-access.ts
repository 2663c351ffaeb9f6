import type { Transaction } from '#platform/database';
import { CONTRACT_ERRORS } from './contract.errors.js';
import type { Contract, ContractVersion } from './contract.js';
import { lockContract } from './contract.repository.js';
import { findVersions, versionsOfContracts } from './contract-version.repository.js';

/** A contract that nobody else changes until the transaction ends, with its versions by number. */
export interface HeldContract {
  contract: Contract;
  versions: ContractVersion[];
}

export interface HeldVersion extends HeldContract {
  version: ContractVersion;
}

export async function holdContract(tx: Transaction, id: string): Promise<HeldContract> {
  const contract = await lockContract(tx, id);
  if (!contract) throw CONTRACT_ERRORS.CONTRACT_NOT_FOUND({ id }, { path: ['contractId'] });
  const versions = await versionsOfContracts(tx, [contract.id]);
  return { contract, versions: versions.get(contract.id) ?? [] };
}

/** The version as it is once the contract is held: of two who decide at once, the second finds what the first did. */
export async function holdVersion(tx: Transaction, id: string): Promise<HeldVersion> {
  const [seen] = await findVersions(tx, [id]);
  if (!seen) throw CONTRACT_ERRORS.CONTRACT_VERSION_NOT_FOUND({ id }, { path: ['contractVersionId'] });
  const held = await holdContract(tx, seen.contractId);
  return { ...held, version: held.versions.find((version) => version.id === id) as ContractVersion };
}
