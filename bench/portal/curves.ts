import { resolve } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { findChromium } from '../../test/browser/chromium.js';
import { Hand } from './interactions.js';
import { asSuperuser, type LongRuns, removeLongRuns, writeLongRuns } from './long-runs.js';
import { newPointTimes } from './new-point.js';
import { actAsEngineer, quantile, required } from './portal.js';

/**
 * The portal's curves in Chromium, on a platform that runs (`npm start`, then `source .forkpoint/demo.env`): twenty runs of
 * 100,000 points each over each other, moved over, panned and zoomed by the real pointer and wheel; then a fine-tune whose
 * points are watched as they come. The runs are written into the database and removed again.
 */
const RUNS = 20;
const POINTS = 100_000;
const ZOOMED_STEPS = 100;
/** Where of the plot's height nothing but spikes is drawn. */
const TOP_SHARE = 0.3;
const SPIKE_SHARE = 0.004;

function tell(name: string, times: readonly number[]): void {
  const [half, most, longest] = [0.5, 0.95, 1].map((share) => `${quantile(times, share).toFixed(0)} ms`);
  console.log(`${name.padEnd(34)} ${String(times.length).padStart(4)} times  p50 ${half}  p95 ${most}  max ${longest}`);
}

/** How many of the spikes stand where they belong, on the canvas itself. */
async function spikesDrawn(page: Page, { spikes, points }: LongRuns): Promise<number> {
  const columns = await page.evaluate<number[]>(`probe.columnsWithInk(${TOP_SHARE})`);
  const isDrawn = (spike: number) =>
    columns.some((column) => Math.abs(column - (spike - 1) / (points - 1)) < SPIKE_SHARE);
  return spikes.filter(isDrawn).length;
}

/** After the last zoom every step has a value of every run: the chart's table says what is drawn. */
async function missingAfterZoom(page: Page, hand: Hand): Promise<number> {
  await hand.zoomDeep();
  await page.getByRole('button', { name: 'Show as table' }).click();
  const cells = await page.getByRole('figure').getByRole('cell').allTextContents();
  const rows = cells.length / (RUNS + 1);
  const steps = cells.filter((_, place) => place % (RUNS + 1) === 0).map((text) => Number(text.replaceAll(',', '')));
  const gaps = steps.filter((step, place) => place > 0 && step !== steps[place - 1]! + 1).length;
  if (rows < 2 || rows > 2 * ZOOMED_STEPS) throw new Error(`the table has ${rows} rows`);
  return gaps + cells.filter((text) => text === '–').length;
}

async function measureCurves(page: Page, runs: LongRuns): Promise<void> {
  const began = performance.now();
  await page.goto(`${required('FORKPOINT_ORIGIN')}/fine-tunes/compare?jobs=${runs.ids.join(',')}`);
  await page.locator('figure canvas').waitFor();
  console.log(
    `${RUNS} runs x ${POINTS} points: page with its chart after ${((performance.now() - began) / 1000).toFixed(1)} s`,
  );
  await page.waitForTimeout(1_000);
  const drawn = await spikesDrawn(page, runs);
  await page.evaluate('probe.forgetTasks()');
  const hand = await Hand.on(page);
  const times = await hand.measure();
  tell('hovering', times.hover);
  tell('panning', times.pan);
  tell('zooming, what is there', times.zoom);
  tell('zooming, until more points came', times.zoomToAllPoints);
  console.log(`longest task of the page: ${await page.evaluate<number>('probe.longestTask()')} ms`);
  console.log(
    `spikes drawn: ${drawn} of ${runs.spikes.length}; points missing after a zoom: ${await missingAfterZoom(page, hand)}`,
  );
  if (drawn < runs.spikes.length) process.exitCode = 1;
}

const browser = await chromium.launch({ executablePath: await findChromium() });
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  await actAsEngineer(context);
  await context.addInitScript({ path: resolve('bench/portal/probe.js') });
  await asSuperuser(async (client) => {
    await removeLongRuns(client);
    const [projectId, checkpoint] = [required('FORKPOINT_PROJECT'), required('FORKPOINT_LATEST_CHECKPOINT')];
    try {
      const runs = await writeLongRuns(client, { count: RUNS, points: POINTS, projectId, checkpoint });
      await measureCurves(await context.newPage(), runs);
    } finally {
      await removeLongRuns(client);
    }
  });
  tell('a new point, logged to drawn', await newPointTimes(await context.newPage()));
} finally {
  await browser.close();
}
