import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PlatformSettings, publicOrigin } from './settings.js';

/** What publishing the lineage leaves for people to use: written by infra/seed to `seed.json` of the home. */
export interface SeedResult {
  apiKey: string;
  latestCheckpoint: string;
  earlyCheckpoint: string;
  users: Array<{ email: string; password: string; organization: string; role: string }>;
}

export function seedResultFile(settings: PlatformSettings): string {
  return join(settings.home.root, 'seed.json');
}

export function demoEnvironmentFile(settings: PlatformSettings): string {
  return join(settings.home.root, 'demo.env');
}

/** Lines for a shell: after `source .forkpoint/demo.env` any OpenAI client works. */
export function writeDemoEnvironment(settings: PlatformSettings): string {
  const seed = JSON.parse(readFileSync(seedResultFile(settings), 'utf8')) as SeedResult;
  const origin = publicOrigin(settings);
  const lines = [
    '# Written at every start. Keep it to yourself: it holds keys and passwords.',
    assignment('OPENAI_BASE_URL', `${origin}/v1`),
    assignment('OPENAI_API_KEY', seed.apiKey),
    assignment('FORKPOINT_ORIGIN', origin),
    assignment('FORKPOINT_GRAPHQL_URL', `${origin}/graphql`),
    assignment('FORKPOINT_LATEST_CHECKPOINT', seed.latestCheckpoint),
    assignment('FORKPOINT_EARLY_CHECKPOINT', seed.earlyCheckpoint),
    ...seed.users.flatMap(({ email, password, organization, role }) => {
      const name = `FORKPOINT_USER_${role.toUpperCase()}`;
      return [`# ${role} of ${organization}`, assignment(name, email), assignment(`${name}_PASSWORD`, password)];
    }),
  ];
  const path = demoEnvironmentFile(settings);
  writeFileSync(`${path}.new`, `${lines.join('\n')}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}

/** Quoted so that no character means anything to the shell. */
function assignment(name: string, value: string): string {
  return `export ${name}='${value.replaceAll("'", `'\\''`)}'`;
}
