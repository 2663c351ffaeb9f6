import { randomBytes } from 'node:crypto';
import { type BrowserContext, expect, type Locator, type Page, test } from '@playwright/test';
import { draftCheckpoint } from './support/draft-checkpoint.js';
import { Person } from './support/person.js';
import { client, user } from './support/platform.js';
import { actAs } from './support/session.js';
import { api, world } from './support/world.js';

/** Names of this run's own, so that what it looks for is what it made. */
const RUN = randomBytes(4).toString('hex');
const MEMBER = `Grace ${RUN}`;
const EMAIL = `grace-${RUN}@acme.example`;
const ACCOUNT = `nightly-${RUN}`;
const CLAUSE = `Addendum ${RUN}`;
const PRICES = `Prices ${RUN}`;
const FAMILY = `journey-${RUN}`;

test.describe.configure({ mode: 'serial' });
test.beforeAll(async () => {
  await world();
});

test('an administrator adds a member and a program, sees usage, and removes the member', async ({ page, browser }) => {
  const person = new Person(page);
  await person.signIn(user('PARTNER_ADMIN'));
  const password = await test.step('add a member', () => addMember(page, person));

  const theirs = await browser.newContext();
  const member = await test.step('who signs in and chooses a password', () => arrive(theirs, password));

  const secret = await test.step('make a service account and its key', () => makeProgram(page, person));
  await test.step('by which the program calls', async () => {
    const answer = await fetch(`${client('OPENAI_BASE_URL')}/models`, {
      headers: { authorization: `Bearer ${secret}` },
    });
    expect(answer.status).toBe(200);
  });

  await test.step('see what is used', async () => {
    await person.click(page.getByRole('link', { name: 'Usage', exact: true }));
    await expect(page.getByRole('heading', { level: 2, name: /^\$0\.\d+ in 30 days$/ })).toBeVisible();
    await page.getByLabel('Split by').selectOption('KIND');
    await expect(page.getByRole('table', { name: 'Usage by kind' })).toBeVisible();
  });

  await test.step('remove the member, whose session ends', async () => {
    await person.click(page.getByRole('link', { name: 'Members', exact: true }));
    await person.click(page.getByRole('button', { name: `Change ${MEMBER}` }));
    await person.click(page.getByRole('menuitem', { name: 'Remove' }));
    await person.click(page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }));
    await expect(page.getByText(`${MEMBER} is removed`)).toBeVisible();
    await member.getByRole('link', { name: 'Fine-tunes', exact: true }).click();
    await expect(member.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  });
  await theirs.close();
  person.expectNoComplaints();
});

test('an operator entitles, prices, publishes, tags and retires', async ({ page }) => {
  const person = new Person(page);
  await person.signIn(user('OPERATOR'));
  await test.step('grant', async () => {
    await person.click(page.getByRole('link', { name: 'Entitlements', exact: true }));
    await person.click(page.getByRole('button', { name: 'Grant' }));
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Partner').selectOption({ label: 'Borealis Avionics' });
    await dialog.getByLabel('Family').selectOption({ index: 1 });
    await person.type(dialog.getByLabel('Clause'), CLAUSE);
    await person.click(dialog.getByRole('button', { name: 'Grant' }));
    await expect(page.getByRole('button', { name: `Revoke ${CLAUSE}` })).toBeVisible();
  });

  await test.step('revoke, saying why', async () => {
    await person.click(page.getByRole('button', { name: `Revoke ${CLAUSE}` }));
    const dialog = page.getByRole('dialog');
    await person.click(dialog.getByRole('button', { name: 'Revoke' }));
    await expect(dialog.getByText('Say why: the partner can read it.')).toBeVisible();
    await person.type(dialog.getByLabel('Reason'), 'Granted twice.');
    await person.click(dialog.getByRole('button', { name: 'Revoke' }));
    await expect(page.getByText('The entitlement is revoked')).toBeVisible();
    await expect(page.getByRole('button', { name: `Revoke ${CLAUSE}` })).toBeHidden();
  });

  await test.step('draft prices for one partner and put them in force', async () => {
    await person.click(page.getByRole('link', { name: 'Prices', exact: true }));
    await person.click(page.getByRole('button', { name: 'Draft prices' }));
    const dialog = page.getByRole('dialog');
    await person.type(dialog.getByLabel('Name'), PRICES);
    await dialog.getByLabel('For').selectOption({ label: 'Borealis Avionics' });
    await person.type(dialog.getByLabel('Price', { exact: true }).first(), '0.12');
    await person.click(dialog.getByRole('button', { name: 'Save the draft' }));
    await person.click(page.getByRole('button', { name: `Publish ${PRICES}` }));
    await person.click(dialog.getByRole('button', { name: 'Publish', exact: true }));
    await expect(page.getByText(`${PRICES} is published`)).toBeVisible();
    const prices = page.getByRole('table', { name: `Prices of ${PRICES}` });
    await expect(prices.getByText('$0.12').first()).toBeVisible();
  });

  const drafted = await draftCheckpoint(await api(user('OPERATOR')), FAMILY);
  await test.step('publish a checkpoint that was drafted, say who may use it and where, and retire it', async () => {
    await person.click(page.getByRole('link', { name: 'Checkpoints', exact: true }));
    await person.click(page.getByRole('button', { name: `Publish ${drafted}` }));
    await person.click(page.getByRole('alertdialog').getByRole('button', { name: 'Verify and publish' }));
    const row = page.getByRole('row').filter({ hasText: drafted });
    const dialog = page.getByRole('dialog');
    await person.click(row.getByRole('button', { name: `Who and where ${drafted}` }));
    await person.type(dialog.getByLabel('Export classification'), '4E091');
    await person.type(dialog.getByLabel('Regions'), 'eu-central, not here!');
    await person.click(dialog.getByRole('button', { name: 'Set' }));
    await expect(dialog.getByText(/^Words of at most 40 letters/)).toBeVisible();
    await person.type(dialog.getByLabel('Regions'), 'eu-central');
    await person.click(dialog.getByRole('button', { name: 'Set' }));
    await expect(row.getByText('4E091')).toBeVisible();
    await expect(row.getByText('eu-central alone')).toBeVisible();
    await person.click(row.getByRole('button', { name: `Retire ${drafted}` }));
    await expect(dialog.getByText('Nobody uses it')).toBeVisible();
    await person.type(dialog.getByLabel('Reason'), 'It was for a test.');
    await person.click(dialog.getByRole('button', { name: 'Retire' }));
    await expect(row.getByText('Retired')).toBeVisible();
    await expect(row.getByText('It was for a test.')).toBeVisible();
  });

  await test.step('see who hangs on a checkpoint before retiring it', async () => {
    await person.click(page.getByRole('link', { name: 'Checkpoints', exact: true }));
    await person.click(page.getByRole('button', { name: `Retire ${client('FORKPOINT_LATEST_CHECKPOINT')}` }));
    const dialog = page.getByRole('dialog');
    const affected = dialog.getByRole('table', { name: 'Who is affected' });
    await expect(affected.getByRole('cell', { name: 'Acme Robotics' }).first()).toBeVisible();
    await person.click(dialog.getByRole('button', { name: 'Keep as it is' }));
    await expect(dialog).toBeHidden();
  });
  person.expectNoComplaints();
});

test('an auditor finds what was done, verifies that the log is whole, and can change nothing', async ({ page }) => {
  const person = new Person(page);
  await actAs(page.context(), 'AUDITOR');
  await page.goto('/audit');
  const log = page.getByRole('table', { name: 'Audit log' });

  await test.step('find who was added, and by whom removed', async () => {
    await search(page, person, 'removeMember');
    await expect(log.getByRole('cell', { name: 'removeMember' }).first()).toBeVisible();
    const target = log
      .getByRole('row')
      .nth(1)
      .getByRole('link', { name: /^(mem|member|membership)_/ });
    await person.click(target.first());
    await expect(page).toHaveURL(/target=/);
    await expect(log.getByRole('cell', { name: 'addMember' })).toBeVisible();
    await expect(log.getByRole('cell', { name: 'removeMember' })).toBeVisible();
  });

  await test.step('find no mistake in the log', async () => {
    await person.click(page.getByRole('button', { name: 'Verify' }));
    await expect(page.getByText(/^All [\d,]+ entries are there, unchanged and in order\.$/)).toBeVisible();
  });

  await test.step('change nothing', async () => {
    for (const [path, name] of [
      ['/members', /^Add a member/],
      ['/members', /^New project/],
      ['/keys', /^New key/],
      ['/service-accounts', /^New service account/],
    ] as const) {
      await page.goto(path);
      const button = page.getByRole('button', { name });
      await expect(button).toHaveAttribute('aria-disabled', 'true');
      await expect(button).toContainText('which your role does not have');
    }
  });
  await person.expectAccessible();
  person.expectNoComplaints();
});

/** Gives the password that is shown once. */
async function addMember(page: Page, person: Person): Promise<string> {
  await person.click(page.getByRole('link', { name: 'Members', exact: true }));
  await person.click(page.getByRole('button', { name: 'Add a member' }));
  const dialog = page.getByRole('dialog');
  await person.type(dialog.getByLabel('Name'), MEMBER);
  await person.type(dialog.getByLabel('Email'), EMAIL);
  await person.click(dialog.getByRole('radio', { name: /^Engineer/ }));
  await person.click(dialog.getByRole('button', { name: 'Add', exact: true }));
  const password = await shownOnce(dialog);
  await person.click(dialog.getByRole('button', { name: 'I have copied it' }));
  await expect(page.getByRole('cell', { name: EMAIL })).toBeVisible();
  return password;
}

/** With an initial password nothing is reached but the choice of another one. */
async function arrive(context: BrowserContext, password: string): Promise<Page> {
  const page = await context.newPage();
  const chosen = randomBytes(12).toString('hex');
  await page.goto(client('FORKPOINT_ORIGIN'));
  await page.getByLabel('Email').fill(EMAIL);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Choose a password' })).toBeVisible();
  await page.goto(`${client('FORKPOINT_ORIGIN')}/datasets`);
  await expect(page.getByRole('heading', { level: 1, name: 'Choose a password' })).toBeVisible();
  await page.getByLabel('Current password').fill(password);
  await page.getByLabel('New password', { exact: true }).fill(chosen);
  await page.getByLabel('New password again').fill(chosen);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Datasets' })).toBeVisible();
  return page;
}

/** Gives the secret of the account's key. */
async function makeProgram(page: Page, person: Person): Promise<string> {
  await person.click(page.getByRole('link', { name: 'Service accounts', exact: true }));
  await person.click(page.getByRole('button', { name: 'New service account' }));
  const dialog = page.getByRole('dialog');
  await person.type(dialog.getByLabel('Name'), ACCOUNT);
  await person.click(dialog.getByRole('radio', { name: /^Engineer/ }));
  await person.click(dialog.getByRole('button', { name: 'Make it' }));
  await person.click(page.getByRole('link', { name: `New key for ${ACCOUNT}` }));
  await person.type(dialog.getByLabel('Name'), ACCOUNT);
  await person.click(dialog.getByRole('button', { name: 'Make the key' }));
  const secret = await shownOnce(dialog);
  await person.click(dialog.getByRole('button', { name: 'I have copied it' }));
  return secret;
}

async function shownOnce(dialog: Locator): Promise<string> {
  return (await dialog.locator('code').first().textContent())!;
}

async function search(page: Page, person: Person, action: string): Promise<void> {
  await person.type(page.getByLabel('Action'), action);
  await person.click(page.getByRole('button', { name: 'Search' }));
  await expect(page).toHaveURL(new RegExp(`action=${action}`));
}
