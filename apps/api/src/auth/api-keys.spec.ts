import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashApiKey, readGatewayKeys } from '#libs/identity';
import { Database } from '#platform/database';
import { bearer, type Credentials, LAB, PEPPER, TestApi } from './test-api.js';

const codes = (payload: { userErrors: Array<{ code: string; path: string[] }> }) =>
  payload.userErrors.map(({ code, path }) => [code, ...path].join(' '));

describe('API keys', () => {
  let api: TestApi;
  let administrator: Credentials;
  let engineer: Credentials;
  let engineerId: string;
  let projectId: string;
  let otherProjectId: string;
  let gateway: Database;

  beforeAll(async () => {
    api = await TestApi.start();
    ({ administrator } = await api.partner('acme'));
    projectId = await api.project(administrator, 'search');
    otherProjectId = await api.project(administrator, 'ranking');
    const member = await api.member(administrator, 'PARTNER_ENGINEER', [projectId]);
    engineer = member.credentials;
    engineerId = member.memberId;
    gateway = new Database({ appUrl: api.server.urls.app, narrowUrls: { gateway: api.server.urls.gateway } });
  });
  afterAll(async () => {
    await gateway.close();
    await api.stop();
  });

  const create = (credentials: Credentials, input: object) =>
    api.mutate(
      credentials,
      'createApiKey',
      { name: 'a key', scopes: ['INFERENCE_CALL'], ...input },
      'apiKey { id hint scopes project { id } } secret',
    );
  const me = async (credentials: Credentials) => {
    const { data, errors } = await api.query(
      credentials,
      '{ me { type id permissions allProjects organization { slug } } projects { nodes { slug } } }',
    );
    return errors ? errors[0].extensions.code : data;
  };
  const gatewayKey = async (secret: string) => {
    const keys = await gateway.as('gateway', readGatewayKeys);
    return keys.find((key) => key.secretSha256 === hashApiKey(secret, PEPPER)) ?? null;
  };

  test('act for their owner, within their scopes and project', async () => {
    const { apiKey, secret } = await create(engineer, { scopes: ['JOBS_READ', 'INFERENCE_CALL'], projectId });
    expect(apiKey).toMatchObject({ hint: `${secret.slice(0, 8)}…`, project: { id: projectId } });
    expect(await me(bearer(secret))).toEqual({
      me: {
        type: 'API_KEY',
        id: apiKey.id,
        permissions: ['JOBS_READ', 'INFERENCE_CALL'],
        allProjects: false,
        organization: { slug: 'acme' },
      },
      projects: { nodes: [{ slug: 'search' }] },
    });
    expect(await gatewayKey(secret)).toMatchObject({
      keyId: apiKey.id,
      projectId,
      projectIds: [projectId],
      permissions: new Set(['jobs:read', 'inference:call']),
    });
  });

  test('show their secret once, and not when the mutation is repeated', async () => {
    const input = { idempotencyKey: 'shown once', projectId };
    const first = await create(engineer, input);
    const repeated = await create(engineer, input);
    expect(first.secret).toMatch(/^fpk_/);
    expect(repeated).toEqual({ ...first, secret: null });
  });

  test('exceed neither what their maker holds nor what keys may hold', async () => {
    expect(codes(await create(engineer, { scopes: ['AUDIT_READ'], projectId }))).toEqual([
      'SCOPE_NOT_GRANTABLE scopes',
    ]);
    expect(codes(await create(administrator, { scopes: ['MEMBERS_WRITE'] }))).toEqual(['SCOPE_NOT_GRANTABLE scopes']);
    expect(codes(await create(administrator, { scopes: ['CATALOG_PUBLISH'] }))).toEqual(['SCOPE_NOT_GRANTABLE scopes']);
    expect(codes(await create(engineer, {}))).toEqual(['PROJECT_NEEDED projectId']);
    expect(codes(await create(engineer, { projectId: otherProjectId }))).toEqual(['PROJECT_NOT_FOUND projectId']);
    expect(codes(await create(administrator, { scopes: [] }))).toEqual(['INVALID_INPUT scopes']);
    const { secret } = await create(administrator, { scopes: ['KEYS_READ', 'MEMBERS_READ'] });
    expect(codes(await create(bearer(secret), {}))).toEqual(['FORBIDDEN']);
  });

  test('shrink with the role of their owner', async () => {
    const { secret } = await create(engineer, { scopes: ['JOBS_WRITE', 'JOBS_READ', 'INFERENCE_CALL'], projectId });
    const change = (role: string) =>
      api.mutate(administrator, 'changeMemberRole', { memberId: engineerId, role }, 'member { id }');
    await change('VIEWER');
    expect((await me(bearer(secret))).me.permissions).toEqual(['JOBS_READ']);
    expect((await gatewayKey(secret))?.permissions).toEqual(new Set(['jobs:read']));
    await change('PARTNER_ENGINEER');
    expect((await me(bearer(secret))).me.permissions).toContain('JOBS_WRITE');
  });

  test('end by their expiry', async () => {
    const expiresAt = new Date(api.clock.now().getTime() + 60_000);
    expect(codes(await create(engineer, { projectId, expiresAt: api.clock.now() }))).toEqual([
      'EXPIRY_IN_PAST expiresAt',
    ]);
    const { secret } = await create(engineer, { projectId, expiresAt });
    expect(await me(bearer(secret))).toHaveProperty('me');
    api.clock.advance(60_000);
    expect(await me(bearer(secret))).toBe('INVALID_API_KEY');
    expect((await gatewayKey(secret))?.expiresAt).toEqual(expiresAt);
  });

  test('end when revoked, and the gateway is told', async () => {
    const { apiKey, secret } = await create(engineer, { projectId, requestsPerMinute: 5, tokensPerMinute: 600 });
    expect(await gatewayKey(secret)).toMatchObject({ requestsPerMinute: 5, tokensPerMinute: 600 });
    const listener = await gateway.dedicated('gateway');
    const told = new Promise((resolve) => listener.on('notification', ({ payload }) => resolve(payload)));
    await listener.query('LISTEN gateway_snapshot');
    const revoked = await api.mutate(engineer, 'revokeApiKey', { apiKeyId: apiKey.id }, 'apiKey { revokedAt }');
    expect(revoked.apiKey.revokedAt).not.toBeNull();
    expect(await told).toBe('keys');
    await listener.end();
    expect(await me(bearer(secret))).toBe('INVALID_API_KEY');
    expect(await gatewayKey(secret)).toBeNull();
  });

  test('of others are revoked by who manages members, not by colleagues', async () => {
    const colleague = await api.member(administrator, 'PARTNER_ENGINEER', [projectId]);
    const { apiKey } = await create(engineer, { projectId });
    const revoke = (credentials: Credentials) =>
      api.mutate(credentials, 'revokeApiKey', { apiKeyId: apiKey.id }, 'apiKey { id }');
    expect(codes(await revoke(colleague.credentials))).toEqual(['NOT_YOUR_KEY apiKeyId']);
    const stranger = await api.member(administrator, 'PARTNER_ENGINEER', [otherProjectId]);
    expect(codes(await revoke(stranger.credentials))).toEqual(['API_KEY_NOT_FOUND apiKeyId']);
    expect(codes(await revoke(administrator))).toEqual([]);
  });

  test('of service accounts act as these, and end with them', async () => {
    const account = { name: 'ci', role: 'PARTNER_ENGINEER', projectId };
    const made = await api.mutate(administrator, 'createServiceAccount', account, 'serviceAccount { id }');
    const serviceAccountId = made.serviceAccount.id;
    const { secret, apiKey } = await create(engineer, { serviceAccountId, projectId, scopes: ['DATASETS_WRITE'] });
    expect(await me(bearer(secret))).toMatchObject({
      me: { type: 'SERVICE_ACCOUNT', id: serviceAccountId, permissions: ['DATASETS_WRITE'] },
      projects: { nodes: [{ slug: 'search' }] },
    });
    const { data } = await api.query(
      administrator,
      `{ node(id: "${apiKey.id}") { ... on ApiKey { serviceAccount { name project { slug } } user { id } } } }`,
    );
    expect(data.node).toEqual({ serviceAccount: { name: 'ci', project: { slug: 'search' } }, user: null });
    const again = await api.mutate(administrator, 'createServiceAccount', account, 'serviceAccount { id }');
    expect(codes(again)).toEqual(['NAME_NOT_AVAILABLE name']);
    await api.mutate(administrator, 'removeServiceAccount', { serviceAccountId }, 'removedServiceAccountId');
    expect(await me(bearer(secret))).toBe('INVALID_API_KEY');
    expect(await gatewayKey(secret)).toBeNull();
  });

  test('of a service account of the whole organization reach its projects', async () => {
    const account = { name: 'publisher', role: 'PARTNER_ENGINEER' };
    const made = await api.mutate(administrator, 'createServiceAccount', account, 'serviceAccount { id }');
    const { secret } = await create(administrator, { serviceAccountId: made.serviceAccount.id });
    expect(await me(bearer(secret))).toMatchObject({ me: { allProjects: true } });
    expect((await gatewayKey(secret))?.projectIds).toBe('all');
  });

  test('of a project that its owner left reach nothing', async () => {
    const member = await api.member(administrator, 'PARTNER_ENGINEER', [projectId]);
    const { secret } = await create(member.credentials, { projectId });
    const change = { memberId: member.memberId, role: 'PARTNER_ENGINEER', projectIds: [otherProjectId] };
    await api.mutate(administrator, 'changeMemberRole', change, 'member { id }');
    expect((await me(bearer(secret))).projects.nodes).toEqual([]);
    expect((await gatewayKey(secret))?.projectIds).toEqual([]);
  });

  test.each([
    ['Basic dXNlcjpwYXNz'],
    ['Bearer'],
    ['Bearer fpk_0000000000000000000000000000000000000'],
    [`Bearer fpk_${'0'.repeat(38)}`],
  ])('that are none are refused: %s', async (authorization) => {
    expect(await me({ authorization })).toBe('INVALID_API_KEY');
    const answer = await api.send({ method: 'GET', url: '/auth/me', headers: { authorization } });
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'invalid_api_key']);
  });

  test('win over a cookie, and need no CSRF token', async () => {
    const { cookie } = await api.signIn(LAB.administrator.email, LAB.administrator.password);
    const { secret } = await create(engineer, { projectId });
    expect((await me({ cookie: cookie as string, ...bearer(secret) })).me.organization.slug).toBe('acme');
  });

  test('are listed with their project, newest first, without what is revoked', async () => {
    const list = async (credentials: Credentials, args = '') => {
      const { data, errors } = await api.query(
        credentials,
        `{ apiKeys(first: 100${args}) { nodes { id revokedAt hint } } }`,
      );
      return errors ? errors[0].extensions.code : data.apiKeys.nodes;
    };
    const { apiKey } = await create(engineer, { projectId });
    const own = await list(engineer);
    expect(own[0].id).toBe(apiKey.id);
    expect(own.every((key: { revokedAt: string | null }) => key.revokedAt === null)).toBe(true);
    const all = await list(engineer, ', includeRevoked: true');
    expect(all.length).toBeGreaterThan(own.length);
    expect(await list(engineer, `, projectId: "${otherProjectId}"`)).toBe('PROJECT_NOT_FOUND');
    expect(await list(administrator, `, projectId: "${otherProjectId}"`)).toEqual([]);
    const viewer = await api.member(administrator, 'VIEWER', [projectId]);
    expect(await list(viewer.credentials)).toBe('FORBIDDEN');
  });
});
