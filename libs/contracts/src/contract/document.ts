import { canonicalJson, sha256Hex } from '#libs/kernel';
import type { Contract, ContractVersion } from './contract.js';

export interface ContractDocument {
  document: string;
  documentSha256: string;
}

/** What both sides sign: all of the contract as a version has it, in canonical JSON, so that anybody can verify the hash. */
export function documentOf(
  contract: Omit<Contract, 'organizationId' | 'state' | 'firstOfferedAt' | 'createdAt'>,
  { number, effectiveFrom, terms }: Pick<ContractVersion, 'number' | 'effectiveFrom' | 'terms'>,
): ContractDocument {
  const { id, lab, organization, name, currency, startsAt, endsAt, graceDays, purchaseOrder } = contract;
  const document = canonicalJson({
    contractId: id,
    parties: { lab: { id: lab.id, name: lab.name }, partner: { id: organization.id, name: organization.name } },
    number,
    name,
    currency,
    startsAt,
    endsAt,
    graceDays,
    purchaseOrder,
    effectiveFrom,
    terms,
  });
  return { document, documentSha256: sha256Hex(document) };
}

/** The document with the times that its acceptance gave it, where it said none: to compare it with those that follow. */
export function documentInEffect({ document, state, effectiveFrom }: ContractVersion): string {
  if (state !== 'accepted') return document;
  const said = JSON.parse(document);
  const { startsAt, effectiveFrom: saidFrom } = said;
  return canonicalJson({ ...said, startsAt: startsAt ?? effectiveFrom, effectiveFrom: saidFrom ?? effectiveFrom });
}
