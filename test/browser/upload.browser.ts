import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, type Route, test } from '@playwright/test';
import { Person } from './support/person.js';
import { user } from './support/platform.js';
import { actAs } from './support/session.js';
import { api } from './support/world.js';

/** As the platform cuts a file of this size. */
const PART_BYTES = 16 * 1024 ** 2;
const FILE_BYTES = 2 * PART_BYTES + 1024;
const PARTS = [1, 2, 3];
/** The browser reads each byte twice to know its hash, on a machine that does much else. */
const LATE = { timeout: 120_000 };
const NAME = `Upload ${randomBytes(4).toString('hex')}`;

let folder: string;
let path: string;
let sha256: string;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forkpoint-upload-'));
  path = join(folder, 'interrupted.jsonl');
  const bytes = randomBytes(FILE_BYTES);
  sha256 = createHash('sha256').update(bytes).digest('hex');
  await writeFile(path, bytes);
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

test('an upload survives a lost connection and a reload, and sends no part twice', async ({ page }) => {
  const person = new Person(page);
  const wire = new Wire();
  await wire.watch(page);
  await actAs(page.context(), 'PARTNER_ENGINEER');

  await test.step('the connection breaks after the first part', async () => {
    wire.carry(1);
    await page.goto('/datasets');
    await person.chooseFile(page.getByRole('button', { name: 'Choose a file' }), path);
    await person.type(page.getByLabel('Name'), NAME);
    await person.click(page.getByRole('button', { name: 'Create and upload' }));
    await expect(page.getByText('Connection lost')).toBeVisible(LATE);
    await expect.poll(() => wire.arrived.length, LATE).toBe(1);
  });

  await test.step('it goes on by itself, as far as the connection lasts', async () => {
    wire.carry(1);
    await expect.poll(() => wire.arrived.length, LATE).toBe(2);
    await expect(page.getByText('Connection lost')).toBeVisible();
  });

  await test.step('after a reload the same file goes on where it stopped', async () => {
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    wire.carry(PARTS.length);
    await person.chooseFile(page.getByRole('button', { name: 'Choose a file' }), path);
    // The versions below have a column of that name.
    const upload = page.getByRole('region', { name: /^Upload of / });
    await expect(upload.getByText('Uploaded', { exact: true })).toBeVisible(LATE);
  });

  expect(wire.arrived.toSorted()).toEqual(PARTS);
  expect(await storedHash()).toBe(sha256);
  person.expectNoComplaints(CUT);
});

/** What the browser says of each part that the wire did not carry. */
const CUT = /^Failed to load resource: net::ERR_INTERNET_DISCONNECTED/;

/** The way to the store, which carries so many parts and then breaks. */
class Wire {
  /** Numbers of the parts that the store took. */
  readonly arrived: number[] = [];
  private left = 0;

  carry(parts: number): void {
    this.left = parts;
  }

  async watch(page: Page): Promise<void> {
    await page.route(isPart, (route) => this.onPart(route));
    page.on('response', (response) => {
      if (response.request().method() === 'PUT' && response.ok()) this.arrived.push(partOf(response.url()));
    });
  }

  private async onPart(route: Route): Promise<void> {
    if (route.request().method() !== 'PUT') return route.continue();
    if (this.left === 0) return route.abort('internetdisconnected');
    this.left -= 1;
    await route.continue();
  }
}

function isPart(url: URL): boolean {
  return url.searchParams.has('partNumber');
}

function partOf(url: string): number {
  return Number(new URL(url).searchParams.get('partNumber'));
}

/** Of what the platform keeps, as it says itself. */
async function storedHash(): Promise<string | undefined> {
  const engineer = await api(user('PARTNER_ENGINEER'));
  type Datasets = { datasets: { nodes: Array<{ name: string; versions: { nodes: Array<{ sha256: string }> } }> } };
  const { datasets } = await engineer.query<Datasets>(
    '{ datasets(first: 100) { nodes { name versions(first: 1) { nodes { sha256 } } } } }',
  );
  return datasets.nodes.find(({ name }) => name === NAME)?.versions.nodes[0]?.sha256;
}
