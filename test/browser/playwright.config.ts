import { resolve } from 'node:path';
import { defineConfig } from '@playwright/test';

const client = JSON.parse(process.env['FORKPOINT_BROWSER_PLATFORM'] ?? '{}') as Record<string, string>;
const output = resolve(import.meta.dirname, '../../.forkpoint/browser');

export default defineConfig({
  testDir: import.meta.dirname,
  testMatch: '*.browser.ts',
  outputDir: `${output}/playwright`,
  // Two cores carry the platform, its trainer and its engine too: side by side the tests would wait for each other.
  workers: 1,
  // What fails once fails.
  retries: 0,
  forbidOnly: true,
  timeout: 5 * 60_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: `${output}/results.json` }]],
  use: {
    baseURL: client['FORKPOINT_ORIGIN'],
    browserName: 'chromium',
    launchOptions: { executablePath: process.env['CHROMIUM'] },
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    timezoneId: 'Europe/Vienna',
    actionTimeout: 30_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
});
