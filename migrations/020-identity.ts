import type { MigrationInterface, QueryRunner } from 'typeorm';
import { roleMayRead, tenantTable } from './support/row-security.js';

/**
 * Organizations and who acts in them.
 *
 * Foreign keys carry the organization: PostgreSQL checks them past row security, so a plain reference could point into another
 * organization. Refer to a project by `FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id)`.
 *
 * The hashes of passwords, sessions and keys are written but never read by the application: look-ups go through the functions at the
 * end, which a role of their own owns. NOTIFY gateway_snapshot with payload 'keys' tells the gateway to read `gateway_keys` again.
 */
export class Identity1700000000020 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await createOrganizations(q);
    await createPeople(q);
    await createCredentials(q);
    await createThrottles(q);
    await createLookups(q);
    await createGatewayKeys(q);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP VIEW gateway_keys');
    await q.query(
      `DROP FUNCTION identity_find_user_by_email(text), identity_find_session(text), identity_find_api_key(text),
       identity_found_organization(jsonb)`,
    );
    await q.query(
      'DROP TABLE sign_in_throttles, api_keys, sessions, service_accounts, project_members, members, users',
    );
    await q.query('DROP TABLE projects, organizations');
    await q.query('DROP FUNCTION notify_gateway_keys()');
  }
}

const SLUG = `'^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$'`;

async function createOrganizations(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE organizations (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL GENERATED ALWAYS AS (id) STORED,
    kind text NOT NULL CHECK (kind IN ('lab', 'partner')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    slug text NOT NULL UNIQUE CHECK (slug ~ ${SLUG}),
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL
  )`);
  // Rows come from identity_found_organization alone. UPDATE lets a transaction lock its organization.
  await tenantTable(q, 'organizations', { labMayRead: true, grant: 'SELECT, UPDATE (name)' });

  await q.query(`CREATE TABLE projects (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    slug text NOT NULL CHECK (slug ~ ${SLUG}),
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    UNIQUE (id, organization_id),
    UNIQUE (organization_id, slug)
  )`);
  await q.query('CREATE INDEX projects_organization ON projects (organization_id, created_at, id)');
  await tenantTable(q, 'projects', { grant: 'SELECT, INSERT, UPDATE (name)' });
}

async function createPeople(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE users (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) <= 254),
    display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
    password_hash text NOT NULL,
    password_changed_at timestamptz(3) NOT NULL,
    password_change_required boolean NOT NULL,
    password_expires_at timestamptz(3),
    created_at timestamptz(3) NOT NULL,
    UNIQUE (id, organization_id)
  )`);
  const passwordState = 'password_changed_at, password_change_required, password_expires_at';
  await tenantTable(q, 'users', {
    grant: `SELECT (id, organization_id, email, display_name, ${passwordState}, created_at), INSERT,
            UPDATE (display_name, password_hash, ${passwordState})`,
  });

  await q.query(`CREATE TABLE members (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    role text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    removed_by text,
    removed_at timestamptz(3),
    UNIQUE (id, organization_id),
    FOREIGN KEY (user_id, organization_id) REFERENCES users (id, organization_id)
  )`);
  await q.query('CREATE UNIQUE INDEX members_active_user ON members (user_id) WHERE removed_at IS NULL');
  await q.query('CREATE INDEX members_organization ON members (organization_id, created_at, id)');
  await tenantTable(q, 'members', { grant: 'SELECT, INSERT, UPDATE (role, removed_by, removed_at)' });

  await q.query(`CREATE TABLE project_members (
    project_id text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (member_id, project_id),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    FOREIGN KEY (member_id, organization_id) REFERENCES members (id, organization_id)
  )`);
  await tenantTable(q, 'project_members', { grant: 'SELECT, INSERT, DELETE' });

  await q.query(`CREATE TABLE service_accounts (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    project_id text COLLATE "C",
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    role text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    removed_by text,
    removed_at timestamptz(3),
    UNIQUE (id, organization_id),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id)
  )`);
  await q.query(
    'CREATE UNIQUE INDEX service_accounts_name ON service_accounts (organization_id, name) WHERE removed_at IS NULL',
  );
  await q.query('CREATE INDEX service_accounts_organization ON service_accounts (organization_id, created_at, id)');
  await tenantTable(q, 'service_accounts', { grant: 'SELECT, INSERT, UPDATE (removed_by, removed_at)' });
}

async function createCredentials(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE sessions (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    token_sha256 text NOT NULL UNIQUE,
    address text NOT NULL,
    user_agent text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    last_seen_at timestamptz(3) NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    FOREIGN KEY (user_id, organization_id) REFERENCES users (id, organization_id)
  )`);
  await q.query('CREATE INDEX sessions_user ON sessions (user_id, created_at)');
  await tenantTable(q, 'sessions', {
    grant: `SELECT (id, organization_id, user_id, address, user_agent, created_at, last_seen_at, expires_at, ended_at), INSERT,
            UPDATE (last_seen_at, ended_at), DELETE`,
  });

  await q.query(`CREATE TABLE api_keys (
    id text COLLATE "C" PRIMARY KEY,
    organization_id text COLLATE "C" NOT NULL REFERENCES organizations (id),
    project_id text COLLATE "C",
    user_id text COLLATE "C",
    service_account_id text COLLATE "C",
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    hint text NOT NULL,
    secret_sha256 text NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    requests_per_minute int CHECK (requests_per_minute > 0),
    tokens_per_minute int CHECK (tokens_per_minute > 0),
    expires_at timestamptz(3),
    created_by text NOT NULL,
    created_at timestamptz(3) NOT NULL,
    revoked_by text,
    revoked_at timestamptz(3),
    CHECK (num_nonnulls(user_id, service_account_id) = 1),
    FOREIGN KEY (project_id, organization_id) REFERENCES projects (id, organization_id),
    FOREIGN KEY (user_id, organization_id) REFERENCES users (id, organization_id),
    FOREIGN KEY (service_account_id, organization_id) REFERENCES service_accounts (id, organization_id)
  )`);
  await q.query('CREATE INDEX api_keys_organization ON api_keys (organization_id, created_at, id)');
  await q.query('CREATE INDEX api_keys_user ON api_keys (user_id) WHERE revoked_at IS NULL');
  await q.query('CREATE INDEX api_keys_service_account ON api_keys (service_account_id) WHERE revoked_at IS NULL');
  await tenantTable(q, 'api_keys', {
    grant: `SELECT (id, organization_id, project_id, user_id, service_account_id, name, hint, scopes, requests_per_minute,
            tokens_per_minute, expires_at, created_by, created_at, revoked_by, revoked_at), INSERT, UPDATE (revoked_by, revoked_at)`,
  });
}

/** How often sign-in was tried of late. No tenant's data: an attempt comes before anybody is known, under hashed names. */
async function createThrottles(q: QueryRunner): Promise<void> {
  await q.query(`CREATE TABLE sign_in_throttles (
    subject_sha256 text PRIMARY KEY,
    attempts int NOT NULL,
    last_attempt_at timestamptz(3) NOT NULL,
    blocked_until timestamptz(3) NOT NULL
  )`);
  await q.query('CREATE INDEX sign_in_throttles_age ON sign_in_throttles (last_attempt_at)');
  await q.query('ALTER TABLE sign_in_throttles ENABLE ROW LEVEL SECURITY');
  await q.query('ALTER TABLE sign_in_throttles FORCE ROW LEVEL SECURITY');
  await q.query(`CREATE POLICY sign_in_throttles_anonymous ON sign_in_throttles TO forkpoint_app
    USING (app_organization() IS NULL) WITH CHECK (app_organization() IS NULL)`);
  await q.query('GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_throttles TO forkpoint_app');
}

/**
 * What has to cross organizations before a scope is known: who signs in, whose session, whose key; and founding an organization.
 * forkpoint_identity owns these functions; it can't log in, owns nothing else, and is granted just the columns that they name.
 */
async function createLookups(q: QueryRunner): Promise<void> {
  await q.query(
    `DO $$ BEGIN CREATE ROLE forkpoint_identity NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
  );
  const readable = {
    organizations: 'id, kind',
    users:
      'id, organization_id, email, password_hash, password_changed_at, password_change_required, password_expires_at',
    members: 'id, user_id, role, removed_at',
    project_members: 'member_id, project_id',
    service_accounts: 'id, project_id, role, removed_at',
    sessions: 'id, organization_id, user_id, token_sha256, created_at, last_seen_at, expires_at, ended_at',
    api_keys:
      'id, organization_id, project_id, user_id, service_account_id, secret_sha256, scopes, expires_at, revoked_at',
  };
  await q.query('GRANT USAGE, CREATE ON SCHEMA public TO forkpoint_identity');
  for (const [table, columns] of Object.entries(readable)) {
    await q.query(`CREATE POLICY ${table}_lookup ON ${table} FOR SELECT TO forkpoint_identity USING (true)`);
    await q.query(`GRANT SELECT (${columns}) ON ${table} TO forkpoint_identity`);
  }
  for (const table of ['organizations', 'users', 'members']) {
    await q.query(`CREATE POLICY ${table}_founding ON ${table} FOR INSERT TO forkpoint_identity WITH CHECK (true)`);
    await q.query(`GRANT INSERT ON ${table} TO forkpoint_identity`);
  }
  for (const definition of [FIND_USER_BY_EMAIL, FIND_SESSION, FIND_API_KEY, FOUND_ORGANIZATION]) {
    await q.query(definition);
  }
  // To hand a function to a role one has to be a member of it; for these lines only, since members share its sight.
  await q.query('GRANT forkpoint_identity TO CURRENT_USER');
  const functions = [
    'find_user_by_email(text)',
    'find_session(text)',
    'find_api_key(text)',
    'found_organization(jsonb)',
  ];
  for (const signature of functions) {
    await q.query(`REVOKE ALL ON FUNCTION identity_${signature} FROM PUBLIC`);
    await q.query(`GRANT EXECUTE ON FUNCTION identity_${signature} TO forkpoint_app`);
    await q.query(`ALTER FUNCTION identity_${signature} OWNER TO forkpoint_identity`);
  }
  await q.query('REVOKE forkpoint_identity FROM CURRENT_USER');
  await q.query('REVOKE CREATE ON SCHEMA public FROM forkpoint_identity');
}

const PINNED = 'SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

const FIND_USER_BY_EMAIL = `CREATE FUNCTION identity_find_user_by_email(sought text)
  RETURNS TABLE (user_id text, organization_id text, organization_kind text, password_hash text, password_changed_at timestamptz,
                 password_change_required boolean, password_expires_at timestamptz)
  LANGUAGE sql STABLE ${PINNED} AS $$
    SELECT u.id, u.organization_id, o.kind, u.password_hash, u.password_changed_at, u.password_change_required, u.password_expires_at
    FROM public.users u
    JOIN public.organizations o ON o.id = u.organization_id
    JOIN public.members m ON m.user_id = u.id AND m.removed_at IS NULL
    WHERE u.email = sought $$`;

const FIND_SESSION = `CREATE FUNCTION identity_find_session(sought text)
  RETURNS TABLE (session_id text, organization_id text, organization_kind text, user_id text, role text, project_ids text[],
                 password_change_required boolean, last_seen_at timestamptz, expires_at timestamptz)
  LANGUAGE sql STABLE ${PINNED} AS $$
    SELECT s.id, s.organization_id, o.kind, s.user_id, m.role,
           ARRAY(SELECT p.project_id FROM public.project_members p WHERE p.member_id = m.id),
           u.password_change_required, s.last_seen_at, s.expires_at
    FROM public.sessions s
    JOIN public.organizations o ON o.id = s.organization_id
    JOIN public.users u ON u.id = s.user_id
    JOIN public.members m ON m.user_id = s.user_id AND m.removed_at IS NULL
    WHERE s.token_sha256 = sought AND s.ended_at IS NULL $$`;

const FIND_API_KEY = `CREATE FUNCTION identity_find_api_key(sought text)
  RETURNS TABLE (key_id text, organization_id text, organization_kind text, project_id text, user_id text, service_account_id text,
                 scopes text[], expires_at timestamptz, owner_role text, owner_project_ids text[])
  LANGUAGE sql STABLE ${PINNED} AS $$
    SELECT k.id, k.organization_id, o.kind, k.project_id, k.user_id, k.service_account_id, k.scopes, k.expires_at,
           coalesce(m.role, a.role),
           -- NULL: a service account of the whole organization.
           CASE WHEN a.id IS NULL THEN ARRAY(SELECT p.project_id FROM public.project_members p WHERE p.member_id = m.id)
                WHEN a.project_id IS NOT NULL THEN ARRAY[a.project_id] END
    FROM public.api_keys k
    JOIN public.organizations o ON o.id = k.organization_id
    LEFT JOIN public.members m ON m.user_id = k.user_id AND m.removed_at IS NULL
    LEFT JOIN public.service_accounts a ON a.id = k.service_account_id AND a.removed_at IS NULL
    WHERE k.secret_sha256 = sought AND k.revoked_at IS NULL AND coalesce(m.id, a.id) IS NOT NULL $$`;

/** The lab founds partners. A lab is founded once, when there is none. */
const FOUND_ORGANIZATION = `CREATE FUNCTION identity_found_organization(founding jsonb) RETURNS void
  LANGUAGE plpgsql ${PINNED} AS $$
  DECLARE
    founded_at constant timestamptz := founding->>'created_at';
  BEGIN
    IF founding->>'kind' = 'lab' THEN
      PERFORM pg_advisory_xact_lock(hashtextextended('identity_found_organization', 0));
      IF EXISTS (SELECT FROM public.organizations o WHERE o.kind = 'lab') THEN
        RAISE EXCEPTION 'there is a lab already' USING ERRCODE = 'insufficient_privilege';
      END IF;
    ELSIF public.app_scope_kind() IS DISTINCT FROM 'lab' THEN
      RAISE EXCEPTION 'only the lab founds organizations' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO public.organizations (id, kind, name, slug, created_by, created_at)
    VALUES (founding->>'organization_id', founding->>'kind', founding->>'name', founding->>'slug', founding->>'created_by', founded_at);
    INSERT INTO public.users (id, organization_id, email, display_name, password_hash, password_changed_at, password_change_required,
                              password_expires_at, created_at)
    VALUES (founding->>'user_id', founding->>'organization_id', founding->>'email', founding->>'display_name',
            founding->>'password_hash', founded_at, (founding->>'password_change_required')::boolean,
            (founding->>'password_expires_at')::timestamptz, founded_at);
    INSERT INTO public.members (id, organization_id, user_id, role, created_by, created_at)
    VALUES (founding->>'member_id', founding->>'organization_id', founding->>'user_id', founding->>'role', founding->>'created_by',
            founded_at);
  END $$`;

/** What the gateway lets in. A key does what its scopes say, and no more than its owner's role allows: see gateway-keys.ts of identity. */
async function createGatewayKeys(q: QueryRunner): Promise<void> {
  const readable = {
    organizations: ['id', 'organization_id', 'kind', 'name', 'slug'],
    projects: ['id', 'organization_id', 'slug'],
    members: ['id', 'user_id', 'role', 'removed_at'],
    project_members: ['member_id', 'project_id'],
    service_accounts: ['id', 'project_id', 'role', 'removed_at'],
    api_keys: [
      'id, organization_id, project_id, user_id, service_account_id, secret_sha256, scopes',
      'requests_per_minute, tokens_per_minute, expires_at, revoked_at',
    ],
  };
  for (const [table, columns] of Object.entries(readable)) await roleMayRead(q, table, 'forkpoint_gateway', columns);
  // A reconciler acts in scoped transactions, and a scope names its organization's kind.
  await roleMayRead(q, 'organizations', 'forkpoint_reconciler', ['id', 'organization_id', 'kind', 'slug']);

  await q.query(`CREATE VIEW gateway_keys WITH (security_invoker = true) AS
    SELECT k.id AS key_id, k.secret_sha256, k.organization_id, o.kind AS organization_kind, k.project_id, k.user_id,
           k.service_account_id, k.scopes, k.requests_per_minute, k.tokens_per_minute, k.expires_at,
           coalesce(m.role, a.role) AS owner_role,
           CASE WHEN a.id IS NULL THEN ARRAY(SELECT p.project_id FROM project_members p WHERE p.member_id = m.id)
                WHEN a.project_id IS NOT NULL THEN ARRAY[a.project_id] END AS owner_project_ids
    FROM api_keys k
    JOIN organizations o ON o.id = k.organization_id
    LEFT JOIN members m ON m.user_id = k.user_id AND m.removed_at IS NULL
    LEFT JOIN service_accounts a ON a.id = k.service_account_id AND a.removed_at IS NULL
    WHERE k.revoked_at IS NULL AND coalesce(m.id, a.id) IS NOT NULL`);
  await q.query('GRANT SELECT ON gateway_keys TO forkpoint_gateway');

  await q.query(`CREATE FUNCTION notify_gateway_keys() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('gateway_snapshot', 'keys'); RETURN NULL; END $$`);
  for (const table of ['api_keys', 'members', 'project_members', 'service_accounts']) {
    await q.query(`CREATE TRIGGER gateway_keys_changed AFTER INSERT OR UPDATE OR DELETE ON ${table}
      FOR EACH STATEMENT EXECUTE FUNCTION notify_gateway_keys()`);
  }
}
