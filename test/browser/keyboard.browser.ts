import { randomBytes } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { KeyboardPerson } from './support/keyboard.js';
import { client, user } from './support/platform.js';
import { DEPLOYMENT, withFewRows, world } from './support/world.js';

const KEY = `Keyboard ${randomBytes(4).toString('hex')}`;
const PROMPT = 'Rust: Pump : Integer := 3;';

test('everything is done with the keyboard alone', async ({ page }) => {
  await world();
  const person = new KeyboardPerson(page);
  const navigation = page.getByRole('navigation', { name: 'Main' });
  const goTo = (name: string) => person.activate(navigation.getByRole('link', { name, exact: true }));

  await test.step('sign in', async () => {
    const { email, password } = user('PARTNER_ENGINEER');
    await page.goto('/');
    await person.writeInto(page.getByLabel('Email'), email);
    await person.writeInto(page.getByLabel('Password'), password);
    await person.press('Enter');
    await expect(navigation).toBeVisible();
  });

  await test.step('pick a fork point on the river', async () => {
    await goTo('Lineage');
    await person.reach(page.getByRole('radio').and(page.locator('[tabindex="0"]')));
    await person.press('Home');
    await person.press('ArrowRight');
    await expect(page).not.toHaveURL(new RegExp(`at=${client('FORKPOINT_EARLY_CHECKPOINT')}$`));
    await person.press('End');
    await expect(page).toHaveURL(new RegExp(`at=${client('FORKPOINT_LATEST_CHECKPOINT')}$`));
    await expect(page.getByRole('radio', { checked: true })).toBeFocused();
    await person.activate(page.getByRole('link', { name: 'Fine-tune from here' }));
  });

  await test.step('bring a file and launch', async () => {
    const button = page.getByRole('button', { name: 'Choose a file', exact: true });
    await withFewRows(32, async (path) => {
      await person.bringFile(button, path);
      await expect(page.getByText('32 rows to train on, no errors')).toBeVisible({ timeout: 60_000 });
    });
    await expect(page.getByText(/^\$0\.\d+ at most$/)).toBeVisible();
    await person.activate(page.getByRole('button', { name: 'Launch fine-tune' }));
    await expect(page).toHaveURL(/\/fine-tunes\/ftjob_/);
  });

  await test.step('read a chart as a table', async () => {
    const loss = page.getByRole('figure', { name: 'Loss' });
    await expect(loss).toBeVisible({ timeout: 120_000 });
    await person.activate(loss.getByRole('button', { name: 'Show as table' }));
    await expect(loss.getByRole('cell').first()).toHaveText('1');
  });

  await test.step('ask a model', async () => {
    await goTo('Playground');
    const models = page.getByRole('combobox', { name: 'Left model' });
    await expect(models.getByRole('option')).not.toHaveCount(1);
    await person.reach(models);
    await person.write(client('FORKPOINT_LATEST_CHECKPOINT'));
    await expect(models).toHaveValue(client('FORKPOINT_LATEST_CHECKPOINT'));
    await person.writeInto(page.getByLabel('Message', { exact: true }), PROMPT);
    await person.press('Enter');
    const conversation = page.getByRole('log', { name: 'Conversation with the left model' });
    await expect(conversation).toContainText(PROMPT);
    await expect(page.getByText(/ tokens? in, /)).toBeVisible({ timeout: 150_000 });
  });

  await test.step('make a key and revoke it', async () => {
    await goTo('API keys');
    await person.activate(page.getByRole('button', { name: 'New key' }));
    await person.writeInto(page.getByRole('dialog').getByLabel('Name'), KEY);
    await person.press('Enter');
    await person.activate(page.getByRole('button', { name: 'I have copied it' }));
    await person.activate(page.getByRole('button', { name: `Revoke ${KEY}` }));
    await person.activate(page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }));
    await expect(page.getByText(`${KEY} is revoked`)).toBeVisible();
  });

  await test.step('switch what a deployment answers with', async () => {
    await goTo('Deployments');
    await person.activate(page.getByRole('link', { name: new RegExp(`${DEPLOYMENT}$`) }));
    await person.activate(page.getByRole('button', { name: /^Switch to revision/ }).first());
    await person.activate(page.getByRole('alertdialog').getByRole('button', { name: 'Switch' }));
    await expect(page.getByText(/^Revision \d answers$/)).toBeVisible();
  });

  await test.step('sign out', async () => {
    await person.activate(page.getByRole('button', { name: /^Account:/ }));
    const item = page.getByRole('menuitem', { name: 'Sign out' });
    await expect(item).toBeVisible();
    await person.press('End');
    await expect(item).toBeFocused();
    await person.press('Enter');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  });

  expect(person.clicks).toBe(0);
  person.expectNoComplaints();
});
