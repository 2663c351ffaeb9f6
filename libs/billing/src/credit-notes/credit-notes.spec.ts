import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '#libs/kernel';
import { findDisputes } from '../disputes/invoice-dispute.repository.js';
import { InvoiceDisputeService } from '../disputes/invoice-dispute.service.js';
import { unpaidInvoices } from '../dunning/service-state.repository.js';
import { type FinalInvoice, isFinal } from '../invoices/invoice.js';
import { linesOf } from '../invoices/invoice-postings.js';
import { type Partnership, PartnershipFixture, termsOf } from '../invoices/partnership.fixture.js';
import { hashOf } from '../invoicing/index.js';
import { creditNotesOf, findCreditNotes } from './credit-note.repository.js';
import { CreditNoteService, type CreditNoteTerms } from './credit-note.service.js';

let fixture: PartnershipFixture;
let notes: CreditNoteService;
let disputes: InvoiceDisputeService;

beforeAll(async () => {
  fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
  notes = new CreditNoteService(fixture.reports, fixture.clock);
  disputes = new InvoiceDisputeService(fixture.clock);
});
afterAll(() => fixture?.stop());

/** Ids of lines. */
interface Lines {
  input: string;
  training: string;
  tax: string;
}

/** Usage of 900 and 1400 cents, 19% of tax: 2737 are due. */
async function invoiced(part: object = {}): Promise<{ partner: Partnership; invoice: FinalInvoice; lines: Lines }> {
  fixture.clock.set(new Date('2024-01-10T12:00:00.000Z'));
  const partner = await fixture.agree('2024-05-01T00:00:00.000Z', {
    terms: termsOf({ taxBasisPoints: 1_900 }),
    ...part,
  });
  await fixture.use(partner, { at: '2024-01-20T08:00:00.000Z', input: 900 });
  await fixture.use(partner, { at: '2024-01-21T08:00:00.000Z', training: 700 });
  await fixture.at('2024-02-10T00:00:00.000Z');
  const invoice = await current(partner);
  const [training, input, tax] = linesOf(invoice.id, JSON.parse(invoice.document)).map(({ id }) => id);
  return { partner, invoice, lines: { training: training!, input: input!, tax: tax! } };
}

async function current(partner: Partnership): Promise<FinalInvoice> {
  const invoice = (await fixture.issued(partner))[0]!;
  if (!isFinal(invoice)) throw new Error(`${invoice.id} is not final`);
  return invoice;
}

const issue = (terms: Pick<CreditNoteTerms, 'invoiceId' | 'lines'> & Partial<CreditNoteTerms>) =>
  fixture.asLab((tx) => notes.issue(tx, { reason: 'Counted twice', disputeIds: [], refundsPaid: false, ...terms }));
const note = async (id: string) => (await fixture.asLab((tx) => findCreditNotes(tx, [id])))[0]!;
/** As the worker does when it gets the message. */
const post = (partner: Partnership, invoiceId: string) =>
  fixture.asSystem(partner, (tx) => fixture.invoices.postCreditNotes(tx, invoiceId));
const pay = (partner: Partnership, invoiceId: string, amountMinor: bigint) =>
  fixture.asSystem(partner, (tx) => {
    const payment = { invoiceId, paymentKey: `pay ${invoiceId}`, amountMinor, at: fixture.clock.now() };
    return fixture.invoices.recordPayment(tx, payment);
  });
const balanceOf = (
  { organizationId }: Partnership,
  account: 'accounts_receivable' | 'unapplied_payments' | 'tax_payable',
) => fixture.asLab((tx) => fixture.reports.balance(tx, { organizationId, account, currency: 'USD' }));

it('lessens what is open, leaves the invoice and those that follow as they are, and is counted without gaps', async () => {
  const { partner, invoice, lines } = await invoiced();
  const { input, tax } = lines;
  const first = await issue({
    invoiceId: invoice.id,
    lines: [
      { lineId: input, amountMinor: 400n },
      { lineId: tax, amountMinor: 76n },
    ],
  });
  await expect(issue({ invoiceId: invoice.id, lines: [{ lineId: input, amountMinor: 501n }] })).rejects.toMatchObject({
    code: 'CREDIT_NOTE_EXCEEDS',
    message: expect.stringContaining('501 is more than 500'),
  });
  const second = await issue({ invoiceId: invoice.id, lines: [{ lineId: input, amountMinor: 500n }] });
  await post(partner, invoice.id);
  await post(partner, invoice.id);

  const [one, two] = [await note(first), await note(second)];
  expect([two.number - one.number, one.paidMinor, two.paidMinor]).toEqual([1, 0n, 0n]);
  expect(sha256Hex(one.document)).toBe(one.documentSha256);
  expect(JSON.parse(one.document)).toMatchObject({
    invoice: { id: invoice.id, number: invoice.number, documentSha256: invoice.documentSha256 },
    totalMinor: '476',
  });
  expect(await current(partner)).toEqual({ ...invoice, openMinor: 2_737n - 976n });
  expect(await balanceOf(partner, 'accounts_receivable')).toBe(1_761n);
  expect(await balanceOf(partner, 'tax_payable')).toBe(437n - 76n);
  await fixture.use(partner, { at: '2024-02-20T08:00:00.000Z', input: 100 });
  await fixture.at('2024-03-10T00:00:00.000Z');
  const { result } = await fixture.rebuilt(partner);
  const issued = (await fixture.issued(partner)).flatMap(({ documentSha256 }) => documentSha256 ?? []);
  expect(issued).toHaveLength(2);
  expect(result.invoices.map(hashOf)).toEqual(issued);
});

describe('of what was paid', () => {
  it('the rest is owed to the partner, whichever comes first', async () => {
    const owed: Array<[bigint | null, bigint, string]> = [];
    for (const isPaidFirst of [true, false]) {
      const { partner, invoice, lines } = await invoiced();
      if (isPaidFirst) await pay(partner, invoice.id, 2_000n);
      const id = await issue({ invoiceId: invoice.id, lines: [{ lineId: lines.training, amountMinor: 1_000n }] });
      await post(partner, invoice.id);
      if (!isPaidFirst) await pay(partner, invoice.id, 2_000n);
      const { paidMinor } = await note(id);
      owed.push([paidMinor, await balanceOf(partner, 'unapplied_payments'), (await current(partner)).state]);
    }
    expect(owed).toEqual([
      [263n, 263n, 'paid'],
      [0n, 263n, 'paid'],
    ]);
  });

  it('never more is taken back than the invoice asked for: what a credit paid is not owed', async () => {
    fixture.clock.set(new Date('2024-01-10T12:00:00.000Z'));
    const partner = await fixture.agree('2024-05-01T00:00:00.000Z');
    await fixture.grant(partner, { amountMinor: 600n });
    await fixture.use(partner, { at: '2024-01-20T08:00:00.000Z', input: 900 });
    await fixture.at('2024-02-10T00:00:00.000Z');
    const { id, document, dueMinor } = await current(partner);
    expect(dueMinor).toBe(300n);
    const [usage, credit] = linesOf(id, JSON.parse(document));
    const take = (lineId: string, amountMinor: bigint) => issue({ invoiceId: id, lines: [{ lineId, amountMinor }] });
    await expect(take(usage!.id, 301n)).rejects.toMatchObject({ code: 'CREDIT_NOTE_EXCEEDS' });
    await expect(take(credit!.id, 1n)).rejects.toMatchObject({ code: 'INVOICE_LINE_NOT_CREDITABLE' });
    await expect(take(`${id}.9`, 1n)).rejects.toMatchObject({ code: 'INVOICE_LINE_NOT_FOUND' });
    await expect(take(usage!.id, 0n)).rejects.toMatchObject({ code: 'CREDIT_NOTE_INVALID' });
    await take(usage!.id, 300n);
    await post(partner, id);
    expect(await current(partner)).toMatchObject({ state: 'paid', openMinor: 0n });
  });
});

it('is in the books before what is given up, whichever message is handled first', async () => {
  const { partner, invoice, lines } = await invoiced();
  const id = await issue({ invoiceId: invoice.id, lines: [{ lineId: lines.input, amountMinor: 900n }] });
  const closing = { invoiceId: invoice.id, reason: 'Insolvent' };
  await expect(fixture.asLab((tx) => fixture.invoices.void(tx, closing))).rejects.toMatchObject({
    code: 'INVOICE_TOUCHED',
  });
  await fixture.asLab((tx) => fixture.invoices.markUncollectible(tx, closing));
  await fixture.asSystem(partner, (tx) => fixture.invoices.postClosing(tx, invoice.id));
  await post(partner, invoice.id);
  expect(await note(id)).toMatchObject({ paidMinor: 0n });
  expect(await balanceOf(partner, 'accounts_receivable')).toBe(0n);
  expect(await balanceOf(partner, 'unapplied_payments')).toBe(0n);
  expect(await current(partner)).toMatchObject({ state: 'uncollectible', openMinor: 0n });
  await expect(
    issue({ invoiceId: invoice.id, lines: [{ lineId: lines.training, amountMinor: 1n }] }),
  ).rejects.toMatchObject({
    code: 'INVOICE_NOT_CREDITABLE',
  });
});

it('can neither be issued by a partner, nor changed by anybody', async () => {
  const { partner, invoice, lines } = await invoiced();
  const terms = {
    invoiceId: invoice.id,
    reason: 'r',
    lines: [{ lineId: lines.input, amountMinor: 1n }],
    disputeIds: [],
    refundsPaid: false,
  };
  await expect(fixture.database.transaction(partner.scope, (tx) => notes.issue(tx, terms))).rejects.toThrow();
  const id = await issue(terms);
  const write = (sql: string) => fixture.asSystem(partner, (tx) => tx.query(sql, [id]));
  await expect(write('UPDATE credit_notes SET total_minor = 2 WHERE id = $1')).rejects.toThrow('permission denied');
  await post(partner, invoice.id);
  await expect(write('UPDATE credit_notes SET paid_minor = 1 WHERE id = $1')).rejects.toThrow('only ever posted, once');
  const stranger = await fixture.agree('2024-06-01T00:00:00.000Z');
  expect(await fixture.database.read(stranger.scope, (tx) => creditNotesOf(tx, invoice.id))).toEqual([]);
});

it('settles disputes of its lines; nobody is reminded of what is disputed until the lab decides', async () => {
  const { partner, invoice, lines } = await invoiced();
  const invoiceId = invoice.id;
  const dispute = (lineId: string) =>
    fixture.database.transaction(partner.scope, (tx) => disputes.open(tx, { invoiceId, lineId, reason: 'Not ours' }));
  const isDunned = async () => {
    const unpaid = await fixture.asSystem(partner, (tx) => unpaidInvoices(tx, partner.organizationId));
    return unpaid.some(({ id }) => id === invoiceId);
  };
  expect(await isDunned()).toBe(true);
  const [input, training] = [await dispute(lines.input), await dispute(lines.training)];
  expect(await isDunned()).toBe(false);
  await expect(dispute(lines.input)).rejects.toMatchObject({ code: 'DISPUTE_OPEN' });
  const credited = [{ lineId: lines.input, amountMinor: 900n }];
  await expect(issue({ invoiceId, lines: credited, disputeIds: [training] })).rejects.toMatchObject({
    code: 'CREDIT_NOTE_INVALID',
  });
  const creditNoteId = await issue({ invoiceId, lines: credited, disputeIds: [input] });
  const reject = () => fixture.asLab((tx) => disputes.reject(tx, { disputeId: training, reason: 'It was trained' }));
  await reject();
  await expect(reject()).rejects.toMatchObject({ code: 'DISPUTE_CLOSED' });
  expect(await isDunned()).toBe(true);
  expect(await fixture.asLab((tx) => findDisputes(tx, [input, training]))).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: input, state: 'credited', creditNoteId }),
      expect.objectContaining({ id: training, state: 'rejected', rejection: 'It was trained' }),
    ]),
  );
  await expect(dispute(lines.input)).rejects.toMatchObject({ code: 'INVOICE_LINE_NOT_CREDITABLE' });
});
