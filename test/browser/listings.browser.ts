import { randomBytes } from 'node:crypto';
import { expect, type Page, test } from '@playwright/test';
import { KeyboardPerson } from './support/keyboard.js';
import { Person } from './support/person.js';
import { user } from './support/platform.js';
import { actAs } from './support/session.js';
import { api, type World, world } from './support/world.js';

/** Of this run's own, so that what it looks for is what it made. */
const RUN = randomBytes(4).toString('hex');
const TITLE = `Ada to Rust ${RUN}`;
const GIVEN_BACK = `Say who may use it ${RUN}`;
const TAKEN_DOWN = `It was for a test ${RUN}`;
const DEPLOYMENT = `offered-${RUN}`;
const BUYER = 'Borealis Avionics';

test.describe.configure({ mode: 'serial' });
let there: World;
test.beforeAll(async () => {
  there = await world();
});

test('a publisher offers a variant by keyboard alone', async ({ page }) => {
  const person = new KeyboardPerson(page);
  const dialog = page.getByRole('dialog');
  await actAs(page.context(), 'PARTNER_ADMIN');
  await page.goto('/listings');
  await person.activate(page.getByRole('button', { name: 'Offer a variant' }));
  const variants = dialog.getByLabel('Variant');
  await expect(variants.getByRole('option', { name: there.variant, exact: true })).toBeAttached();
  await person.reach(variants);
  await person.write(there.variant);
  await expect(variants.getByRole('option', { name: there.variant, exact: true, selected: true })).toBeAttached();
  await person.writeInto(dialog.getByLabel('Title'), TITLE);
  await test.step('not without terms, which the field says', async () => {
    await person.writeInto(dialog.getByLabel('Summary'), 'Rewrites declarations.');
    await person.writeInto(dialog.getByLabel(/^Input tokens/), '0.25');
    await person.press('Tab');
    await person.writeInto(dialog.getByLabel(/^Output tokens/), '0.75');
    await person.press('Enter');
    await expect(dialog.getByRole('alert')).toContainText('Say on which terms');
    await person.expectAccessible();
  });
  await person.writeInto(dialog.getByLabel('Terms'), `Kindly ${RUN}.`);
  await person.activate(dialog.getByRole('button', { name: 'Save the draft' }));
  await expect(page.getByRole('heading', { level: 1, name: TITLE })).toBeVisible();
  await expect(page.getByText('Input tokens: $0.25 per 1M tokens')).toBeVisible();
  await submit(page, person);
  expect(person.clicks).toBe(0);
  person.expectNoComplaints();
});

test('the lab gives it back with a reason; changed and submitted again, it is approved', async ({ page }) => {
  const person = new Person(page);
  const dialog = page.getByRole('dialog');
  await test.step('give it back', async () => {
    await review(page, person);
    await person.click(page.getByRole('button', { name: 'Give back' }));
    await person.type(dialog.getByLabel('Reason'), GIVEN_BACK);
    await person.click(dialog.getByRole('button', { name: 'Give back' }));
    await expect(page.getByRole('table', { name: 'What the lab decided' })).toContainText(GIVEN_BACK);
  });
  await test.step('its publisher reads why, names the buyer, submits it again', async () => {
    const { me } = await (await api(user('OTHER_PARTNER_ADMIN'))).query<Me>('{ me { organization { id } } }');
    await actAs(page.context(), 'PARTNER_ADMIN');
    await page.goto('/listings');
    await expect(page.getByText(`“${GIVEN_BACK}”`)).toBeVisible();
    await person.click(page.getByRole('link', { name: TITLE }));
    await person.click(page.getByRole('button', { name: 'Change' }));
    await person.click(dialog.getByRole('radio', { name: 'Named partners' }));
    await person.type(dialog.getByLabel('Their ids'), me.organization.id);
    await person.click(dialog.getByRole('button', { name: 'Save the draft' }));
    const keyboard = new KeyboardPerson(page);
    await submit(page, keyboard);
    keyboard.leave();
  });
  await test.step('approve, with the share of its publisher', async () => {
    await review(page, person);
    await expect(page.getByRole('listitem').filter({ hasText: BUYER })).toBeVisible();
    await person.click(page.getByRole('button', { name: 'Approve' }));
    await person.type(dialog.getByLabel('Share of the publisher'), '101');
    await person.click(dialog.getByRole('button', { name: 'Approve' }));
    await expect(dialog.getByRole('alert')).toContainText('Percent from 0 to 100');
    await person.expectAccessible();
    await person.type(dialog.getByLabel('Share of the publisher'), '72.5');
    await person.click(dialog.getByRole('button', { name: 'Approve' }));
    await expect(page.getByRole('table', { name: 'What the lab decided' })).toContainText('72.5%');
  });
  person.expectNoComplaints();
});

test('the buyer finds and deploys it by keyboard alone', async ({ page }) => {
  const person = new KeyboardPerson(page);
  await actAs(page.context(), 'OTHER_PARTNER_ADMIN');
  await page.goto('/listings');
  const offered = page.getByRole('table', { name: 'Listings for you' });
  await expect(offered.getByText('Output tokens: $0.75 per 1M tokens')).toBeVisible();
  await person.expectAccessible();
  await person.activate(offered.getByRole('link', { name: TITLE }));
  await expect(page.getByText(`Kindly ${RUN}.`)).toBeVisible();
  await expect(page.getByText('Reviews', { exact: true })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Fine-tune from it' })).toHaveCount(0);
  await person.expectAccessible();
  await person.activate(page.getByRole('link', { name: 'Deploy', exact: true }));
  await person.writeInto(page.getByRole('dialog').getByLabel('Name'), DEPLOYMENT);
  await person.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: new RegExp(`${DEPLOYMENT}$`) })).toBeVisible();
  expect(person.clicks).toBe(0);
  person.expectNoComplaints();
});

test('the lab sees whom ending it affects, and takes it down', async ({ page }) => {
  const person = new Person(page);
  const dialog = page.getByRole('dialog');
  await actAs(page.context(), 'ADMIN');
  await page.goto('/listings?state=LISTED');
  await person.click(page.getByRole('link', { name: TITLE }));
  await person.click(page.getByRole('button', { name: 'Take down' }));
  const affected = dialog.getByRole('table', { name: 'Who is affected' });
  await expect(affected.getByRole('row').filter({ hasText: BUYER })).toContainText('Deployments');
  await person.type(dialog.getByLabel('Reason'), TAKEN_DOWN);
  await person.expectAccessible();
  await person.click(dialog.getByRole('button', { name: 'Take down' }));
  await expect(page.getByText(`“${TAKEN_DOWN}”`)).toBeVisible();
  await test.step('the buyer is offered nothing any more', async () => {
    await actAs(page.context(), 'OTHER_PARTNER_ADMIN');
    await page.goto('/listings');
    await expect(page.getByText('Nothing is offered to you yet')).toBeVisible();
  });
  await forgetDeployment();
  person.expectNoComplaints();
});

interface Me {
  me: { organization: { id: string } };
}

async function submit(page: Page, person: KeyboardPerson): Promise<void> {
  await person.activate(page.getByRole('button', { name: 'Submit for review' }));
  await person.activate(page.getByRole('alertdialog').getByRole('button', { name: 'Submit' }));
  await expect(page.getByText('In review', { exact: true })).toBeVisible();
}

/** From what waits for the lab. */
async function review(page: Page, person: Person): Promise<void> {
  await actAs(page.context(), 'ADMIN');
  await page.goto('/listings');
  await person.click(page.getByRole('link', { name: TITLE }));
  await expect(page.getByText(`Kindly ${RUN}.`)).toBeVisible();
}

/** Other tests find the buyer without a deployment, as it was. */
async function forgetDeployment(): Promise<void> {
  const buyer = await api(user('OTHER_PARTNER_ADMIN'));
  const { deployments } = await buyer.query<{ deployments: { nodes: Array<{ id: string; slug: string }> } }>(
    '{ deployments(first: 100) { nodes { id slug } } }',
  );
  const { id: deploymentId } = deployments.nodes.find(({ slug }) => slug === DEPLOYMENT)!;
  await buyer.mutate('deleteDeployment', { deploymentId }, 'deployment { id }', { inputType: 'DeploymentInput' });
}
