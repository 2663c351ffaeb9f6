import { randomBytes } from 'node:crypto';
import { type GraphqlClient, pollUntil } from '#libs/client';
import { agree, contractNamed, organizationOf } from './agreement.js';
import { finalInvoice } from './invoice.js';
import { ensureSubmitted } from './listing.js';
import { client, type User } from './platform.js';

const SOLD = 'World of sales';
/** By which the screens know the one payout. */
export const PAYOUT = 'World of transfers';
const BUYER = { name: 'Cygnus Orbital', slug: 'cygnus', email: 'admin@cygnus.example' };
const CONTRACT = 'World of purchases';
/** Long enough to sign and for a few calls, also where much else goes on. */
const TERM_SECONDS = 30;
const PROMPTS = ['Rust: Pump : Integer := 3;', 'Rust: Valve : Boolean := True;', 'Rust: Depth : Float := 2.5;'];
/** In billionths of a US dollar: a few calls come to an amount that a screen shows. */
const PRICES = { pricesNanos: { input: '200000000000', output: '600000000000' }, perUnits: '1000' };

interface Sellers {
  lab: GraphqlClient;
  approver: () => Promise<GraphqlClient>;
  publisher: GraphqlClient;
  signIn: (user: User) => Promise<GraphqlClient>;
  /** Of the buyer's administrator. */
  password: string;
}

interface PublisherBalance {
  payable: { currency: string; minor: string };
}

/**
 * A third partner calls a variant of the publisher's under a contract of seconds. Its invoice charges the use, of which the publisher
 * earns a share: by the platform's own worker, as everywhere. Of what was earned the lab pays half.
 */
export async function ensureEarnings(sellers: Sellers, variant: string): Promise<void> {
  const { lab, publisher } = sellers;
  await finalInvoice(lab, await ensureSale(sellers, variant));
  const { payable } = await earned(publisher);
  const { publisherPayouts } = await lab.query<{ publisherPayouts: { nodes: Array<{ reference: string }> } }>(
    '{ publisherPayouts(first: 100) { nodes { reference } } }',
  );
  if (publisherPayouts.nodes.some(({ reference }) => reference === PAYOUT)) return;
  const input = {
    organizationId: await organizationOf(publisher),
    currency: payable.currency,
    amountMinor: (BigInt(payable.minor) / 2n).toString(),
    reference: PAYOUT,
    paidAt: new Date().toISOString(),
  };
  await lab.mutate('recordPublisherPayout', input, 'publisherPayout { id }');
}

/** Gives the buyer's contract. */
async function ensureSale(sellers: Sellers, variant: string): Promise<string> {
  const { lab, approver, publisher } = sellers;
  const known = await contractNamed(lab, CONTRACT);
  if (known) return known;
  const buyer = await ensureBuyer(sellers);
  const listingId = await ensureListed(sellers, variant, await organizationOf(buyer));
  const call = await callerOf(buyer, variant);
  // Its engine begins to run: that may take longer than the contract does.
  await call(PROMPTS[0]!);
  const perMillion = { priceNanos: '3000000000', perUnits: '1000000' };
  const prices = ['INPUT_TOKENS', 'OUTPUT_TOKENS'].map((meter) => ({
    id: meter.toLowerCase(),
    meter,
    flat: perMillion,
  }));
  const contractId = await agree(
    { lab, approver, partner: buyer },
    {
      name: CONTRACT,
      currency: 'USD',
      termSeconds: TERM_SECONDS,
      purchaseOrder: 'PO 31',
      summary: 'What others list is at their prices.',
      terms: { prices },
    },
  );
  for (const prompt of PROMPTS) await call(prompt);
  // One listing at a time offers a variant: tests offer it, too.
  await publisher.mutate('withdrawListing', { listingId }, 'listing { id }');
  return contractId;
}

async function ensureBuyer({ lab, signIn, password }: Sellers): Promise<GraphqlClient> {
  const { email, name, slug } = BUYER;
  const { organizations } = await lab.query<{ organizations: { nodes: Array<{ slug: string }> } }>(
    '{ organizations(first: 100) { nodes { slug } } }',
  );
  const administrator = { administratorEmail: email, administratorName: 'Buyer', administratorPassword: password };
  if (!organizations.nodes.some((one) => one.slug === slug))
    await lab.mutate('createPartnerOrganization', { name, slug, ...administrator }, 'organization { id }');
  return signIn({ email, password });
}

/** For the buyer alone: the other partner's screens show nothing of it. */
async function ensureListed({ lab, publisher }: Sellers, variant: string, buyerId: string): Promise<string> {
  const offer = { title: SOLD, organizationIds: [buyerId], ...PRICES };
  const listingId = await ensureSubmitted(publisher, variant, offer);
  const document = 'query($id: ID!) { node(id: $id) { ... on Listing { state termsSha256 } } }';
  const { node } = await lab.query<{ node: { state: string; termsSha256: string } }>(document, { id: listingId });
  const approval = { listingId, termsSha256: node.termsSha256, publisherShareBasisPoints: 7_000 };
  if (node.state === 'IN_REVIEW') await lab.mutate('approveListing', approval, 'listing { id }');
  return listingId;
}

/** By a key of its own, as any program calls a model; waits for an answer. */
async function callerOf(buyer: GraphqlClient, model: string): Promise<(prompt: string) => Promise<void>> {
  const project = { name: 'Orbits', slug: `orbits-${randomBytes(4).toString('hex')}` };
  const { project: made } = await buyer.mutate<{ project: { id: string } }>('createProject', project, 'project { id }');
  const key = { name: 'Calls', scopes: ['INFERENCE_CALL'], projectId: made.id };
  const { secret } = await buyer.mutate<{ secret: string }>('createApiKey', key, 'secret');
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
  return async (prompt) => {
    const messages = [{ role: 'user', content: prompt }];
    const body = JSON.stringify({ model, messages, max_tokens: 64, temperature: 0 });
    const ask = () => fetch(`${client('OPENAI_BASE_URL')}/chat/completions`, { method: 'POST', headers, body });
    await pollUntil(ask, { until: ({ ok }) => ok, what: `a call of ${model}`, withinSeconds: 300 });
  };
}

/** What the worker brings into the publisher's books once the invoice is final. */
async function earned(publisher: GraphqlClient): Promise<PublisherBalance> {
  type Answer = { publisherBalances: PublisherBalance[] };
  const ask = async () =>
    (await publisher.query<Answer>('{ publisherBalances { payable { currency minor } } }')).publisherBalances;
  const balances = await pollUntil(ask, {
    until: ({ length }) => length > 0,
    what: 'the share that the screens show',
    withinSeconds: 60,
  });
  return balances[0]!;
}
