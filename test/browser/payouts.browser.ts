import { randomBytes } from 'node:crypto';
import { expect, type Page, test } from '@playwright/test';
import type { GraphqlClient } from '#libs/client';
import { KeyboardPerson } from './support/keyboard.js';
import { Person } from './support/person.js';
import { user } from './support/platform.js';
import { actAs } from './support/session.js';
import { api, PAYOUT, world } from './support/world.js';

/** Of this run's own, so that what it looks for is what it made. */
const RUN = randomBytes(4).toString('hex');
const REFERENCE = `Transfer ${RUN}`;
const PUBLISHER = 'Acme Robotics';

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  await world();
});

test('the lab enters a payout by keyboard alone, which its publisher sees', async ({ page }) => {
  const person = new KeyboardPerson(page);
  const dialog = page.getByRole('dialog');
  await actAs(page.context(), 'ADMIN');
  await page.goto('/listings');
  await person.activate(page.getByRole('main').getByRole('link', { name: 'Payouts' }));
  await person.activate(page.getByRole('button', { name: `Enter a payout to ${PUBLISHER} in USD` }));
  const amount = dialog.getByLabel('Amount');
  await expect(amount).toHaveValue(/^[\d.]+$/);
  await test.step('not more than is left to be paid, which the field says', async () => {
    await overwrite(person, amount, '1000000');
    await person.reach(dialog.getByLabel('Sent'));
    await person.write('01052026');
    await person.press('Tab');
    await person.write('0900AM');
    await person.writeInto(dialog.getByLabel('Reference'), REFERENCE);
    await person.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText(/^More than the \$[\d.]+ that are still to be paid/);
    await expect(amount).toBeFocused();
    await person.expectAccessible();
  });
  await test.step('but a part, once it was looked over', async () => {
    await overwrite(person, amount, '0.02');
    await person.press('Enter');
    const summary = dialog.getByRole('region', { name: 'What will be entered' });
    await expect(summary).toBeFocused();
    await expect(summary).toContainText(REFERENCE);
    await expect(summary).toContainText('$0.02');
    await person.expectAccessible();
    await person.activate(dialog.getByRole('button', { name: 'Change it' }));
    await expect(amount).toBeFocused();
    await overwrite(person, amount, '0.01');
    await person.press('Enter');
    await person.activate(dialog.getByRole('button', { name: 'Enter it' }));
    await expect(rowOf(page, REFERENCE)).toContainText('$0.01');
    await expect(rowOf(page, REFERENCE)).toContainText(/by \w+/);
  });
  await test.step('of this publisher alone', async () => {
    await person.activate(page.getByRole('link', { name: PUBLISHER, exact: true }));
    await expect(page.getByRole('heading', { name: `Payouts to ${PUBLISHER}` })).toBeVisible();
    await person.expectAccessible();
  });
  await test.step('as its publisher sees it', async () => {
    await actAs(page.context(), 'PARTNER_ADMIN');
    await page.goto('/listings');
    await person.activate(page.getByRole('link', { name: 'See your payouts' }));
    await expect(rowOf(page, PAYOUT)).toContainText('by the lab');
    await expect(rowOf(page, REFERENCE)).toContainText('$0.01');
    await expect(rowOf(page, REFERENCE)).toContainText('by the lab');
    await person.expectAccessible();
    await person.activate(page.getByRole('link', { name: 'Statement' }));
    const lines = page.getByRole('table', { name: 'Lines of the statement' });
    await expect(lines.getByText('Pay publisher').first()).toBeVisible();
    await person.activate(page.getByRole('main').getByRole('link', { name: 'Payouts' }));
    await expect(page.getByRole('heading', { level: 1, name: 'Payouts' })).toBeVisible();
  });
  expect(person.clicks).toBe(0);
  person.expectNoComplaints();
});

test('what the platform refuses is said beside its field', async ({ page }) => {
  const lab = await api(user('ADMIN'));
  const person = new Person(page);
  const dialog = page.getByRole('dialog');
  await actAs(page.context(), 'ADMIN');
  await page.goto('/payouts');
  await person.click(page.getByRole('button', { name: `Enter a payout to ${PUBLISHER} in USD` }));
  const [amount, reference] = [dialog.getByLabel('Amount'), dialog.getByLabel('Reference')];
  await expect(amount).toHaveValue(/^[\d.]+$/);
  const enter = async () => {
    await person.click(dialog.getByRole('button', { name: 'Look it over' }));
    await person.click(dialog.getByRole('button', { name: 'Enter it' }));
  };
  await test.step('a reference that is taken', async () => {
    await person.type(dialog.getByLabel('Sent'), MORNING);
    await person.type(reference, REFERENCE);
    await enter();
    await expect(dialog.getByRole('alert')).toContainText(`A payout ${REFERENCE} of another amount`);
    await expect(reference).toBeFocused();
    await person.expectAccessible();
  });
  await test.step('a time to come', async () => {
    await person.type(reference, `${REFERENCE} again`);
    await person.type(dialog.getByLabel('Sent'), '2099-01-01T09:00');
    await enter();
    await expect(dialog.getByRole('alert')).toContainText('lies in the future');
    await expect(dialog.getByLabel('Sent')).toBeFocused();
  });
  await test.step('more than is left once somebody else has entered one', async () => {
    await enterCent(lab);
    await person.type(dialog.getByLabel('Sent'), MORNING);
    await enter();
    await expect(dialog.getByRole('alert')).toContainText('which is what is payable to');
    await expect(amount).toBeFocused();
    await person.expectAccessible();
  });
  await test.step('and nothing of it was entered', async () => {
    await person.click(dialog.getByRole('button', { name: 'Cancel' }));
    await expect(dialog).toBeHidden();
    await expect(rowOf(page, REFERENCE)).toHaveCount(2);
    await expect(rowOf(page, `${REFERENCE} again`)).toHaveCount(0);
  });
  person.expectNoComplaints();
});

const MORNING = '2026-01-05T09:00';

function rowOf(page: Page, text: string) {
  return page.getByRole('row').filter({ hasText: text });
}

async function overwrite(person: KeyboardPerson, field: Parameters<KeyboardPerson['reach']>[0], text: string) {
  await person.reach(field);
  await person.press('ControlOrMeta+A');
  await person.write(text);
}

async function enterCent(lab: GraphqlClient): Promise<void> {
  const { publisherBalances } = await lab.query<{ publisherBalances: Array<{ organizationId: string }> }>(
    '{ publisherBalances { organizationId } }',
  );
  const sent = {
    currency: 'USD',
    amountMinor: '1',
    reference: `${REFERENCE} by another`,
    paidAt: '2026-01-05T09:00:00Z',
  };
  const input = { ...sent, organizationId: publisherBalances[0]!.organizationId };
  await lab.mutate('recordPublisherPayout', input, 'publisherPayout { id }');
}
