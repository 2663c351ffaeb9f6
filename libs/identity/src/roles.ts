/**
 * What one may do. `byKey: false` is for people alone: a key, which may leak, neither makes other credentials nor changes who is in the
 * organization. Nor does it write or sign contracts: four eyes are those of two people, and one person may have many keys.
 */
export const PERMISSIONS = {
  'self:write': { byKey: false, allows: 'change the own password' },
  'catalog:read': { byKey: true, allows: 'browse families, checkpoints and their lineage' },
  'catalog:publish': { byKey: true, allows: 'publish and retire families, training runs and checkpoints' },
  'entitlements:write': { byKey: true, allows: 'grant and revoke entitlements' },
  'prices:write': { byKey: true, allows: 'publish rate cards' },
  'contracts:read': { byKey: true, allows: 'see contracts, their versions and signatures' },
  'contracts:write': { byKey: false, allows: 'draft, submit and withdraw versions of contracts' },
  'contracts:approve': { byKey: false, allows: 'approve and sign versions of contracts that others drafted' },
  'contracts:accept': { byKey: false, allows: 'accept and sign, or decline, versions of contracts' },
  'licenses:accept': { byKey: false, allows: 'accept licences of the lab for the organization' },
  'listings:write': { byKey: false, allows: 'offer variants to other partners, and withdraw them' },
  'listings:review': { byKey: false, allows: 'review listings of partners, and take them down' },
  'datasets:read': { byKey: true, allows: 'see datasets and their reports' },
  'datasets:write': { byKey: true, allows: 'upload and delete datasets' },
  'jobs:read': { byKey: true, allows: 'see fine-tune jobs, their events and metrics' },
  'jobs:write': { byKey: true, allows: 'quote, create, pause and cancel fine-tune jobs, and delete variants' },
  'evaluations:read': { byKey: true, allows: 'see evaluations' },
  'evaluations:write': { byKey: true, allows: 'make suites and run evaluations' },
  'deployments:read': { byKey: true, allows: 'see deployments' },
  'deployments:write': { byKey: true, allows: 'deploy, switch and roll back revisions' },
  'inference:call': { byKey: true, allows: 'call models through the gateway' },
  'keys:read': { byKey: true, allows: 'see API keys, without their secrets' },
  'keys:write': { byKey: false, allows: 'make and revoke API keys' },
  'members:read': { byKey: true, allows: 'see members and service accounts' },
  'members:write': { byKey: false, allows: 'add, change and remove members and service accounts' },
  'projects:write': { byKey: true, allows: 'make projects' },
  'usage:read': { byKey: true, allows: 'see usage and its cost' },
  'invoices:read': { byKey: true, allows: 'see invoices, previews of them and credit grants' },
  'invoices:write': { byKey: false, allows: 'void invoices and give up what is due on them' },
  'caps:write': { byKey: false, allows: 'set and remove spend caps' },
  'invoices:dispute': { byKey: false, allows: 'dispute lines of invoices' },
  'credits:write': { byKey: false, allows: 'grant and void credits, issue credit notes, refund' },
  'ledger:read': { byKey: true, allows: 'read the ledger of what is billed and paid' },
  'webhooks:read': { byKey: true, allows: 'see webhook endpoints and what they were told' },
  'webhooks:write': { byKey: false, allows: 'make and remove webhook endpoints, and send events again' },
  'audit:read': { byKey: true, allows: 'read and verify the audit log' },
  'cluster:read': { byKey: true, allows: 'see the queue, attempts and engines of the cluster, of all organizations' },
  'programme:read': { byKey: true, allows: 'see which fork points partners use and what comes of it' },
  'organization:write': { byKey: true, allows: 'found partner organizations' },
} as const satisfies Record<string, { byKey: boolean; allows: string }>;

export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as Permission[];

export type OrganizationKind = 'lab' | 'partner';

interface RoleDefinition {
  /** The kinds of organization that have this role. */
  kinds: readonly OrganizationKind[];
  /** Whether it reaches every project, or only those that the member is assigned to. */
  projects: 'all' | 'assigned';
  /** An organization always keeps one member with such a role. */
  administers: boolean;
  permissions: readonly Permission[];
}

const WORK: readonly Permission[] = [
  'catalog:read',
  'datasets:read',
  'datasets:write',
  'jobs:read',
  'jobs:write',
  'evaluations:read',
  'evaluations:write',
  'deployments:read',
  'deployments:write',
  'inference:call',
  'usage:read',
];
const LOOK: readonly Permission[] = [
  'catalog:read',
  'datasets:read',
  'jobs:read',
  'evaluations:read',
  'deployments:read',
  'usage:read',
];
const ADMINISTER: readonly Permission[] = [
  'keys:read',
  'keys:write',
  'members:read',
  'members:write',
  'projects:write',
  'invoices:read',
  'ledger:read',
  'audit:read',
];

/** Who may do what. */
export const ROLES = {
  partner_engineer: {
    kinds: ['partner'],
    projects: 'assigned',
    administers: false,
    permissions: ['self:write', ...WORK, 'keys:read', 'keys:write', 'members:read'],
  },
  partner_admin: {
    kinds: ['partner'],
    projects: 'all',
    administers: true,
    permissions: [
      'self:write',
      ...WORK,
      ...ADMINISTER,
      'contracts:read',
      'contracts:accept',
      'licenses:accept',
      'listings:write',
      'caps:write',
      'invoices:dispute',
      'webhooks:read',
      'webhooks:write',
    ],
  },
  billing_admin: {
    kinds: ['partner'],
    projects: 'all',
    administers: false,
    permissions: [
      'self:write',
      'catalog:read',
      'contracts:read',
      'contracts:accept',
      'caps:write',
      'jobs:read',
      'deployments:read',
      'usage:read',
      'invoices:read',
      'invoices:dispute',
      'webhooks:read',
      'webhooks:write',
      'ledger:read',
      'members:read',
    ],
  },
  viewer: {
    kinds: ['partner', 'lab'],
    projects: 'assigned',
    administers: false,
    permissions: ['self:write', ...LOOK],
  },
  auditor: {
    kinds: ['partner', 'lab'],
    projects: 'all',
    administers: false,
    permissions: [
      'self:write',
      'invoices:read',
      'ledger:read',
      'audit:read',
      'contracts:read',
      'webhooks:read',
      'members:read',
      'keys:read',
    ],
  },
  lab_operator: {
    kinds: ['lab'],
    projects: 'all',
    administers: false,
    permissions: [
      'self:write',
      ...WORK,
      'catalog:publish',
      'entitlements:write',
      'listings:review',
      'prices:write',
      'cluster:read',
      'projects:write',
      'keys:read',
      'keys:write',
      'members:read',
    ],
  },
  lab_billing_admin: {
    kinds: ['lab'],
    projects: 'all',
    administers: false,
    permissions: [
      'self:write',
      'catalog:read',
      'contracts:read',
      'contracts:write',
      'entitlements:write',
      'prices:write',
      'usage:read',
      'invoices:read',
      'invoices:write',
      'credits:write',
      'caps:write',
      'ledger:read',
      'programme:read',
      'members:read',
    ],
  },
  lab_approver: {
    kinds: ['lab'],
    projects: 'all',
    administers: false,
    permissions: [
      'self:write',
      'catalog:read',
      'contracts:read',
      'contracts:approve',
      'listings:review',
      'usage:read',
      'members:read',
    ],
  },
  lab_admin: {
    kinds: ['lab'],
    projects: 'all',
    administers: true,
    permissions: [
      'self:write',
      ...WORK,
      ...ADMINISTER,
      'webhooks:read',
      'catalog:publish',
      'contracts:read',
      'contracts:write',
      'contracts:approve',
      'invoices:write',
      'credits:write',
      'caps:write',
      'entitlements:write',
      'listings:review',
      'prices:write',
      'cluster:read',
      'programme:read',
      'organization:write',
    ],
  },
} as const satisfies Record<string, RoleDefinition>;

export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as Role[];

/** The role by its name if this kind of organization has it. */
export function roleOf(name: string, kind: OrganizationKind): RoleDefinition | null {
  if (!Object.hasOwn(ROLES, name)) return null;
  const role: RoleDefinition = ROLES[name as Role];
  return role.kinds.includes(kind) ? role : null;
}

/** The administrators' role of a kind of organization. */
export function administratorRole(kind: OrganizationKind): Role {
  return kind === 'lab' ? 'lab_admin' : 'partner_admin';
}

/** The roles that have a permission, for a refusal to name. */
export function rolesWith(permission: string, kind: OrganizationKind): Role[] {
  return ROLE_NAMES.filter((name) => roleOf(name, kind)?.permissions.includes(permission as Permission));
}

/** What a key may do at most: its scopes, cut down to what its owner's role allows now and to what keys may do at all. */
export function permissionsOfKey(scopes: readonly string[], ownerRole: string, kind: OrganizationKind): Permission[] {
  const held = roleOf(ownerRole, kind)?.permissions ?? [];
  return held.filter((permission) => PERMISSIONS[permission].byKey && scopes.includes(permission));
}

/** The projects that a member reaches: all, or those assigned. */
export function projectsOf(
  role: string,
  kind: OrganizationKind,
  assigned: readonly string[],
): readonly string[] | 'all' {
  return roleOf(role, kind)?.projects === 'all' ? 'all' : assigned;
}
