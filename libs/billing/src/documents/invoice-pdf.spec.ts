import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { sha256Hex } from '#libs/kernel';
import { type Partnership, PartnershipFixture, termsOf } from '../invoices/partnership.fixture.js';
import { InvoiceDocumentService } from './invoice-document.service.js';
import { invoicePdf } from './invoice-pdf.js';
import type { InvoiceSheet } from './invoice-sheet.js';

let fixture: PartnershipFixture;
let partner: Partnership;
const documents = new InvoiceDocumentService();

beforeAll(async () => {
  fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
  partner = await fixture.agree('2024-04-01T00:00:00.000Z', {
    terms: termsOf({ taxBasisPoints: 1_900, paymentDays: 45 }),
  });
  await fixture.grant(partner, { amountMinor: 300n });
  await fixture.use(partner, { at: '2024-01-20T08:00:00.000Z', input: 90_000 });
  await fixture.use(partner, { at: '2024-01-21T08:00:00.000Z', training: 700 });
  await fixture.at('2024-02-10T00:00:00.000Z');
});
afterAll(() => fixture?.stop());

const sheetOf = (id: string, { scope } = partner as Pick<Partnership, 'scope'>) =>
  fixture.database.read(scope, (tx) => documents.sheet(tx, id));

/** What is shown, page by page: the fonts' own encoding in hex, since nothing is compressed. */
function textOf(pdf: Buffer): string[] {
  const pages = pdf.toString('latin1').match(/stream\n[\s\S]*?\nendstream/g)!;
  return pages.map((page) =>
    [...page.matchAll(/\[(.*?)\] TJ/g)]
      .map(([, parts]) => [...parts!.matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => Buffer.from(hex!, 'hex')))
      .map((parts) => Buffer.concat(parts).toString('latin1'))
      .join('\n'),
  );
}

it('shows what the document says, and is the same bytes for both sides at any time', async () => {
  const invoice = (await fixture.issued(partner))[0]!;
  const pdf = await invoicePdf(await sheetOf(invoice.id));
  await fixture.at('2024-02-20T00:00:00.000Z');
  expect(sha256Hex(await invoicePdf(await sheetOf(invoice.id, fixture.lab)))).toBe(sha256Hex(pdf));

  const [text, ...others] = textOf(pdf).filter(Boolean);
  expect(others).toEqual([]);
  for (const shown of [
    `Invoice ${invoice.number}`,
    '2024-03-26',
    'PO 7',
    invoice.id,
    '90,000',
    '0.01 USD per 1',
    '900.00 USD',
    '14.00 USD',
    '-3.00 USD',
    '911.00 USD',
    '173.09 USD',
    '1084.09 USD',
    'page 1 of 1',
    invoice.documentSha256!,
  ])
    expect(text).toContain(shown);
});

it('goes on on further pages, none of which is empty, and loses no line and no letter', async () => {
  const { id } = (await fixture.issued(partner))[0]!;
  const sheet = await sheetOf(id);
  const lines = Array.from({ length: 120 }, (_, position) => ({
    description: `Line ${position + 1} of many words, so that it is wider than its column`,
    quantity: '1',
    price: '',
    amount: '1.00 USD',
  }));
  const long: InvoiceSheet = { ...sheet, to: 'Žofie & Søn', lines };
  const pages = textOf(await invoicePdf(long)).filter(Boolean);
  expect(pages.length).toBeGreaterThan(3);
  for (const [index, page] of pages.entries()) {
    expect(page).toContain(`page ${index + 1} of ${pages.length}`);
    expect(page).toContain('1.00 USD');
    expect(page).toContain(sheet.documentSha256);
  }
  const all = pages.join('\n');
  for (const [position] of lines.entries()) expect(all).toContain(`Line ${position + 1} of`);
  expect(all).toContain('U+17Dofie & S\xf8n');
});

it('is there of what is final, for the two sides of the contract', async () => {
  const [first] = await fixture.issued(partner);
  const draft = (await fixture.issued(partner)).at(-1)!;
  await expect(sheetOf(draft.id)).rejects.toMatchObject({ code: 'INVOICE_NOT_FINALIZED' });
  const stranger = await fixture.agree('2024-06-01T00:00:00.000Z');
  await expect(sheetOf(first!.id, stranger)).rejects.toMatchObject({ code: 'INVOICE_NOT_FOUND' });
});
