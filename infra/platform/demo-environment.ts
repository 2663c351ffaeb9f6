import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PlatformSettings, publicOrigin } from './settings.js';

/** What publishing the lineage leaves for people to use: infra/seed writes it to `seed.json` of the home. */
export interface SeedResult {
  apiKey: string;
  projectId: string;
  latestCheckpoint: string;
  earlyCheckpoint: string;
  users: Array<{ email: string; password: string; organization: string; role: string }>;
}

export function seedResultFile({ home }: PlatformSettings): string {
  return join(home.root, 'seed.json');
}

export function demoEnvironmentFile({ home }: PlatformSettings): string {
  return join(home.root, 'demo.env');
}

/** What a client of the seeded platform has to know. */
export function demoVariables(settings: PlatformSettings): Record<string, string> {
  const seed = JSON.parse(readFileSync(seedResultFile(settings), 'utf8')) as SeedResult;
  const origin = publicOrigin(settings);
  const users = seed.users.flatMap(({ email, password, role }) => {
    const name = `FORKPOINT_${role.toUpperCase()}`;
    return [
      [`${name}_EMAIL`, email],
      [`${name}_PASSWORD`, password],
    ];
  });
  return {
    OPENAI_BASE_URL: `${origin}/v1`,
    OPENAI_API_KEY: seed.apiKey,
    FORKPOINT_ORIGIN: origin,
    FORKPOINT_GRAPHQL_URL: `${origin}/graphql`,
    FORKPOINT_PROJECT: seed.projectId,
    FORKPOINT_LATEST_CHECKPOINT: seed.latestCheckpoint,
    FORKPOINT_EARLY_CHECKPOINT: seed.earlyCheckpoint,
    ...Object.fromEntries(users),
  };
}

/** The same as lines for a shell: after `source .forkpoint/demo.env` any OpenAI client works. */
export function writeDemoEnvironment(settings: PlatformSettings): string {
  const lines = Object.entries(demoVariables(settings)).map(([name, value]) => `export ${name}=${quoted(value)}`);
  const path = demoEnvironmentFile(settings);
  const text = ['# Written at every start. It holds keys and passwords: keep it to yourself.', ...lines, ''].join('\n');
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}

/** No character means anything to the shell. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}
