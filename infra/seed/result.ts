import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What others need to use the seeded platform. It holds keys and passwords. */
export interface SeedResult {
  /** Of the first partner. */
  apiKey: string;
  projectId: string;
  latestCheckpoint: string;
  earlyCheckpoint: string;
  /** Held-out prompts, in the first partner's project. */
  evaluationSuiteId: string;
  /** `role` names a user among all of them; the first partner's have plain names. */
  users: Array<{ email: string; password: string; organization: string; role: string }>;
  partners: Array<{ slug: string; organizationId: string; projectId: string; apiKey: string }>;
}

export function readResult(path: string): SeedResult | null {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SeedResult) : null;
}

/** Whole or not at all. */
export function writeResult(path: string, result: SeedResult): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(result, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
