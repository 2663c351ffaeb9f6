import { z } from 'zod';
import { AllowedHosts } from './allowed-hosts.js';
import { WebhookSecrets } from './webhook-signing.js';

export const WEBHOOK_ENVIRONMENT = {
  /** At least 32 characters, of which the secrets of webhooks are made; unset: there are no webhooks. */
  WEBHOOK_KEY: z.string().min(32).optional(),
  /** Where webhooks may go; nowhere if empty. */
  WEBHOOK_ALLOWED_HOSTS: z.string().default(''),
};

export interface WebhookSettings {
  /** Null: there are no webhooks. */
  secrets: WebhookSecrets | null;
  allowed: AllowedHosts;
}
export const WEBHOOK_SETTINGS = Symbol('WebhookSettings');

export function webhookSettingsOf(config: { WEBHOOK_KEY?: string; WEBHOOK_ALLOWED_HOSTS: string }): WebhookSettings {
  const { WEBHOOK_KEY: key, WEBHOOK_ALLOWED_HOSTS: hosts } = config;
  return { secrets: key ? new WebhookSecrets(key) : null, allowed: new AllowedHosts(hosts) };
}
