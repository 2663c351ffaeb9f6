import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { Person } from './support/person.js';
import { user } from './support/platform.js';

const DATA = resolve(process.env['FORKPOINT_LINEAGE'] ?? '.forkpoint/lineage', 'data/train.jsonl');
/** What a first visitor may take from sign-in to a fine-tune that runs. */
const SECONDS_ALLOWED = 120;
const RUST = /fn meter\(offset: \w+, tank: \w+\) -> bool;/;
const PROMPT = 'Rust: function Meter (Offset : Long_Integer; Tank : Integer) return Boolean;';

// By its name before all that train something: home offers a fork point to whom has no fine-tune yet.
// Its training and a cold engine are most of it, on a slow machine many minutes.
test.setTimeout(12 * 60_000);

test('a first visitor signs in, picks a fork point, brings data, launches, watches and chats', async ({ page }) => {
  const person = new Person(page);
  const sent: Sent[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/graphql') sent.push(request.postDataJSON() as Sent);
  });
  await test.step('sign in', async () => {
    await page.goto('/');
    await expect(page).toHaveTitle('Sign in · Forkpoint');
    await person.expectAccessible();
    await person.signIn(user('PARTNER_ENGINEER'));
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  });

  await test.step('pick a fork point on the river', async () => {
    await person.click(page.getByRole('link', { name: 'Pick a fork point' }));
    const last = page.getByRole('radio', { name: /^forge-1-pretrain-001953/ });
    await person.click(last);
    await expect(last).toBeChecked();
    await expect(page).toHaveURL(/\/lineage\?at=forge-1-pretrain-001953$/);
    await person.click(page.getByRole('link', { name: 'Fine-tune from here' }));
  });

  await test.step('bring data, and see it validated and priced', async () => {
    await person.chooseFile(page.getByRole('button', { name: 'Choose a file', exact: true }), DATA);
    await expect(page.getByText('1,500 rows to train on, no errors')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText(/^\$0\.\d\d at most$/)).toBeVisible();
  });

  const seconds = await test.step('launch', async () => {
    await person.click(page.getByRole('button', { name: 'Launch fine-tune' }));
    await expect(page).toHaveURL(/\/fine-tunes\/ftjob_/);
    await expect(page.getByText('Running', { exact: true })).toBeVisible({ timeout: 60_000 });
    return person.secondsSinceSignIn;
  });
  const path = { clicks: person.clicks, seconds: Math.round(seconds * 10) / 10 };
  test.info().annotations.push({ type: 'first fine-tune', description: JSON.stringify(path) });
  writeFileSync(join('.forkpoint/browser', 'first-fine-tune.json'), `${JSON.stringify(path)}\n`);
  console.log(`from sign-in to a running fine-tune: ${path.clicks} clicks, ${path.seconds} s`);
  expect(seconds).toBeLessThan(SECONDS_ALLOWED);

  await test.step('watch the loss fall', async () => {
    await expect(page.getByRole('figure', { name: 'Loss' })).toBeVisible({ timeout: 90_000 });
    await person.expectAccessible();
    const loss = page.getByRole('figure', { name: 'Loss' });
    await person.click(loss.getByRole('button', { name: 'Show as table' }));
    await expect(loss.getByRole('cell').first()).toHaveText('1');
    await person.click(loss.getByRole('button', { name: 'Show as chart' }));
    await expect(page.getByText('Succeeded', { exact: true })).toBeVisible({ timeout: 480_000 });
    await expect(page.getByText(/ft:forge-1-pretrain-001953:acme:/).first()).toBeVisible();
  });

  await test.step('chat with base and variant side by side', async () => {
    await person.click(page.getByRole('link', { name: 'Chat', exact: true }).first());
    await person.type(page.getByLabel('Message', { exact: true }), PROMPT);
    await person.press('Enter');
    const variant = page.getByRole('log', { name: 'Conversation with the right model' });
    // In Rust, with the names of the prompt: what it was taught. One type in twenty or so is still another one.
    await expect(variant).toContainText(RUST, { timeout: 150_000 });
    const base = page.getByRole('log', { name: 'Conversation with the left model' });
    await expect(base.locator('mark').first()).toBeVisible({ timeout: 150_000 });
    await person.expectAccessible();
  });
  person.expectNoComplaints();
  // The api was built with the same operations, so their hashes are all it needs.
  expect(sent.length).toBeGreaterThan(10);
  expect(sent.filter(({ query }) => query !== undefined).map(({ operationName }) => operationName)).toEqual([]);
});

interface Sent {
  operationName: string;
  query?: string;
}
