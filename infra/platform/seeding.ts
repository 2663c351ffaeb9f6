import type { Secrets } from '../embedded/index.js';
import { seedResultFile } from './demo-environment.js';
import { type PlatformSettings, publicOrigin } from './settings.js';

/** Publishes the base lineage and makes the demonstration's partners; done again it changes nothing. */
export const SEED_SCRIPT = 'dist/infra/seed/main.js';

/** The lab's first two people: one who administers it, one who publishes checkpoints and grants entitlements. */
export function staffEnvironment(settings: PlatformSettings, secrets: Secrets): Record<string, string> {
  return {
    FORKPOINT_ADMIN_EMAIL: settings.administratorEmail,
    FORKPOINT_ADMIN_PASSWORD: secrets.administratorPassword,
    FORKPOINT_OPERATOR_EMAIL: settings.operatorEmail,
    FORKPOINT_OPERATOR_PASSWORD: secrets.operatorPassword,
  };
}

/** What any operator knows: where the platform is, and who may sign in there. */
export function seedEnvironment(settings: PlatformSettings, secrets: Secrets): Record<string, string> {
  return {
    ...staffEnvironment(settings, secrets),
    FORKPOINT_ORIGIN: publicOrigin(settings),
    FORKPOINT_GRAPHQL_URL: `${publicOrigin(settings)}/graphql`,
    FORKPOINT_LINEAGE: settings.lineage,
    FORKPOINT_SEED_RESULT: seedResultFile(settings),
  };
}
