import type { GraphqlClient } from '#libs/client';

/** Who signs a contract. */
export interface Parties {
  lab: GraphqlClient;
  /** Made when there is something to approve. */
  approver: () => Promise<GraphqlClient>;
  partner: GraphqlClient;
}

interface Draft {
  name: string;
  currency: string;
  termSeconds: number;
  purchaseOrder: string;
  summary: string;
  terms: object;
}

/** A contract whose whole term is seconds, without days of grace, drafted and signed by both sides; gives its id. */
export async function agree({ lab, approver, partner }: Parties, { termSeconds, ...draft }: Draft): Promise<string> {
  const [signatory, organizationId] = [await approver(), await organizationOf(partner)];
  type Drafted = { contract: { id: string }; contractVersion: { id: string; documentSha256: string } };
  const fields = 'contract { id } contractVersion { id documentSha256 }';
  const endsAt = new Date(Date.now() + 1000 * termSeconds).toISOString();
  const input = { ...draft, organizationId, endsAt, graceDays: 0 };
  const { contract, contractVersion } = await lab.mutate<Drafted>('draftContract', input, fields);
  const contractVersionId = contractVersion.id;
  const signature = { contractVersionId, documentSha256: contractVersion.documentSha256, signatoryTitle: 'Finance' };
  await lab.mutate('submitContractVersion', { contractVersionId }, 'contractVersion { id }');
  await signatory.mutate('offerContractVersion', { ...signature, signatoryName: 'A' }, 'contractVersion { id }');
  await partner.mutate('acceptContractVersion', { ...signature, signatoryName: 'B' }, 'contractVersion { id }');
  return contract.id;
}

export async function organizationOf(somebody: GraphqlClient): Promise<string> {
  const { me } = await somebody.query<{ me: { organization: { id: string } } }>('{ me { organization { id } } }');
  return me.organization.id;
}

export async function contractNamed(lab: GraphqlClient, wanted: string): Promise<string | undefined> {
  const { contracts } = await lab.query<{ contracts: { nodes: Array<{ id: string; name: string }> } }>(
    '{ contracts(first: 100) { nodes { id name } } }',
  );
  return contracts.nodes.find(({ name }) => name === wanted)?.id;
}
