import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { emptyAnswers, failAnswers, holdAnswers, spoilOneField } from './support/answers.js';
import { LOOKS, type Look, lookOf, STATES, type State } from './support/looks.js';
import { Person } from './support/person.js';
import { SCREENS, type Screen } from './support/screens.js';
import { actAs } from './support/session.js';
import { type World, world } from './support/world.js';

/** All states in all looks, rather than each state once. */
const EVERYTHING = process.env['FORKPOINT_BROWSER_ALL'] === '1';
const PICTURES = resolve('.forkpoint/browser/screenshots');
const HEIGHT = 900;
/** For the states of one screen in one look each. */
const USUAL_MILLISECONDS = 5 * 60_000;
/** The browser says so by itself of answers that were kept from it. */
const NO_ANSWER = /^Failed to load resource/;

// A trace of everything takes longer than what it traces; of a failure there is a picture.
test.use({ trace: 'off' });

test('every route of the portal has a row in the table of screens', () => {
  const sources = globSync(['apps/portal/src/screens/*/route.ts', 'apps/portal/src/app/router.tsx']);
  const paths = sources.flatMap((source) =>
    [...readFileSync(source, 'utf8').matchAll(/\bpath: '([^']+)'/g)].map(([, path]) => path!),
  );
  expect(paths.length).toBeGreaterThan(20);
  expect(new Set(SCREENS.map(({ route }) => route))).toEqual(new Set(paths));
});

test('states, themes and widths are shown pairwise', () => {
  const shown = SCREENS.flatMap((screen, place) =>
    statesOf(screen).map((state) => ({ state, ...lookOf(place, state) })),
  );
  const pairs = (left: 'state' | 'theme', right: 'theme' | 'width') =>
    new Set(shown.map((one) => `${one[left]} ${one[right]}`)).size;
  expect(pairs('state', 'theme')).toBe(STATES.length * 2);
  expect(pairs('state', 'width')).toBe(STATES.length * 3);
  expect(pairs('theme', 'width')).toBe(LOOKS.length);
});

for (const [place, screen] of SCREENS.entries()) {
  test(`${screen.name}: ${statesOf(screen).join(', ')}`, async ({ page }) => {
    if (EVERYTHING) test.setTimeout(LOOKS.length * USUAL_MILLISECONDS);
    const there = await world();
    for (const state of statesOf(screen)) {
      for (const look of EVERYTHING ? LOOKS : [lookOf(place, state)]) {
        await test.step(`${state}, ${look.theme}, ${look.width} px`, () => show({ page, screen, state, look, there }));
      }
    }
  });
}

test('who asks for no motion gets none', async ({ page }) => {
  const skeleton = page.getByRole('status', { name: /^Loading/ }).first();
  const moving = () => page.evaluate<number>('document.getAnimations().length');
  await actAs(page.context(), 'PARTNER_ENGINEER');
  await holdAnswers(page, new Promise(() => undefined));
  await page.goto('/');
  await expect(skeleton).toBeVisible();
  expect(await moving()).toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.reload();
  await expect(skeleton).toBeVisible();
  expect(await moving()).toBe(0);
});

test('on a narrow screen the navigation comes when it is asked for, with its menus', async ({ page }) => {
  const person = new Person(page);
  const open = page.getByRole('button', { name: 'Open navigation' });
  const navigation = page.getByRole('navigation', { name: 'Main' });
  await actAs(page.context(), 'PARTNER_ENGINEER');
  await page.setViewportSize({ width: 390, height: HEIGHT });
  await page.goto('/');
  await open.click();
  await expect(navigation).toBeVisible();
  await person.expectAccessible();

  await page.getByRole('button', { name: /^Account:/ }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  await navigation.getByRole('link', { name: 'Datasets' }).click();
  await expect(page.getByRole('heading', { name: 'Datasets', level: 1 })).toBeVisible();
  await expect(navigation).toBeHidden();

  await page.setViewportSize({ width: 1440, height: HEIGHT });
  await expect(navigation).toBeVisible();
  await expect(open).toBeHidden();
});

function statesOf(screen: Screen): State[] {
  const has: Record<State, boolean> = {
    full: true,
    empty: screen.empty !== undefined,
    loading: !screen.still && !screen.asOthers,
    failed: !screen.still && !screen.asOthers,
    partial: !screen.still && !screen.asOthers && !screen.neverPartial,
    forbidden: screen.forbidden !== undefined,
  };
  return STATES.filter((state) => has[state]);
}

interface Shown {
  page: Page;
  screen: Screen;
  state: State;
  look: Look;
  there: World;
}

/** Goes there anew and sees what the state shows: without a breach of accessibility, sideways scrolling or a complaint of the browser. */
async function show({ page, screen, state, look, there }: Shown): Promise<void> {
  await page.goto('about:blank');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  const person = new Person(page);
  await page.emulateMedia({ colorScheme: look.theme });
  await page.setViewportSize({ width: look.width, height: HEIGHT });
  await SHOW[state](page, screen, there);
  await person.expectAccessible();
  await person.expectNoSidewaysScrolling();
  person.expectNoComplaints(state === 'failed' ? NO_ANSWER : undefined);
  person.leave();
  if (state === 'full') await takePictures(page, screen);
}

const SHOW: Record<State, (page: Page, screen: Screen, there: World) => Promise<void>> = {
  full: async (page, screen, there) => {
    await goTo(page, screen, there);
    await expectAll(page, screen, there);
  },
  empty: async (page, { empty, ...screen }, there) => {
    const { says, who = screen.who, path = screen.path, emptied } = empty!;
    if (emptied) await emptyAnswers(page);
    await goTo(page, { ...screen, who, path }, there);
    await expect(page.getByText(says).first()).toBeVisible();
    await expectLoaded(page);
  },
  loading: async (page, screen, there) => {
    await holdAnswers(page, new Promise(() => undefined));
    await goTo(page, screen, there);
    await expect(
      page.getByRole('status', { name: /^(Loading(?! the portal)|Making|Validating)/ }).first(),
    ).toBeVisible();
  },
  failed: async (page, screen, there) => {
    await failAnswers(page, SCREENS.indexOf(screen) % 2 === 0 ? 'no connection' : 'status 500');
    await goTo(page, screen, there);
    await expect(page.getByRole('alert').first()).toBeVisible();
  },
  partial: async (page, screen, there) => {
    const spoilt = await spoilOneField(page, screen.partialOf);
    await goTo(page, screen, there);
    await expect(page.getByText(/^Shown without /).first()).toBeVisible();
    await expect(page.getByText(`Shown without ${spoilt()}`)).toBeVisible();
    await expectLoaded(page);
  },
  forbidden: async (page, screen, there) => {
    await goTo(page, { ...screen, who: screen.forbidden!.who }, there);
    await expect(page.getByText(screen.forbidden!.says).first()).toBeVisible();
    await expectLoaded(page);
  },
};

async function goTo(page: Page, { who, path }: Pick<Screen, 'who' | 'path'>, there: World): Promise<void> {
  await actAs(page.context(), who);
  await page.goto(typeof path === 'string' ? path : path(there));
}

async function expectAll(page: Page, { heading, full }: Screen, there: World): Promise<void> {
  const name = typeof heading === 'function' ? heading(there) : heading;
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByText(full).filter({ visible: true }).first()).toBeVisible();
  await expectLoaded(page);
}

async function expectLoaded(page: Page): Promise<void> {
  await expect(page.locator('.skeleton')).toHaveCount(0);
}

/** Of the whole page, in both themes: what a release is looked at with. */
async function takePictures(page: Page, { name }: Screen): Promise<void> {
  await page.setViewportSize({ width: 1440, height: HEIGHT });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const path = resolve(PICTURES, `${name}-${colorScheme}.png`);
    // Without the way from one theme's colours to the other's.
    await page.screenshot({ path, fullPage: true, animations: 'disabled' });
  }
}
