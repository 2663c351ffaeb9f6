import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MembershipService, ROLES } from '#libs/identity';
import { canonicalJson, sha256Hex } from '#libs/kernel';
import { Database, type Transaction } from '#platform/database';
import { type Principal, scopeOf } from '#platform/graphql';
import { bearer, type Credentials, LAB, TestApi } from './test-api.js';

const codes = (payload: { userErrors: Array<{ code: string; path: string[] }> }) =>
  payload.userErrors.map(({ code, path }) => [code, ...path].join(' '));

describe('organizations and their members', () => {
  let api: TestApi;
  let lab: Credentials;
  let administrator: Credentials;
  let projectId: string;

  beforeAll(async () => {
    api = await TestApi.start();
    lab = await api.signIn(LAB.administrator.email, LAB.administrator.password);
    ({ administrator } = await api.partner('acme'));
    projectId = await api.project(administrator, 'search');
  });
  afterAll(() => api.stop());

  const me = async (credentials: Credentials) => {
    const { data, errors } = await api.query(
      credentials,
      '{ me { permissions allProjects } projects { nodes { id } } }',
    );
    return errors ? errors[0].extensions.code : data;
  };
  const addMember = (credentials: Credentials, input: object) =>
    api.mutate(credentials, 'addMember', { displayName: 'Somebody', ...input }, 'member { id role } initialPassword');

  test('are founded by the lab alone', async () => {
    const input = { name: 'B', slug: 'b', administratorEmail: 'b@b.example', administratorName: 'B' };
    const byPartner = await api.mutate(administrator, 'createPartnerOrganization', input, 'organization { id }');
    expect(codes(byPartner)).toEqual(['FORBIDDEN']);
    const operator = await api.signIn(LAB.operator.email, LAB.operator.password);
    const byOperator = await api.mutate(operator, 'createPartnerOrganization', input, 'organization { id }');
    expect(codes(byOperator)).toEqual(['FORBIDDEN']);
    const byLab = await api.mutate(
      lab,
      'createPartnerOrganization',
      input,
      'organization { kind slug } initialPassword',
    );
    expect(byLab).toMatchObject({ organization: { kind: 'PARTNER', slug: 'b' }, userErrors: [] });
    const again = { ...input, slug: 'c' };
    expect(codes(await api.mutate(lab, 'createPartnerOrganization', again, 'organization { id }'))).toEqual([
      'EMAIL_NOT_AVAILABLE administratorEmail',
    ]);
    const taken = { ...input, administratorEmail: 'c@c.example' };
    expect(codes(await api.mutate(lab, 'createPartnerOrganization', taken, 'organization { id }'))).toEqual([
      'SLUG_NOT_AVAILABLE slug',
    ]);
    const { data } = await api.query(lab, '{ organizations { nodes { slug kind } } }');
    expect(data.organizations.nodes.map((node: { slug: string }) => node.slug)).toEqual(
      expect.arrayContaining(['b', 'acme', 'lab']),
    );
    const refused = await api.query(administrator, '{ organizations { nodes { slug } } }');
    expect(refused.errors[0].extensions.code).toBe('FORBIDDEN');
  });

  test('an initial password is shown once, for the first sign-in within a week', async () => {
    const added = await addMember(administrator, { email: 'new@acme.example', role: 'PARTNER_ENGINEER' });
    const initial = added.initialPassword;
    expect(initial).toMatch(/^\w{5}(-\w{5}){3}$/);
    const newcomer = await api.signIn('new@acme.example', initial);
    expect(await me(newcomer)).toEqual({
      me: { permissions: ['SELF_WRITE'], allProjects: false },
      projects: { nodes: [] },
    });
    const early = await api.mutate(newcomer, 'createApiKey', { name: 'k', scopes: ['JOBS_READ'] }, 'secret');
    expect(codes(early)).toEqual(['PASSWORD_CHANGE_REQUIRED']);
    const change = (input: object) =>
      api.mutate(newcomer, 'changePassword', { currentPassword: initial, ...input }, 'changed');
    expect(codes(await change({ newPassword: 'password' }))).toEqual(['PASSWORD_TOO_WEAK password']);
    expect(await change({ newPassword: 'something of my own' })).toEqual({ changed: true, userErrors: [] });
    expect((await me(newcomer)).me.permissions).toContain('JOBS_WRITE');

    await addMember(administrator, { email: 'late@acme.example', role: 'VIEWER' });
    const { data } = await api.query(administrator, '{ members(first: 1) { nodes { id user { email } } } }');
    const input = { memberId: data.members.nodes[0].id };
    const reset = await api.mutate(administrator, 'resetMemberPassword', input, 'initialPassword');
    api.clock.advance(7 * 24 * 3_600_000);
    await expect(api.signIn('late@acme.example', reset.initialPassword)).rejects.toThrow('initial_password_expired');
    administrator = await api.signIn('admin@acme.example', 'runs this partner 1');
    lab = await api.signIn(LAB.administrator.email, LAB.administrator.password);
  });

  test('nobody grants, changes or takes away a role that they do not hold', async () => {
    const engineer = await api.member(administrator, 'PARTNER_ENGINEER', [projectId]);
    const byEngineer = await addMember(engineer.credentials, { email: 'x@acme.example', role: 'VIEWER' });
    expect(codes(byEngineer)).toEqual(['FORBIDDEN']);
    const foreign = await addMember(administrator, { email: 'x@acme.example', role: 'LAB_ADMIN' });
    expect(codes(foreign)).toEqual(['ROLE_NOT_AVAILABLE role']);
    const promote = { memberId: engineer.memberId, role: 'PARTNER_ADMIN' };
    expect(codes(await api.mutate(engineer.credentials, 'changeMemberRole', promote, 'member { id }'))).toEqual([
      'FORBIDDEN',
    ]);
    const byOtherOrganization = await api.mutate(lab, 'changeMemberRole', promote, 'member { id }');
    expect(codes(byOtherOrganization)).toEqual(['MEMBER_NOT_FOUND memberId']);
  });

  test('a changed role holds from the next call on', async () => {
    const viewer = await api.member(administrator, 'VIEWER');
    expect((await me(viewer.credentials)).me.permissions).not.toContain('JOBS_WRITE');
    const change = { memberId: viewer.memberId, role: 'PARTNER_ENGINEER', projectIds: [projectId] };
    const changed = await api.mutate(administrator, 'changeMemberRole', change, 'member { role projects { id } }');
    expect(changed.member).toEqual({ role: 'PARTNER_ENGINEER', projects: [{ id: projectId }] });
    const after = await me(viewer.credentials);
    expect(after.me.permissions).toContain('JOBS_WRITE');
    expect(after.projects.nodes).toEqual([{ id: projectId }]);
  });

  test('who is removed is out at once, with sessions and keys', async () => {
    const engineer = await api.member(administrator, 'PARTNER_ENGINEER', [projectId]);
    const key = { name: 'mine', scopes: ['JOBS_READ'], projectId };
    const { secret } = await api.mutate(engineer.credentials, 'createApiKey', key, 'secret');
    expect((await me(bearer(secret))).me.permissions).toEqual(['JOBS_READ']);
    const removed = await api.mutate(administrator, 'removeMember', { memberId: engineer.memberId }, 'removedMemberId');
    expect(removed).toEqual({ removedMemberId: engineer.memberId, userErrors: [] });
    expect(await me(engineer.credentials)).toBe('UNAUTHENTICATED');
    expect(await me(bearer(secret))).toBe('INVALID_API_KEY');
    await expect(api.signIn(engineer.email, 'is a member of it 1')).rejects.toThrow('invalid_credentials');
    const again = await addMember(administrator, {
      email: engineer.email,
      role: 'VIEWER',
      password: 'another one by me 1',
    });
    expect(again.userErrors).toEqual([]);
    expect((await me(await api.signIn(engineer.email, 'another one by me 1'))).me.permissions).toContain('JOBS_READ');
    expect(await me(bearer(secret))).toBe('INVALID_API_KEY');
  });

  test('the last administrator stays, also when two go at once', async () => {
    const { administrator: first, organizationId } = await api.partner('duo');
    const { data } = await api.query(first, '{ me { id } members { nodes { id } } }');
    const firstId = data.members.nodes[0].id;
    const alone = await api.mutate(first, 'removeMember', { memberId: firstId }, 'removedMemberId');
    expect(codes(alone)).toEqual(['LAST_ADMINISTRATOR memberId']);
    const second = await api.member(first, 'PARTNER_ADMIN');
    const { data: seconds } = await api.query(second.credentials, '{ me { id } }');
    // Both are let in as administrators; only then do they begin to demote and to remove each other.
    const as = (id: string): Principal => ({
      type: 'user',
      id,
      organizationId,
      organizationKind: 'partner',
      projectIds: 'all',
      permissions: new Set(ROLES.partner_admin.permissions),
    });
    const [database, members] = [api.app.get(Database), api.app.get(MembershipService)];
    const inTransaction = (principal: Principal, work: (tx: Transaction) => Promise<void>) =>
      database.transaction(scopeOf(principal), work);
    const demoter = as(seconds.me.id);
    const remover = as(data.me.id);
    const results = await Promise.allSettled([
      inTransaction(demoter, (tx) => members.changeRole(tx, demoter, { memberId: firstId, role: 'viewer' })),
      inTransaction(remover, (tx) => members.remove(tx, remover, second.memberId)),
    ]);
    const reasons = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'done'));
    expect(reasons.sort()).toEqual(['LAST_ADMINISTRATOR', 'done']);
  });

  test('an address has one account', async () => {
    const taken = await addMember(administrator, { email: LAB.operator.email, role: 'VIEWER' });
    expect(codes(taken)).toEqual(['EMAIL_NOT_AVAILABLE email']);
    const none = await addMember(administrator, { email: 'not an address', role: 'VIEWER' });
    expect(codes(none)).toEqual(['INVALID_EMAIL email']);
  });

  test('the own password is guessed no faster than at sign-in, and its change ends other sessions', async () => {
    const member = await api.member(administrator, 'VIEWER');
    const other = await api.signIn(member.email, 'is a member of it 1');
    const change = (currentPassword: string) =>
      api.mutate(
        member.credentials,
        'changePassword',
        { currentPassword, newPassword: 'something of my own' },
        'changed',
      );
    const refused: string[] = [];
    for (let count = 0; count < 7; count++) refused.push(...codes(await change('guess')));
    expect(new Set(refused.slice(0, 6))).toEqual(new Set(['INVALID_CREDENTIALS currentPassword']));
    expect(refused[6]).toBe('TOO_MANY_SIGN_INS');
    api.clock.advance(2_000);
    expect(await change('is a member of it 1')).toEqual({ changed: true, userErrors: [] });
    expect(await me(other)).toBe('UNAUTHENTICATED');
    expect(await me(member.credentials)).toHaveProperty('me');
  });

  test('no answer, replay or log holds a password', async () => {
    const input = { idempotencyKey: 'secret replay', email: 'replay@acme.example', role: 'VIEWER' };
    const first = await addMember(administrator, { ...input, password: 'known to nobody 1' });
    const replayed = await addMember(administrator, { ...input, password: 'known to nobody 1' });
    expect(replayed).toEqual(first);
    expect(codes(await addMember(administrator, { ...input, password: 'known to nobody 2' }))).toEqual([
      'IDEMPOTENCY_KEY_REUSED idempotencyKey',
    ]);
    const { data } = await api.query(
      administrator,
      `{ auditLog(action: "addMember", targetId: "${first.member.id}") { nodes { inputSha256 outcome } } auditVerification { intact } }`,
    );
    expect(data.auditLog.nodes).toHaveLength(1);
    const plain = canonicalJson({
      displayName: 'Somebody',
      email: input.email,
      password: 'known to nobody 1',
      role: 'viewer',
    });
    expect(data.auditLog.nodes[0].inputSha256).not.toBe(sha256Hex(plain));
    expect(data.auditVerification.intact).toBe(true);
  });
});
