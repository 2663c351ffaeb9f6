import { randomBytes } from 'node:crypto';
import { expect, test } from '@playwright/test';
import { KeyboardPerson } from './support/keyboard.js';
import { user } from './support/platform.js';
import { actAs } from './support/session.js';
import { api, freshVariant, LISTING, world } from './support/world.js';

const SUFFIX = `gone-${randomBytes(4).toString('hex')}`;

// It trains a variant to delete.
test.setTimeout(8 * 60_000);

test('who may deletes a variant with the keyboard, once nothing needs it', async ({ page }) => {
  const { variant } = await world();
  const fresh = await freshVariant(await api(user('PARTNER_ENGINEER')), SUFFIX);
  const person = new KeyboardPerson(page);
  const button = page.getByRole('button', { name: 'Delete', exact: true });
  const dialog = page.getByRole('dialog', { name: 'Delete this variant?' });
  const confirm = dialog.getByRole('button', { name: 'Delete the variant' });
  await actAs(page.context(), 'PARTNER_ENGINEER');

  await test.step('one that is in use says what has to end first', async () => {
    await page.goto(`/models/${variant}`);
    await person.activate(button);
    await expect(dialog.getByText('It is in use', { exact: true })).toBeVisible();
    await expect(dialog.getByRole('link', { name: LISTING })).toHaveAttribute('href', /\/listings\/lst_/);
    await expect(confirm).toHaveAttribute('aria-disabled', 'true');
    await person.expectAccessible();
    await person.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();
  });

  await test.step('one that nothing needs goes, and what is known of it stays', async () => {
    await page.goto(`/models/${fresh}`);
    await person.activate(button);
    await expect(dialog.getByText(/^Its files go: \d+ files, /)).toBeVisible();
    await expect(dialog.getByText(/^Its name, lineage, hashes and figures stay/)).toBeVisible();
    await person.expectAccessible();
    await person.activate(confirm);
    await expect(page.getByText(`${fresh} is deleted`)).toBeVisible();
    await expect(page.getByText(/^Its files were removed/)).toBeVisible();
    await expect(page.getByText(/^By its owner \(user_\w+\)\. What is known of it stays\.$/)).toBeVisible();
    await expect(page.locator('header').getByText('Deleted', { exact: true })).toBeVisible();
    await expect(button).toBeHidden();
    await expect(page.getByRole('button', { name: 'Fork it' })).toHaveAttribute('aria-disabled', 'true');
    await person.expectAccessible();
  });

  await test.step('who may not is not offered it', async () => {
    await actAs(page.context(), 'VIEWER');
    await page.goto(`/models/${variant}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(variant);
    await expect(page.getByText('What you may do')).toBeVisible();
    await expect(button).toBeHidden();
  });
  person.expectNoComplaints();
});
