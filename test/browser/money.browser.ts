import { randomBytes } from 'node:crypto';
import { expect, type Page, test } from '@playwright/test';
import { type GraphqlClient, pollUntil } from '#libs/client';
import { KeyboardPerson } from './support/keyboard.js';
import { Person } from './support/person.js';
import { user } from './support/platform.js';
import { actAs } from './support/session.js';
import { api, LICENSE, WEBHOOK, type World, world } from './support/world.js';

/** Of this run's own, so that what it looks for is what it made. */
const RUN = randomBytes(4).toString('hex');

test.describe.configure({ mode: 'serial' });
let there: World;
test.beforeAll(async () => {
  there = await world();
});

test("a partner bounds what it spends, within the lab's cap", async ({ page }) => {
  const { contractId, organizationId } = there.invoice;
  const lab = await api(user('ADMIN'));
  const limit = { limitNanos: '100000000000', currency: 'EUR', period: 'MONTH' };
  const input = { ...limit, organizationId, contractId, clause: `Spending ${RUN}` };
  const { spendCap } = await lab.mutate<{ spendCap: { id: string } }>('setSpendCap', input, 'spendCap { id }');
  const person = new Person(page);
  await actAs(page.context(), 'OTHER_PARTNER_ADMIN');
  await page.goto('/caps');
  await expect(page.getByText(`Spending ${RUN}`)).toBeVisible();
  await person.click(page.getByRole('button', { name: 'Set a cap' }));
  const dialog = page.getByRole('dialog');
  await test.step('not above it, which the field says', async () => {
    await person.type(dialog.getByLabel('Limit'), '100.01');
    await person.click(dialog.getByRole('button', { name: 'Set the cap' }));
    await expect(dialog.getByRole('alert')).toContainText('set yours at most as high');
    await person.expectAccessible();
  });
  await test.step('but below', async () => {
    await person.type(dialog.getByLabel('Limit'), '50');
    await person.click(dialog.getByRole('button', { name: 'Set the cap' }));
    await expect(rowOf(page, '€50.00')).toBeVisible();
  });
  await test.step('and no longer', async () => {
    await person.click(rowOf(page, '€50.00').getByRole('button', { name: 'Remove' }));
    await person.click(page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }));
    await expect(rowOf(page, '€50.00')).toHaveCount(0);
  });
  await lab.mutate('removeSpendCap', { spendCapId: spendCap.id }, 'spendCap { id }');
  person.expectNoComplaints();
});

test('a partner disputes a line, which the lab rejects; the lab enters a transfer', async ({ page }) => {
  const person = new Person(page);
  const reason = `Not agreed ${RUN}`;
  const answer = `By clause 4 ${RUN}`;
  const dialog = page.getByRole('dialog');
  const sayWhy = async (button: string, why: string) => {
    await person.type(dialog.getByLabel('Reason'), why);
    await person.click(dialog.getByRole('button', { name: button }));
  };
  await test.step('dispute', async () => {
    await actAs(page.context(), 'OTHER_PARTNER_ADMIN');
    await page.goto(`/invoices/${there.invoice.id}`);
    await person.click(page.getByRole('button', { name: /^Dispute Up to the minimum/ }));
    await sayWhy('Dispute', reason);
    await expect(page.getByText(`“${reason}”`)).toBeVisible();
  });
  await test.step('reject', async () => {
    await actAs(page.context(), 'ADMIN');
    await page.goto(`/invoices/${there.invoice.id}`);
    await person.click(page.getByRole('button', { name: /^Reject the dispute/ }));
    await sayWhy('Reject', answer);
    await expect(page.getByText(`The lab: “${answer}”`)).toBeVisible();
  });
  await test.step('enter a transfer', async () => {
    await person.click(page.getByRole('button', { name: 'Enter a transfer' }));
    await person.type(dialog.getByLabel('Amount'), '0.01');
    await person.type(dialog.getByLabel('Came'), '2026-01-05T09:00');
    await person.type(dialog.getByLabel('Reference'), `Transfer ${RUN}`);
    await person.click(dialog.getByRole('button', { name: 'Enter it' }));
    await expect(rowOf(page, `Transfer ${RUN}`)).toBeVisible();
    await person.expectAccessible();
  });
  person.expectNoComplaints();
});

test('what a partner paid too much pays another invoice, by keyboard alone', async ({ page }) => {
  const lab = await api(user('ADMIN'));
  await payTooMuch(lab, there.overpaid.id);
  const person = new KeyboardPerson(page);
  const dialog = page.getByRole('dialog');
  const amount = dialog.getByLabel('Amount');
  const applied = page.getByRole('table', { name: 'Payments applied to the invoice' }).getByRole('row');
  await actAs(page.context(), 'ADMIN');
  await page.goto(`/invoices/${there.invoice.id}`);
  await person.activate(page.getByRole('button', { name: 'Apply to this invoice' }));
  await test.step('not more than there is', async () => {
    await person.overwrite(amount, '1000000');
    await person.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText(/^More than the €[\d.,]+ that can be applied/);
    await person.expectAccessible();
  });
  await test.step('but a part', async () => {
    const before = await applied.count();
    await person.overwrite(amount, '0.01');
    await person.press('Enter');
    await expect(applied).toHaveCount(before === 0 ? 2 : before + 1);
    await expect(applied.last()).toContainText('€0.01');
    await person.expectAccessible();
  });
  await test.step('which the partner sees', async () => {
    await actAs(page.context(), 'OTHER_PARTNER_ADMIN');
    await page.goto(`/invoices/${there.invoice.id}`);
    await expect(applied.last()).toContainText('€0.01');
    await expect(page.getByRole('button', { name: 'Apply to this invoice' })).toBeHidden();
  });
  expect(person.clicks).toBe(0);
  person.expectNoComplaints();
});

test('the lab credits a line that a partner disputes', async ({ page }) => {
  const partner = await api(user('OTHER_PARTNER_ADMIN'));
  const lineId = await minimumOf(partner, there.invoice.id);
  const dispute = { invoiceId: there.invoice.id, lineId, reason: `Twice ${RUN}` };
  await partner.mutate('disputeInvoiceLine', dispute, 'invoiceDispute { id }');
  const person = new Person(page);
  const dialog = page.getByRole('dialog');
  const field = dialog.getByLabel('Up to the minimum of the period');
  await actAs(page.context(), 'ADMIN');
  await page.goto(`/invoices/${there.invoice.id}`);
  await person.click(page.getByRole('button', { name: 'Issue a credit note' }));
  await person.type(dialog.getByLabel('Reason'), `Credited ${RUN}`);
  await test.step('not more than is left of it', async () => {
    await person.type(field, '1000000');
    await person.click(dialog.getByRole('button', { name: 'Issue it' }));
    await expect(dialog.getByRole('alert')).toContainText('More than is left of the line');
    await person.expectAccessible();
  });
  await test.step('but a part', async () => {
    await person.type(field, '0.01');
    await person.click(dialog.getByRole('checkbox', { name: 'Settles the dispute' }));
    await person.click(dialog.getByRole('button', { name: 'Issue it' }));
    await expect(rowOf(page, `Credited ${RUN}`)).toContainText('€0.01');
    await expect(rowOf(page, `Twice ${RUN}`)).toContainText('Credited');
  });
  person.expectNoComplaints();
});

test('the lab publishes a licence, which a partner accepts by keyboard alone', async ({ page }) => {
  const lab = new Person(page);
  const dialog = page.getByRole('dialog');
  await actAs(page.context(), 'ADMIN');
  await page.goto('/licenses');
  await lab.click(page.getByRole('button', { name: 'Publish a version' }));
  await lab.type(dialog.getByLabel('Name'), LICENSE);
  await lab.type(dialog.getByLabel('Holds from'), '2099-01-02T00:00');
  await lab.type(dialog.getByLabel('Text'), `Terms of ${RUN}`);
  await lab.expectAccessible();
  await lab.click(dialog.getByRole('button', { name: 'Publish' }));
  await expect(dialog).toBeHidden();
  lab.expectNoComplaints();
  lab.leave();
  const person = new KeyboardPerson(page);
  await actAs(page.context(), 'PARTNER_ADMIN');
  await page.goto('/licenses');
  await person.activate(page.getByRole('link', { name: new RegExp(`^${LICENSE}, version`) }).first());
  await expect(page.getByText(`Terms of ${RUN}`)).toBeVisible();
  await person.activate(page.getByRole('button', { name: 'Accept', exact: true }));
  await person.activate(page.getByRole('alertdialog').getByRole('button', { name: 'Accept' }));
  await expect(page.getByRole('table', { name: 'Acceptances' }).getByRole('row')).toHaveCount(2);
  expect(person.clicks).toBe(0);
  await person.expectAccessible();
  person.expectNoComplaints();
});

test('a partner makes an endpoint by keyboard alone, rotates its secret, sends again what failed', async ({ page }) => {
  const person = new KeyboardPerson(page);
  const dialog = page.getByRole('dialog');
  const copied = page.getByRole('button', { name: 'I have copied it' });
  await actAs(page.context(), 'OTHER_PARTNER_ADMIN');
  await page.goto('/webhooks');
  await test.step('make it', async () => {
    await person.activate(page.getByRole('button', { name: 'New endpoint' }));
    await person.writeInto(dialog.getByLabel('Address'), `${WEBHOOK}/${RUN}`);
    await person.press('Enter');
    await expect(dialog.getByText(/^whsec_/)).toBeVisible();
    await person.expectAccessible();
    await person.activate(copied);
  });
  await test.step('rotate, and remove it', async () => {
    await person.activate(page.getByRole('link', { name: `${WEBHOOK}/${RUN}` }));
    await person.activate(page.getByRole('button', { name: 'Rotate the secret' }));
    await person.activate(page.getByRole('alertdialog').getByRole('button', { name: 'Rotate' }));
    await expect(dialog.getByText(/^whsec_/)).toBeVisible();
    await person.activate(copied);
    await person.activate(page.getByRole('button', { name: 'Remove' }));
    await person.activate(page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }));
    await expect(page.getByRole('heading', { name: 'Webhooks' })).toBeVisible();
    await expect(page.getByText(`${WEBHOOK}/${RUN}`)).toHaveCount(0);
  });
  await test.step('send again what failed', async () => {
    await person.activate(page.getByRole('link', { name: WEBHOOK, exact: true }));
    await person.activate(page.getByRole('button', { name: /^Show Invoice finalized/ }).first());
    await expect(page.getByText('"type":"invoice.finalized"')).toBeVisible();
    await person.expectAccessible();
    await person.activate(page.getByRole('button', { name: /^Send again Invoice finalized/ }).first());
    await expect(page.getByText('It is sent again')).toBeVisible();
  });
  expect(person.clicks).toBe(0);
  person.expectNoComplaints();
});

test('a partner exports its journal, by keyboard alone', async ({ page }) => {
  const person = new KeyboardPerson(page);
  await actAs(page.context(), 'OTHER_PARTNER_ADMIN');
  await page.goto('/ledger');
  await person.activate(page.getByRole('link', { name: 'Export', exact: true }));
  await person.activate(page.getByRole('button', { name: 'New export' }));
  await person.reach(page.getByRole('dialog').getByLabel('First day'));
  await person.press('Enter');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    person.activate(page.getByRole('button', { name: /^Download / }).first()),
  ]);
  expect(await download.failure()).toBeNull();
  expect(person.clicks).toBe(0);
  person.expectNoComplaints();
});

function rowOf(page: Page, text: string) {
  return page.getByRole('row').filter({ hasText: text });
}

/** Five cents more than is open, and they are in the books. */
async function payTooMuch(lab: GraphqlClient, invoiceId: string): Promise<void> {
  type Answer = { node: { open: { minor: string }; unapplied: { minor: string } } };
  const document = 'query($id: ID!) { node(id: $id) { ... on Invoice { open { minor } unapplied { minor } } } }';
  const ask = async () => (await lab.query<Answer>(document, { id: invoiceId })).node;
  const { open, unapplied } = await ask();
  const input = { invoiceId, reference: `Too much ${RUN}`, receivedAt: new Date().toISOString() };
  const amountMinor = (BigInt(open.minor) + 5n).toString();
  await lab.mutate('recordBankTransfer', { ...input, amountMinor }, 'invoice { id }');
  await pollUntil(ask, {
    until: (node) => BigInt(node.unapplied.minor) > BigInt(unapplied.minor),
    what: 'what was paid too much',
    withinSeconds: 60,
  });
}

async function minimumOf(partner: GraphqlClient, id: string): Promise<string> {
  type Answer = { node: { lines: Array<{ id: string; part: string }> } };
  const document = 'query($id: ID!) { node(id: $id) { ... on Invoice { lines { id part } } } }';
  const { node } = await partner.query<Answer>(document, { id });
  return node.lines.find(({ part }) => part === 'MINIMUM')!.id;
}
