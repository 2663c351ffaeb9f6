import type { BrowserContext } from '@playwright/test';
import { signIn } from '#libs/client';

/** A variable of the platform that is measured. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run npm start, then source .forkpoint/demo.env`);
  return value;
}

/** The partner's engineer, signed in in a browser. */
export async function actAsEngineer(context: BrowserContext): Promise<void> {
  const origin = required('FORKPOINT_ORIGIN');
  const { credentials, expiresAt } = await signIn(
    origin,
    required('FORKPOINT_PARTNER_ENGINEER_EMAIL'),
    required('FORKPOINT_PARTNER_ENGINEER_PASSWORD'),
  );
  const pairs = credentials.cookie.split('; ').map((pair) => pair.split(/=(.*)/s) as [string, string]);
  // With an end, so that they are still there for another browser on the same profile.
  const expires = Date.parse(expiresAt) / 1000;
  await context.addCookies(pairs.map(([name, value]) => ({ name, value, url: origin, expires })));
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
