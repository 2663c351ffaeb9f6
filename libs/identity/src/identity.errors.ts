import { defineErrors } from '#libs/kernel';

export const IDENTITY_ERRORS = defineErrors('identity', {
  FORBIDDEN: {
    status: 403,
    message: (p: { permission: string; roles: readonly string[] }) =>
      `This needs the permission ${p.permission}${p.roles.length ? `, which ${p.roles.join(', ')} have` : ', which no role of this organization has'}. Ask an administrator, or use a key with this scope.`,
  },
  UNAUTHENTICATED: { status: 401, message: 'Sign in, or send an API key as "Authorization: Bearer fpk_...".' },
  PASSWORD_CHANGE_REQUIRED: {
    status: 403,
    message: 'Your password is an initial one: choose your own with the mutation changePassword, then go on.',
  },
  PROJECT_NOT_FOUND: {
    status: 404,
    message: (p: { projectId: string }) =>
      `There is no project ${p.projectId} that you may use: the query \`projects\` lists yours.`,
  },
  INVALID_CREDENTIALS: {
    status: 401,
    message: 'The address and the password do not match. Check both, or ask an administrator for a new password.',
  },
  INITIAL_PASSWORD_EXPIRED: {
    status: 401,
    message: 'This initial password has expired: ask an administrator for a new one.',
  },
  TOO_MANY_SIGN_INS: {
    status: 429,
    retryable: true,
    message: (p: { retryAfterSeconds: number }) =>
      `Too many attempts to sign in. Try again in ${p.retryAfterSeconds} seconds.`,
  },
  INVALID_API_KEY: {
    status: 401,
    message:
      'Send a valid API key as "Authorization: Bearer fpk_...": this one is missing, mistyped, revoked or expired. Make a new one with createApiKey.',
  },
  INVALID_CSRF_TOKEN: {
    status: 403,
    message:
      'A call with the session cookie has to repeat the cookie fp_csrf in the header x-csrf-token. Sign in again if it is lost.',
  },
  FOREIGN_ORIGIN: {
    status: 403,
    message: (p: { origin: string }) =>
      `Pages of ${p.origin} may not act with the session cookie. Use an API key instead.`,
  },
  PASSWORD_TOO_WEAK: {
    status: 400,
    message: (p: { reason: string }) => `Choose another password: ${p.reason}.`,
  },
  INVALID_EMAIL: { status: 400, message: 'Give an address such as name@example.com, of plain ASCII letters.' },
  EMAIL_NOT_AVAILABLE: {
    status: 409,
    message: 'This address belongs to an account already. One address has one account: use another.',
  },
  SLUG_NOT_AVAILABLE: {
    status: 409,
    message: (p: { slug: string }) => `The slug ${p.slug} is taken: choose another.`,
  },
  NAME_NOT_AVAILABLE: {
    status: 409,
    message: (p: { name: string }) => `There is a service account named ${p.name} already: choose another name.`,
  },
  MEMBER_NOT_FOUND: {
    status: 404,
    message: (p: { memberId: string }) =>
      `The organization has no member ${p.memberId}: the query \`members\` lists them.`,
  },
  SERVICE_ACCOUNT_NOT_FOUND: {
    status: 404,
    message: (p: { serviceAccountId: string }) =>
      `The organization has no service account ${p.serviceAccountId}: the query \`serviceAccounts\` lists them.`,
  },
  API_KEY_NOT_FOUND: {
    status: 404,
    message: (p: { apiKeyId: string }) =>
      `There is no key ${p.apiKeyId} that you may see: the query \`apiKeys\` lists them.`,
  },
  ROLE_NOT_AVAILABLE: {
    status: 400,
    message: (p: { role: string; kind: string; roles: readonly string[] }) =>
      `A ${p.kind} organization has no role ${p.role}. It has ${p.roles.join(', ')}.`,
  },
  ROLE_NOT_GRANTABLE: {
    status: 403,
    message: (p: { role: string; missing: readonly string[] }) =>
      `You may only grant or change what you hold yourself. The role ${p.role} also has ${p.missing.join(', ')}.`,
  },
  SCOPE_NOT_GRANTABLE: {
    status: 403,
    message: (p: { scopes: readonly string[]; owner: string }) =>
      `A key of ${p.owner} can't have ${p.scopes.join(', ')}: its scopes are of those that you and its owner hold, and that keys may have at all.`,
  },
  PROJECT_NEEDED: {
    status: 400,
    message: 'Name the project: you are assigned to some of the projects, so what you make belongs to one of them.',
  },
  LAST_ADMINISTRATOR: {
    status: 409,
    message: 'The organization would be left without an administrator: give that role to another member first.',
  },
  NOT_YOUR_KEY: {
    status: 403,
    message: "This is another member's key: its owner or somebody with the permission members:write may revoke it.",
  },
  EXPIRY_IN_PAST: { status: 400, message: 'The expiry is not in the future.' },
  TOO_MANY_API_KEYS: {
    status: 409,
    message: (p: { limit: number }) => `An owner has at most ${p.limit} keys: revoke one that is not used.`,
  },
  NOT_A_USER: { status: 403, message: 'Only a person who signed in has a password to change: sign in for this.' },
});
