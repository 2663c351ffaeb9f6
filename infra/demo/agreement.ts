import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { GraphqlClient, type PresignedRequest, pollUntil, signIn } from '#libs/client';
import { LIST_PRICES } from '../seed/list-prices.js';
import { settings } from './settings.js';

/** Long enough for both sides to sign, also on a slow machine. */
const SIGNING_SECONDS = 8;
/** A term so short that its invoice comes while one watches: fine-tunes that are accepted in it are its, whenever they end. */
const TERM_SECONDS = 150;
/** The worker looks for periods that are over every minute. */
const INVOICE_SECONDS = 240;
const PREPAID_MINOR = '500';
const CREDIT_MINOR = '10';
const SPEND_CAP_EXCEEDED = 'spend_cap_exceeded';

/** A tenth off them is agreed. */
const PRICES = LIST_PRICES.map(({ meter, ...flat }) => ({ id: meter.toLowerCase(), meter, flat }));

/** Who signs and who pays: people, since keys may not. */
export interface Signatories {
  /** Of the lab: drafts, grants credits, enters payments. */
  drafter: GraphqlClient;
  /** Of the lab: another pair of eyes. */
  approver: GraphqlClient;
  /** Of the partner. */
  payer: GraphqlClient;
}

export interface Agreement {
  contractId: string;
  endsAt: Date;
}

export interface Invoice {
  id: string;
  state: string;
  number: number | null;
  documentSha256: string | null;
  due: { minor: string; display: string } | null;
  open: { minor: string; display: string } | null;
  lines: Array<{ part: string; meter: string | null; quantity: string | null; amount: { display: string } }>;
}

interface Version {
  id: string;
  documentSha256: string;
}

export async function signInSignatories(): Promise<Signatories> {
  const enter = async ({ email, password }: { email: string; password: string }) =>
    new GraphqlClient(await signIn(settings.origin, email, password));
  const { drafter, approver, payer } = settings.signatories;
  return { drafter: await enter(drafter), approver: await enter(approver), payer: await enter(payer) };
}

/** Drafted, approved by somebody else, accepted by the partner, each with the hash of what was read; and in force when this resolves. */
export async function agree({ drafter, approver, payer }: Signatories): Promise<Agreement> {
  const startsAt = new Date(Date.now() + 1000 * SIGNING_SECONDS);
  const endsAt = new Date(startsAt.getTime() + 1000 * TERM_SECONDS);
  const term = { from: startsAt.toISOString(), to: endsAt.toISOString() };
  const { contract, contractVersion } = await drafter.mutate<{ contract: { id: string }; contractVersion: Version }>(
    'draftContract',
    {
      organizationId: await organizationOf(payer),
      name: `Pilot of ${term.from}`,
      currency: 'USD',
      startsAt: term.from,
      endsAt: term.to,
      graceDays: 0,
      purchaseOrder: 'PO 4500017',
      summary: 'A pilot: five dollars in advance, a tenth off the list prices.',
      terms: {
        prices: PRICES,
        discounts: [{ id: 'pilot', basisPoints: 1_000 }],
        commitments: [
          { ...term, id: 'advance', kind: 'PREPAID', amountMinor: PREPAID_MINOR, overageBasisPoints: 10_000 },
        ],
        taxBasisPoints: 1_900,
      },
    },
    'contract { id } contractVersion { id documentSha256 }',
  );
  const { id: contractVersionId, documentSha256 } = contractVersion;
  const signing = (signatoryName: string, signatoryTitle: string) => ({
    contractVersionId,
    documentSha256,
    signatoryName,
    signatoryTitle,
  });
  await drafter.mutate('submitContractVersion', { contractVersionId }, 'contractVersion { id }');
  await approver.mutate('offerContractVersion', signing('Ada Approver', 'Counsel'), 'contractVersion { id }');
  await payer.mutate('acceptContractVersion', signing('Bo Payer', 'Head of procurement'), 'contractVersion { id }');
  await sleep(Math.max(0, startsAt.getTime() - Date.now()));
  return { contractId: contract.id, endsAt };
}

export async function grantCredit({ drafter }: Signatories, { contractId }: Agreement): Promise<void> {
  const input = { contractId, reason: 'For a good start', amountMinor: CREDIT_MINOR };
  await drafter.mutate('createCreditGrant', input, 'creditGrant { id }');
}

/** Why a job does not begin while the project may spend a tenth of a cent; afterwards it may spend as before. */
export async function stoppedByCap({ payer }: Signatories, run: () => Promise<unknown>): Promise<string> {
  const { projectId } = settings;
  const input = { projectId, limitNanos: '1000000', currency: 'USD', period: 'MONTH', isHard: true };
  const { spendCap } = await payer.mutate<{ spendCap: { id: string } }>('setSpendCap', input, 'spendCap { id }');
  const refusal = await run().then(() => 'it succeeded', String);
  await payer.mutate('removeSpendCap', { spendCapId: spendCap.id }, 'spendCap { id }');
  if (refusal.includes(SPEND_CAP_EXCEEDED)) return refusal;
  throw new Error(`the spend cap did not stop the job: ${refusal}`);
}

/** The invoice of the term, once that is over; tells how long it is until then. */
export async function invoiceOf(
  { payer }: Signatories,
  { contractId, endsAt }: Agreement,
  onWait: (text: string) => void,
): Promise<Invoice> {
  for (let left = secondsUntil(endsAt); left > 0; left = secondsUntil(endsAt)) {
    onWait(`the term ends in ${left} s`);
    await sleep(1_000);
  }
  onWait('the term is over: the worker makes its invoice within a minute');
  return invoiceWhere(payer, contractId, ({ documentSha256 }) => documentSha256 !== null);
}

/** As somebody of the lab reads it off the bank's statement. */
export async function payByTransfer(
  { drafter, payer }: Signatories,
  { contractId }: Agreement,
  invoice: Invoice,
): Promise<Invoice> {
  const input = {
    invoiceId: invoice.id,
    reference: `Invoice ${invoice.number}`,
    amountMinor: invoice.due!.minor,
    receivedAt: new Date().toISOString(),
  };
  await drafter.mutate('recordBankTransfer', input, 'invoice { id }');
  return invoiceWhere(payer, contractId, ({ state }) => state === 'PAID');
}

/** The partner's export of an invoice, made into an invoice again without the platform. */
export async function rebuild({ payer }: Signatories, { id }: Invoice): Promise<string> {
  await payer.mutate('exportInvoice', { invoiceId: id }, 'invoice { id }');
  const document = 'query($id: ID!) { node(id: $id) { ... on Invoice { export { file { method url headers } } } } }';
  const read = async () =>
    (await payer.query<{ node: { export: { file: PresignedRequest | null } } }>(document, { id })).node.export.file;
  const file = (await pollUntil(read, { until: (made) => made !== null, what: 'the export of the invoice' }))!;
  await mkdir(settings.output, { recursive: true });
  const path = join(settings.output, `${id}.jsonl.gz`);
  const { ok, status, body } = await fetch(file.url, { method: file.method, headers: file.headers });
  if (!ok || !body) throw new Error(`the export could not be fetched: ${status}`);
  await pipeline(Readable.fromWeb(body as never), createWriteStream(path));
  const { stdout } = await execa(process.execPath, ['dist/infra/commands/invoice-rebuild.js', path]);
  return `${path}\n${stdout}`;
}

async function organizationOf(client: GraphqlClient): Promise<string> {
  return (await client.query<{ me: { organization: { id: string } } }>('{ me { organization { id } } }')).me
    .organization.id;
}

/** Of the term's one month: what ends after it is charged on another invoice, which is listed before. */
async function invoiceWhere(
  client: GraphqlClient,
  contractId: string,
  until: (invoice: Invoice) => boolean,
): Promise<Invoice> {
  const document = `query($contractId: ID!) { invoices(contractId: $contractId, first: 10) { nodes {
    id state number documentSha256 due { minor display } open { minor display }
    lines { part meter quantity amount { display } } } } }`;
  const read = async () =>
    (await client.query<{ invoices: { nodes: Invoice[] } }>(document, { contractId })).invoices.nodes.at(-1);
  const found = await pollUntil(read, {
    until: (invoice) => invoice !== undefined && until(invoice),
    what: 'the invoice',
    withinSeconds: INVOICE_SECONDS,
  });
  return found!;
}

function secondsUntil(time: Date): number {
  return Math.ceil((time.getTime() - Date.now()) / 1000);
}
