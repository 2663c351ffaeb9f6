import { type GraphqlClient, pollUntil } from '#libs/client';
import { agree, contractNamed, organizationOf, type Parties } from './agreement.js';

export interface IssuedInvoice {
  id: string;
  contractId: string;
  /** The partner's. */
  organizationId: string;
}

const CONTRACT = 'World of seconds';
export const CREDIT = 'World of goodwill';
/** Long enough to sign and to grant a credit, also where much else goes on. */
const TERM_SECONDS = 30;

/** The one invoice of a contract of seconds: it is final as soon as invoicing comes by, which the function that is given back waits for. */
export async function ensureInvoice(parties: Parties): Promise<() => Promise<IssuedInvoice>> {
  const { lab, partner } = parties;
  const contractId = (await contractNamed(lab, CONTRACT)) ?? (await agreeWithCredit(parties));
  const organizationId = await organizationOf(partner);
  return async () => ({ id: await finalInvoice(lab, contractId), contractId, organizationId });
}

async function agreeWithCredit(parties: Parties): Promise<string> {
  const perMillion = { priceNanos: '3000000000', perUnits: '1000000' };
  const contractId = await agree(parties, {
    name: CONTRACT,
    currency: 'EUR',
    termSeconds: TERM_SECONDS,
    purchaseOrder: 'PO 30',
    summary: 'A minimum, which is for a whole month, and tax.',
    terms: {
      prices: [{ id: 'input', meter: 'INPUT_TOKENS', flat: perMillion }],
      // Of a month's minimum as much as the term is of the month.
      minimumMinor: '13000000000',
      taxBasisPoints: 1_900,
    },
  });
  const credit = { contractId, reason: CREDIT, amountMinor: '25000' };
  await parties.lab.mutate('createCreditGrant', credit, 'creditGrant { id }');
  return contractId;
}

/** The one of a contract whose term is over, or soon will be; gives its id. */
export async function finalInvoice(lab: GraphqlClient, contractId: string): Promise<string> {
  const document = 'query($contractId: ID!) { invoices(contractId: $contractId, first: 1) { nodes { id number } } }';
  type Answer = { invoices: { nodes: Array<{ id: string; number: number | null }> } };
  const nodes = await pollUntil(async () => (await lab.query<Answer>(document, { contractId })).invoices.nodes, {
    until: ([invoice]) => typeof invoice?.number === 'number',
    what: 'the invoice that the screens show',
    withinSeconds: 180,
  });
  return nodes[0]!.id;
}
