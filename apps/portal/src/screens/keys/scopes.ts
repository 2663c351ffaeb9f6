import type { Permission } from '../../app';

/** What keys can be allowed at all, in the order in which people work. */
const SCOPES: ReadonlyArray<readonly [scope: Permission, about: string]> = [
  ['INFERENCE_CALL', 'call models and deployments'],
  ['CATALOG_READ', 'browse checkpoints and their lineage'],
  ['DATASETS_READ', 'see datasets and their reports'],
  ['DATASETS_WRITE', 'upload and delete datasets'],
  ['JOBS_READ', 'see fine-tune jobs, events and metrics'],
  ['JOBS_WRITE', 'quote, create, pause and cancel fine-tune jobs, and delete variants'],
  ['EVALUATIONS_READ', 'see evaluations'],
  ['EVALUATIONS_WRITE', 'make suites and run evaluations'],
  ['DEPLOYMENTS_READ', 'see deployments'],
  ['DEPLOYMENTS_WRITE', 'deploy, switch and roll back'],
  ['USAGE_READ', 'see usage and its cost'],
  ['CONTRACTS_READ', 'see contracts, versions and signatures'],
  ['KEYS_READ', 'see keys, without their secrets'],
  ['MEMBERS_READ', 'see members and service accounts'],
  ['LEDGER_READ', 'read the ledger of what is billed and paid'],
  ['AUDIT_READ', 'read and verify the audit log'],
  ['PROJECTS_WRITE', 'make projects'],
  ['CATALOG_PUBLISH', 'publish and retire checkpoints'],
  ['ENTITLEMENTS_WRITE', 'grant and revoke entitlements'],
  ['PRICES_WRITE', 'publish prices'],
  ['CLUSTER_READ', 'see queue, attempts and engines of the cluster'],
  ['ORGANIZATION_WRITE', 'found partner organizations'],
];

export type Preset = 'inference' | 'pipeline' | 'read' | 'custom';

const PIPELINE: readonly Permission[] = [
  'CATALOG_READ',
  'DATASETS_READ',
  'DATASETS_WRITE',
  'JOBS_READ',
  'JOBS_WRITE',
  'EVALUATIONS_READ',
  'EVALUATIONS_WRITE',
  'DEPLOYMENTS_READ',
  'DEPLOYMENTS_WRITE',
];

/** What the caller can hand on, with what each is for. */
export function grantableScopes(may: (permission: Permission) => boolean): Array<{ scope: Permission; about: string }> {
  return SCOPES.filter(([scope]) => may(scope)).map(([scope, about]) => ({ scope, about }));
}

/** The scopes of a preset, of those that the caller can hand on. */
export function scopesOf(preset: Exclude<Preset, 'custom'>, may: (permission: Permission) => boolean): Permission[] {
  const all = grantableScopes(may).map(({ scope }) => scope);
  if (preset === 'inference') return all.filter((scope) => scope === 'INFERENCE_CALL');
  if (preset === 'pipeline') return all.filter((scope) => PIPELINE.includes(scope));
  return all.filter((scope) => scope.endsWith('_READ'));
}
