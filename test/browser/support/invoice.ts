import { type GraphqlClient, pollUntil } from '#libs/client';

export interface IssuedInvoice {
  id: string;
  contractId: string;
  /** The partner's. */
  organizationId: string;
}

interface Parties {
  lab: GraphqlClient;
  /** Made when there is something to approve. */
  approver: () => Promise<GraphqlClient>;
  partner: GraphqlClient;
}

const CONTRACT = 'World of seconds';
export const CREDIT = 'World of goodwill';
/** Long enough to sign and to grant a credit, also where much else goes on. */
const TERM_MILLISECONDS = 30_000;

/**
 * A contract whose whole term is seconds, without days of grace: its one invoice is final as soon as invoicing comes by, which the function that
 * is given back waits for.
 */
export async function ensureInvoice(parties: Parties): Promise<() => Promise<IssuedInvoice>> {
  const { lab, partner } = parties;
  const { me } = await partner.query<{ me: { organization: { id: string } } }>('{ me { organization { id } } }');
  const organizationId = me.organization.id;
  const { contracts } = await lab.query<{ contracts: { nodes: Array<{ id: string; name: string }> } }>(
    '{ contracts(first: 100) { nodes { id name } } }',
  );
  const known = contracts.nodes.find(({ name }) => name === CONTRACT);
  const contractId = known?.id ?? (await agree(parties, organizationId));
  return async () => ({ id: await finalInvoice(lab, contractId), contractId, organizationId });
}

async function agree({ lab, approver, partner }: Parties, organizationId: string): Promise<string> {
  const signatory = await approver();
  const perMillion = { priceNanos: '3000000000', perUnits: '1000000' };
  const input = {
    organizationId,
    name: CONTRACT,
    currency: 'EUR',
    endsAt: new Date(Date.now() + TERM_MILLISECONDS).toISOString(),
    graceDays: 0,
    purchaseOrder: 'PO 30',
    summary: 'A minimum, which is for a whole month, and tax.',
    terms: {
      prices: [{ id: 'input', meter: 'INPUT_TOKENS', flat: perMillion }],
      // Of a month's minimum as much as the term is of the month.
      minimumMinor: '13000000000',
      taxBasisPoints: 1_900,
    },
  };
  type Drafted = { contract: { id: string }; contractVersion: { id: string; documentSha256: string } };
  const fields = 'contract { id } contractVersion { id documentSha256 }';
  const { contract, contractVersion } = await lab.mutate<Drafted>('draftContract', input, fields);
  const contractVersionId = contractVersion.id;
  const signature = { contractVersionId, documentSha256: contractVersion.documentSha256, signatoryTitle: 'Finance' };
  await lab.mutate('submitContractVersion', { contractVersionId }, 'contractVersion { id }');
  await signatory.mutate('offerContractVersion', { ...signature, signatoryName: 'A' }, 'contractVersion { id }');
  await partner.mutate('acceptContractVersion', { ...signature, signatoryName: 'B' }, 'contractVersion { id }');
  const credit = { contractId: contract.id, reason: CREDIT, amountMinor: '25000' };
  await lab.mutate('createCreditGrant', credit, 'creditGrant { id }');
  return contract.id;
}

async function finalInvoice(lab: GraphqlClient, contractId: string): Promise<string> {
  const document = 'query($contractId: ID!) { invoices(contractId: $contractId, first: 1) { nodes { id number } } }';
  type Answer = { invoices: { nodes: Array<{ id: string; number: number | null }> } };
  const nodes = await pollUntil(async () => (await lab.query<Answer>(document, { contractId })).invoices.nodes, {
    until: ([invoice]) => typeof invoice?.number === 'number',
    what: 'the invoice that the screens show',
    withinSeconds: 180,
  });
  return nodes[0]!.id;
}
