import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { MailOutbox } from '#libs/identity';
import { newId } from '#libs/kernel';
import { WebhookOutbox } from '#libs/webhooks';
import { billingScope } from '../billing-scope.js';
import { InvoiceDocumentService } from '../documents/invoice-document.service.js';
import { type Partnership, PartnershipFixture, termsOf } from '../invoices/partnership.fixture.js';
import { InvoiceNews } from './invoice-news.handler.js';

let fixture: PartnershipFixture;
let news: InvoiceNews;
beforeAll(async () => {
  fixture = await PartnershipFixture.start('2024-01-10T12:00:00.000Z');
  const [webhooks, mails] = [new WebhookOutbox(fixture.clock), new MailOutbox(fixture.clock)];
  news = new InvoiceNews(fixture.database, new InvoiceDocumentService(), webhooks, mails);
});
afterAll(() => fixture?.stop());

/** A partner with an endpoint, and the invoice of its January. */
async function invoiced(input: number) {
  fixture.clock.set(new Date('2024-01-10T12:00:00.000Z'));
  const partner = await fixture.agree('2024-04-01T00:00:00.000Z', { terms: termsOf({ taxBasisPoints: 1_900 }) });
  await fixture.database.transaction(partner.scope, (tx) =>
    tx.query(
      `INSERT INTO webhook_endpoints (id, organization_id, url, description, events, created_by, created_at)
       VALUES ($1, :organization, 'https://hooks.example/', '', '{invoice.finalized,invoice.paid}', 'spec', $2)`,
      [newId('whe'), fixture.clock.now()],
    ),
  );
  if (input > 0) await fixture.use(partner, { at: '2024-01-20T08:00:00.000Z', input });
  await fixture.at('2024-02-10T00:00:00.000Z');
  return { partner, invoice: (await fixture.issued(partner))[0]! };
}

/** Handled twice is told once. */
async function finalized({ organizationId }: Partnership, invoiceId: string): Promise<void> {
  for (let time = 0; time < 2; time++)
    await news.finalized({ payload: { invoiceId } } as never, billingScope(organizationId));
}

async function pay(partner: Partnership, invoiceId: string, amountMinor: bigint): Promise<void> {
  const [at, paymentKey] = [fixture.clock.now(), newId('evt')];
  await fixture.asSystem(partner, (tx) =>
    fixture.invoices.recordPayment(tx, { invoiceId, paymentKey, amountMinor, at }),
  );
  const { organizationId } = partner;
  for (let time = 0; time < 2; time++) await news.balanced({ payload: { invoiceId, organizationId } } as never);
}

const mailsOf = ({ scope }: Partnership) =>
  fixture.database.read(scope, (tx) =>
    tx.query<{ permission: string; subject: string; text: string }>(
      'SELECT permission, subject, text FROM mail_outbox WHERE organization_id = :organization ORDER BY created_at, id',
    ),
  );
const hooksOf = async ({ scope }: Partnership) => {
  const rows = await fixture.database.read(scope, (tx) =>
    tx.query<{ body: string }>(
      'SELECT body FROM webhook_deliveries WHERE organization_id = :organization ORDER BY created_at, id',
    ),
  );
  return rows.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> });
};

it('tells what is due, and when it is paid, by mail and webhook, each once', async () => {
  const { partner, invoice } = await invoiced(1_000);
  await finalized(partner, invoice.id);
  const [issued, ...others] = await mailsOf(partner);
  expect(others).toEqual([]);
  expect(issued!.permission).toBe('invoices:read');
  const until = invoice.dueAt!.toISOString().slice(0, 10);
  expect(issued!.subject).toMatch(new RegExp(`^Invoice ${invoice.number} of .*: 11\\.90 USD, payable until ${until}$`));
  for (const line of [
    'Period: 2024-01-10 12:00 UTC to 2024-02-01 00:00 UTC',
    'Purchase order: PO 7',
    `Payment reference: ${invoice.id}`,
    'Subtotal: 10.00 USD',
    'Tax: 1.90 USD',
    'Due: 11.90 USD',
  ])
    expect(issued!.text.split('\n')).toContain(line);

  await pay(partner, invoice.id, 1_000n);
  expect(await mailsOf(partner)).toHaveLength(1);
  await pay(partner, invoice.id, 190n);
  const paid = (await mailsOf(partner)).slice(1);
  expect(paid.map(({ subject }) => subject)).toEqual([`Invoice ${invoice.number} is paid`]);
  expect(paid[0]!.text).toContain('11.90 USD');

  const data = { invoiceId: invoice.id, number: invoice.number, dueMinor: '1190' };
  expect(await hooksOf(partner)).toEqual([
    expect.objectContaining({
      type: 'invoice.finalized',
      data: expect.objectContaining({ ...data, openMinor: '1190' }),
    }),
    expect.objectContaining({ type: 'invoice.paid', data: expect.objectContaining({ ...data, openMinor: '0' }) }),
  ]);
});

it('says where there is nothing to pay', async () => {
  const { partner, invoice } = await invoiced(0);
  await finalized(partner, invoice.id);
  const mails = await mailsOf(partner);
  expect(mails.map(({ subject }) => subject)).toEqual([expect.stringMatching(/: nothing to pay$/)]);
});
