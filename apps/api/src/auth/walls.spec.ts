import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { bearer, type Credentials, LAB, TestApi } from './test-api.js';

/** Everything of identity and audit that one organization has, by the kind of its id. */
interface Tenant {
  organizationId: string;
  administrator: Credentials;
  engineer: Credentials;
  ids: Record<'org' | 'proj' | 'user' | 'mem' | 'sa' | 'key' | 'aud', string>;
}

const TABLES = [
  'organizations',
  'projects',
  'users',
  'members',
  'project_members',
  'service_accounts',
  'sessions',
  'api_keys',
  'audit_entries',
  'idempotency_keys',
] as const;

async function furnish(api: TestApi, slug: string): Promise<Tenant> {
  const { organizationId, administrator } = await api.partner(slug);
  const projectId = await api.project(administrator, 'work');
  const engineer = await api.member(administrator, 'PARTNER_ENGINEER', [projectId]);
  const account = { name: 'ci', role: 'PARTNER_ENGINEER', projectId };
  const made = await api.mutate(administrator, 'createServiceAccount', account, 'serviceAccount { id }');
  const key = { name: 'key', scopes: ['JOBS_READ'], projectId };
  const { apiKey } = await api.mutate(engineer.credentials, 'createApiKey', key, 'apiKey { id }');
  const { data } = await api.query(
    administrator,
    `{ auditLog(first: 1) { nodes { id } } node(id: "${engineer.memberId}") { ... on Member { user { id } } } }`,
  );
  return {
    organizationId,
    administrator,
    engineer: engineer.credentials,
    ids: {
      org: organizationId,
      proj: projectId,
      user: data.node.user.id,
      mem: engineer.memberId,
      sa: made.serviceAccount.id,
      key: apiKey.id,
      aud: data.auditLog.nodes[0].id,
    },
  };
}

const NODES = 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const LISTS = `{ organization { id } projects(first: 100) { nodes { id } } members(first: 100) { nodes { id user { id } } }
  serviceAccounts(first: 100) { nodes { id } } apiKeys(first: 100, includeRevoked: true) { nodes { id } }
  auditLog(first: 100) { nodes { id } } }`;

/** Each mutation that names something, as somebody who would be allowed to if it were their own. */
const ACTS = (other: Tenant['ids']): Array<[name: string, input: object, selection: string]> => [
  ['changeMemberRole', { memberId: other.mem, role: 'VIEWER' }, 'member { id }'],
  ['removeMember', { memberId: other.mem }, 'removedMemberId'],
  ['resetMemberPassword', { memberId: other.mem }, 'initialPassword'],
  [
    'addMember',
    { email: 'spy@b.example', displayName: 'Spy', role: 'PARTNER_ENGINEER', projectIds: [other.proj] },
    'member { id }',
  ],
  ['createServiceAccount', { name: 'spy', role: 'VIEWER', projectId: other.proj }, 'serviceAccount { id }'],
  ['removeServiceAccount', { serviceAccountId: other.sa }, 'removedServiceAccountId'],
  ['createApiKey', { name: 'spy', scopes: ['JOBS_READ'], projectId: other.proj }, 'secret'],
  ['createApiKey', { name: 'spy', scopes: ['JOBS_READ'], serviceAccountId: other.sa }, 'secret'],
  ['revokeApiKey', { apiKeyId: other.key }, 'apiKey { id }'],
];

describe('between organizations', () => {
  let api: TestApi;
  let lab: Credentials;
  let one: Tenant;
  let other: Tenant;
  let owner: pg.Client;

  beforeAll(async () => {
    api = await TestApi.start();
    lab = await api.signIn(LAB.administrator.email, LAB.administrator.password);
    one = await furnish(api, 'one');
    other = await furnish(api, 'other');
    owner = new pg.Client({ connectionString: api.server.urls.owner });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await api.stop();
  });

  describe('row security alone', () => {
    let client: pg.Client;

    beforeAll(async () => {
      client = new pg.Client({ connectionString: api.server.urls.app });
      await client.connect();
    });
    afterAll(() => client.end());

    const within = (organizationId: string, kind = 'partner') =>
      client.query(`SELECT set_config('app.organization_id', $1, false), set_config('app.scope_kind', $2, false)`, [
        organizationId,
        kind,
      ]);

    test.each(TABLES)('shows no %s of others, and changes none', async (table) => {
      await within(one.organizationId);
      const seen = await client.query(`SELECT DISTINCT organization_id FROM ${table}`);
      expect(seen.rows).toEqual([{ organization_id: one.organizationId }]);
      const lock = await client
        .query(`SELECT organization_id FROM ${table} WHERE organization_id = $1 FOR UPDATE`, [other.organizationId])
        .catch((error: Error) => error);
      if (lock instanceof Error) expect(lock.message).toContain('permission denied');
      else expect(lock.rows).toEqual([]);
    });

    test.each(TABLES)('shows no %s at all to who has no organization', async (table) => {
      await within('', '');
      expect((await client.query(`SELECT organization_id FROM ${table}`)).rows).toEqual([]);
    });

    test('shows the lab who its partners are, and nothing that is theirs', async () => {
      const { data } = await api.query(lab, '{ organization { id } }');
      await within(data.organization.id, 'lab');
      const seen = await client.query('SELECT slug FROM organizations');
      expect(seen.rows.map((row) => row.slug).sort()).toEqual(['lab', 'one', 'other']);
      await expect(client.query(`UPDATE organizations SET name = 'ours' WHERE slug = 'one'`)).resolves.toMatchObject({
        rowCount: 0,
      });
      for (const table of TABLES.filter((name) => name !== 'organizations')) {
        const { rows } = await client.query(`SELECT 1 FROM ${table} WHERE organization_id = $1`, [one.organizationId]);
        expect(rows).toEqual([]);
      }
    });

    test('takes in no row for another organization, and none that refers to one', async () => {
      await within(one.organizationId);
      const insert = (organizationId: string, projectId: string) =>
        client.query(
          `INSERT INTO service_accounts (id, organization_id, project_id, name, role, created_by, created_at)
           VALUES ('sa_x', $1, $2, 'x', 'viewer', 'x', '2026-01-01')`,
          [organizationId, projectId],
        );
      await expect(insert(other.organizationId, other.ids.proj)).rejects.toThrow('row-level security');
      await expect(insert(one.organizationId, other.ids.proj)).rejects.toThrow('foreign key');
      await expect(
        client.query('INSERT INTO project_members (project_id, member_id, organization_id) VALUES ($1, $2, $3)', [
          other.ids.proj,
          one.ids.mem,
          one.organizationId,
        ]),
      ).rejects.toThrow('foreign key');
    });

    test('founds nothing for a partner, and no second lab', async () => {
      await within(one.organizationId);
      const found = (kind: string) =>
        client.query('SELECT identity_found_organization($1)', [JSON.stringify({ kind })]);
      await expect(found('partner')).rejects.toThrow('only the lab');
      await expect(found('lab')).rejects.toThrow('a lab already');
    });
  });

  async function acts(actor: Credentials, target: Tenant): Promise<string[][]> {
    const refusals: string[][] = [];
    for (const [name, input, selection] of ACTS(target.ids)) {
      const payload = await api.mutate(actor, name, input, selection);
      refusals.push([name, ...payload.userErrors.map(({ code }: { code: string }) => code)]);
    }
    return refusals;
  }

  const EXPECTED = [
    ['changeMemberRole', 'MEMBER_NOT_FOUND'],
    ['removeMember', 'MEMBER_NOT_FOUND'],
    ['resetMemberPassword', 'MEMBER_NOT_FOUND'],
    ['addMember', 'PROJECT_NOT_FOUND'],
    ['createServiceAccount', 'PROJECT_NOT_FOUND'],
    ['removeServiceAccount', 'SERVICE_ACCOUNT_NOT_FOUND'],
    ['createApiKey', 'PROJECT_NOT_FOUND'],
    ['createApiKey', 'SERVICE_ACCOUNT_NOT_FOUND'],
    ['revokeApiKey', 'API_KEY_NOT_FOUND'],
  ];

  describe.each([['both walls'], ['policy alone']])('%s', (walls) => {
    beforeAll(async () => {
      if (walls === 'both walls') return;
      const { rows } = await owner.query(`SELECT relname FROM pg_class WHERE relrowsecurity`);
      for (const { relname } of rows) await owner.query(`ALTER TABLE ${relname} DISABLE ROW LEVEL SECURITY`);
    });

    test('finds nothing of others by its id', async () => {
      const foreign = Object.values(other.ids);
      for (const credentials of [one.administrator, one.engineer]) {
        const { data } = await api.query(credentials, NODES, { ids: foreign });
        expect(data.nodes).toEqual(foreign.map(() => null));
      }
      const { data } = await api.query(one.administrator, NODES, { ids: Object.values(one.ids) });
      expect(data.nodes).toEqual(Object.values(one.ids).map((id) => ({ id })));
    });

    test('shows the lab the organization of a partner alone', async () => {
      const ids = Object.values(one.ids);
      const { data } = await api.query(lab, NODES, { ids });
      expect(data.nodes.filter(Boolean)).toEqual([{ id: one.organizationId }]);
    });

    test('lists nothing of others', async () => {
      const { data, errors } = await api.query(one.administrator, LISTS);
      expect(errors).toBeUndefined();
      const text = JSON.stringify(data);
      for (const id of Object.values(other.ids)) expect(text).not.toContain(id);
      for (const id of Object.values(one.ids)) expect(text).toContain(id);
    });

    test('does nothing to others', async () => {
      expect(await acts(one.administrator, other)).toEqual(EXPECTED);
      expect(await acts(lab, one)).toEqual(
        EXPECTED.map(([name, code]) => [name, name === 'addMember' ? 'ROLE_NOT_AVAILABLE' : code]),
      );
    });

    test('shows who works in one project nothing of the next', async () => {
      const projectId = await api.project(one.administrator, `next-${walls.replace(' ', '-')}`);
      const key = { name: 'next', scopes: ['JOBS_READ'], projectId };
      const { apiKey, secret } = await api.mutate(one.administrator, 'createApiKey', key, 'apiKey { id } secret');
      const { data } = await api.query(one.engineer, NODES, { ids: [projectId, apiKey.id] });
      expect(data.nodes).toEqual([null, null]);
      const lists = await api.query(one.engineer, '{ projects { nodes { id } } apiKeys { nodes { id } } }');
      expect(JSON.stringify(lists.data)).not.toContain(projectId);
      expect(JSON.stringify(lists.data)).not.toContain(apiKey.id);
      const byKey = await api.query(bearer(secret), '{ projects { nodes { id } } }');
      expect(byKey.data.projects.nodes).toEqual([{ id: projectId }]);
    });
  });
});
