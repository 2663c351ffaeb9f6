import pg from 'pg';
import { newId } from '#libs/kernel';
import type { Scope } from '#platform/database';
import type { TestDatabase } from './test-environment.js';

export interface TestOrganization {
  organizationId: string;
  projectId: string;
  /** Its administrator, who reaches every project. */
  scope: Scope;
}

const CREATED_AT = '2026-01-01T00:00:00.000Z';

/** An organization with an administrator and one project: what specs of other domains than identity stand on. One lab per database. */
export async function testOrganization(
  database: TestDatabase,
  kind: Scope['kind'] = 'partner',
): Promise<TestOrganization> {
  const organizationId = newId('org');
  const projectId = newId('proj');
  const userId = newId('user');
  const slug = organizationId.slice(-20);
  const founding = {
    organization_id: organizationId,
    kind,
    name: slug,
    slug,
    user_id: userId,
    member_id: newId('mem'),
    email: `${slug}@example.com`,
    display_name: 'Administrator',
    password_hash: 'none',
    password_change_required: false,
    role: kind === 'lab' ? 'lab_admin' : 'partner_admin',
    created_by: userId,
    created_at: CREATED_AT,
  };
  const client = new pg.Client({ connectionString: database.urls.app });
  await client.connect();
  try {
    // As identity does it: under the lab's scope, through the one function that may.
    await client.query(
      `SELECT set_config('app.organization_id', $1, false), set_config('app.scope_kind', 'lab', false)`,
      [organizationId],
    );
    await client.query('SELECT identity_found_organization($1::jsonb)', [JSON.stringify(founding)]);
    await client.query(
      'INSERT INTO projects (id, organization_id, name, slug, created_by, created_at) VALUES ($1, $2, $3, $3, $4, $5)',
      [projectId, organizationId, 'project', userId, CREATED_AT],
    );
  } finally {
    await client.end();
  }
  const actor = { type: 'user', id: userId } as const;
  return { organizationId, projectId, scope: { organizationId, kind, actor, projectIds: 'all' } };
}
