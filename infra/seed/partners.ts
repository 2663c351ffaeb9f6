import { createHmac } from 'node:crypto';
import { GraphqlClient, signIn } from '#libs/client';
import { say } from './say.js';
import { settings } from './settings.js';

/** Two partners: what belongs to one is never seen by the other. */
export const PARTNERS = [
  {
    name: 'Acme Robotics',
    slug: 'acme',
    project: { name: 'Ada migration', slug: 'ada-migration' },
    actions: ['FINE_TUNE', 'DEPLOY', 'DOWNLOAD_WEIGHTS'],
    clause: 'MSA 2026-01, section 3.1',
  },
  {
    name: 'Borealis Avionics',
    slug: 'borealis',
    project: { name: 'Flight software', slug: 'flight-software' },
    actions: ['FINE_TUNE', 'DEPLOY'],
    clause: 'MSA 2026-02, section 3.1',
  },
] as const;
export type Partner = (typeof PARTNERS)[number];

export interface User {
  email: string;
  password: string;
  role: 'partner_admin' | 'partner_engineer' | 'billing_admin' | 'lab_billing_admin' | 'lab_approver';
}

interface Node {
  id: string;
  slug: string;
}

/** All that a key may be given for work, but not what is for people alone. */
const KEY_SCOPES = [
  'CATALOG_READ',
  'DATASETS_READ',
  'DATASETS_WRITE',
  'JOBS_READ',
  'JOBS_WRITE',
  'EVALUATIONS_READ',
  'EVALUATIONS_WRITE',
  'DEPLOYMENTS_READ',
  'DEPLOYMENTS_WRITE',
  'INFERENCE_CALL',
  'KEYS_READ',
  'USAGE_READ',
];
const KEY_NAME = 'Demonstration';

export function usersOf({ slug }: Partner): [administrator: User, engineer: User, payer: User] {
  return [
    user(slug, 'admin', 'partner_admin'),
    user(slug, 'engineer', 'partner_engineer'),
    user(slug, 'billing', 'billing_admin'),
  ];
}

/** Two pairs of eyes that contracts need. */
export const LAB_BILLING: readonly User[] = [
  user('lab', 'billing', 'lab_billing_admin'),
  user('lab', 'approver', 'lab_approver'),
];

function user(slug: string, name: string, role: User['role']): User {
  const email = `${name}@${slug}.example`;
  return { email, role, password: passwordOf(email) };
}

/** The same at every run, so that a run that broke off can be repeated; as secret as the administrator's own. */
function passwordOf(email: string): string {
  return createHmac('sha256', settings.administrator.password).update(email).digest('base64url').slice(0, 28);
}

export async function ensureOrganization(administrator: GraphqlClient, partner: Partner): Promise<string> {
  const { organizations } = await administrator.query<{ organizations: { nodes: Node[] } }>(
    '{ organizations(first: 100) { nodes { id slug } } }',
  );
  const known = organizations.nodes.find(({ slug }) => slug === partner.slug);
  if (known) return known.id;
  say(`founding ${partner.name}`);
  const [{ email, password }] = usersOf(partner);
  const input = {
    name: partner.name,
    slug: partner.slug,
    administratorEmail: email,
    administratorName: `Administrator of ${partner.name}`,
    administratorPassword: password,
  };
  const payload = await administrator.mutate<{ organization: Node }>(
    'createPartnerOrganization',
    input,
    'organization { id }',
  );
  return payload.organization.id;
}

export async function ensureEntitlement(
  operator: GraphqlClient,
  { organizationId, familyId, partner }: { organizationId: string; familyId: string; partner: Partner },
): Promise<void> {
  const { entitlements } = await operator.query<{ entitlements: { nodes: Array<{ clause: string }> } }>(
    `query($organizationId: ID!, $familyId: ID!) {
       entitlements(organizationId: $organizationId, familyId: $familyId, inForce: true, first: 100) { nodes { clause } } }`,
    { organizationId, familyId },
  );
  const { actions, clause } = partner;
  if (entitlements.nodes.some((entitlement) => entitlement.clause === clause)) return;
  say(`granting ${partner.name} the family`);
  await operator.mutate('grantEntitlement', { organizationId, familyId, actions, clause }, 'entitlement { id }');
}

/** The partner's own part: a project, an engineer, a key. `knownKey` is kept while it works. */
export async function ensureWorkplace(
  partner: Partner,
  knownKey: string | undefined,
): Promise<{ projectId: string; apiKey: string }> {
  const [administrator, engineer, payer] = usersOf(partner);
  const client = new GraphqlClient(await signIn(settings.origin, administrator.email, administrator.password));
  const projectId = await ensureProject(client, partner);
  await ensureMember(client, engineer, [projectId]);
  await ensureMember(client, payer);
  if (knownKey && (await works(knownKey, projectId))) return { projectId, apiKey: knownKey };
  return { projectId, apiKey: await replaceKey(client, projectId) };
}

async function ensureProject(client: GraphqlClient, { project }: Partner): Promise<string> {
  const { projects } = await client.query<{ projects: { nodes: Node[] } }>(
    '{ projects(first: 100) { nodes { id slug } } }',
  );
  const known = projects.nodes.find(({ slug }) => slug === project.slug);
  if (known) return known.id;
  return (await client.mutate<{ project: Node }>('createProject', project, 'project { id }')).project.id;
}

const TITLES: Partial<Record<User['role'], string>> = {
  partner_engineer: 'Engineer',
  billing_admin: 'Billing',
  lab_billing_admin: 'Billing',
  lab_approver: 'Approver',
};

/** By an administrator of the organization. Roles that reach every project are assigned to none. */
export async function ensureMember(
  client: GraphqlClient,
  { email, password, role }: User,
  projectIds: readonly string[] = [],
): Promise<void> {
  const { members } = await client.query<{ members: { nodes: Array<{ user: { email: string } | null }> } }>(
    '{ members(first: 100) { nodes { user { email } } } }',
  );
  if (members.nodes.some((member) => member.user?.email === email)) return;
  const input = { email, displayName: TITLES[role], role: role.toUpperCase(), projectIds, password };
  await client.mutate('addMember', input, 'member { id }');
}

async function works(apiKey: string, projectId: string): Promise<boolean> {
  const client = new GraphqlClient({ graphqlUrl: `${settings.origin}/graphql`, credentials: { apiKey } });
  const query = '{ projects(first: 100) { nodes { id slug } } }';
  const answer = await client.query<{ projects: { nodes: Node[] } }>(query).catch(() => null);
  return answer?.projects.nodes.some(({ id }) => id === projectId) ?? false;
}

/** A secret is shown once: where it is lost, the key goes and another one comes. */
async function replaceKey(client: GraphqlClient, projectId: string): Promise<string> {
  const { apiKeys } = await client.query<{ apiKeys: { nodes: Array<{ id: string; name: string }> } }>(
    'query($projectId: ID!) { apiKeys(projectId: $projectId, first: 100) { nodes { id name } } }',
    { projectId },
  );
  for (const { id } of apiKeys.nodes.filter(({ name }) => name === KEY_NAME))
    await client.mutate('revokeApiKey', { apiKeyId: id }, 'apiKey { id }');
  const input = { name: KEY_NAME, scopes: KEY_SCOPES, projectId };
  return (await client.mutate<{ secret: string }>('createApiKey', input, 'secret')).secret;
}
