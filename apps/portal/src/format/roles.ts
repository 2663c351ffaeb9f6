/** The roles there are, and what each is for, in words. What they allow exactly, the api's schema says. */
const ROLES = {
  PARTNER_ADMIN: { name: 'Administrator', about: 'Everything in the organization, its members and keys included.' },
  PARTNER_ENGINEER: {
    name: 'Engineer',
    about: 'Data, fine-tunes, evaluations, deployments and own keys, in assigned projects.',
  },
  BILLING_ADMIN: { name: 'Billing', about: 'Sees usage, invoices, the ledger, jobs and members. Accepts contracts.' },
  LAB_ADMIN: { name: 'Administrator', about: 'Everything, members and partner organizations included.' },
  LAB_OPERATOR: { name: 'Operator', about: 'Publishes checkpoints and prices, grants entitlements, runs jobs.' },
  LAB_BILLING_ADMIN: { name: 'Billing', about: 'Contracts, invoices, credits, prices, entitlements and usage.' },
  LAB_APPROVER: { name: 'Approver', about: 'Approves and signs contracts that others drafted.' },
  VIEWER: { name: 'Viewer', about: 'Sees data, jobs, evaluations and deployments of assigned projects.' },
  AUDITOR: { name: 'Auditor', about: 'Reads the audit log, contracts, members and keys. Changes nothing.' },
} as const;

export type RoleName = keyof typeof ROLES;

export function roleName(role: RoleName): string {
  return ROLES[role].name;
}

/** What members and service accounts of an organization may be. */
export function rolesOf(kind: 'LAB' | 'PARTNER'): Array<{ role: RoleName; name: string; about: string }> {
  const own: RoleName[] =
    kind === 'LAB'
      ? ['LAB_ADMIN', 'LAB_OPERATOR', 'LAB_BILLING_ADMIN', 'LAB_APPROVER']
      : ['PARTNER_ADMIN', 'PARTNER_ENGINEER', 'BILLING_ADMIN'];
  return [...own, 'VIEWER' as const, 'AUDITOR' as const].map((role) => ({ role, ...ROLES[role] }));
}

/** Roles that work in assigned projects; the others reach all. */
export function isConfined(role: RoleName): boolean {
  return role === 'PARTNER_ENGINEER' || role === 'VIEWER';
}
