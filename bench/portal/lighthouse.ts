import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { execa } from 'execa';
import { findChromium } from '../../test/browser/chromium.js';
import { actAsEngineer, quantile, required } from './portal.js';

/**
 * Lighthouse on the portal of a platform that runs (`npm start`, then `source .forkpoint/demo.env`): a telephone with a processor
 * four times as slow, Lighthouse's own default; the median of five. It is fetched when it is asked for: nothing else needs it.
 */
const LIGHTHOUSE = 'lighthouse@13.5.0';
const ROUNDS = 5;
const CATEGORIES = ['performance', 'accessibility', 'best-practices'] as const;
const PAGES = [
  { name: 'sign-in', path: '/sign-in', signedIn: false },
  { name: 'home', path: '/', signedIn: true },
  { name: 'lineage', path: '/lineage', signedIn: true },
];

/** Tries at one round: now and then Lighthouse's trace lacks its own beginning (NO_NAVSTART), whatever the page. */
const TRIES = 3;

interface Report {
  runtimeError?: { code: string; message: string };
  categories: Record<(typeof CATEGORIES)[number], { score: number | null }>;
  audits: Record<string, { score: number | null; numericValue?: number }>;
}

/** What Lighthouse starts its browser with: on this profile, and without a word to anybody outside. */
function browserFlags(): string {
  return `--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking --user-data-dir=${profile}`;
}

async function audit(url: string): Promise<Report> {
  for (let attempt = 1; ; attempt++) {
    const report = await auditOnce(url);
    if (!report.runtimeError) return report;
    const { code, message } = report.runtimeError;
    if (attempt === TRIES) throw new Error(`Lighthouse failed ${TRIES} times at ${url}: ${code}, ${message}`);
    console.log(`           ${code}: Lighthouse has no measurement, the round is repeated`);
  }
}

async function auditOnce(url: string): Promise<Report> {
  const categories = `--only-categories=${CATEGORIES.join(',')}`;
  // Into a file: it ends before all of a report has gone through a pipe.
  const path = join(profile, 'lighthouse.json');
  await rm(path, { force: true });
  const output = ['--output=json', `--output-path=${path}`, '--quiet'];
  const flags = ['--disable-storage-reset', categories, ...output, `--chrome-flags=${browserFlags()}`];
  const { stderr } = await execa('npx', ['--yes', LIGHTHOUSE, url, ...flags], {
    env: { CHROME_PATH: executablePath },
    // With a report that names the error it ends with another status.
    reject: false,
  });
  const report = await readFile(path, 'utf8').catch(() => null);
  if (!report) throw new Error(`Lighthouse gave no report of ${url}: ${stderr}`);
  return JSON.parse(report) as Report;
}

/** Nobody is signed in on the profile, or the engineer. */
async function prepareProfile(signedIn: boolean): Promise<void> {
  const context = await chromium.launchPersistentContext(profile, { executablePath });
  await context.clearCookies();
  if (signedIn) await actAsEngineer(context);
  await context.close();
}

const median = (values: readonly number[]) => quantile(values, 0.5);

const origin = required('FORKPOINT_ORIGIN');
const profile = await mkdtemp(join(tmpdir(), 'forkpoint-lighthouse-'));
const executablePath = await findChromium();
try {
  for (const { name, path, signedIn } of PAGES) {
    await prepareProfile(signedIn);
    const reports: Report[] = [];
    for (let round = 0; round < ROUNDS; round++) reports.push(await audit(`${origin}${path}`));
    const scores = CATEGORIES.map((category) => {
      const score = median(reports.map(({ categories }) => 100 * (categories[category].score ?? 0)));
      return `${category} ${Math.round(score)}`;
    });
    const paint = median(reports.map(({ audits }) => audits['largest-contentful-paint']?.numericValue ?? 0));
    const blocked = median(reports.map(({ audits }) => audits['total-blocking-time']?.numericValue ?? 0));
    console.log(
      `${name.padEnd(10)} ${scores.join('  ')}  largest paint ${(paint / 1000).toFixed(1)} s  blocked ${Math.round(blocked)} ms`,
    );
    const below = Object.entries(reports[0]!.audits).filter(([, { score }]) => score !== null && score < 0.9);
    if (below.length > 0) console.log(`           below 90: ${below.map(([id]) => id).join(', ')}`);
  }
} finally {
  await rm(profile, { recursive: true, force: true });
}
