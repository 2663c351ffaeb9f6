import type { ClientBase } from 'pg';
import { GLOBAL_TABLES } from './global-tables.js';
import { ADMITTED_COLUMNS } from './usage-copy.js';

interface Rule {
  /** What always holds. */
  holds: string;
  /** Gives one row with a column `breach` for each breach. */
  sql: string;
  parameters?: unknown[];
}

const TABLES = `(SELECT c.oid, c.relname, c.relrowsecurity AND c.relforcerowsecurity AS secured,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND a.attnotnull) AS owned
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p'))`;

/** Roles without an organization: they see what policies and grants name, by reason of their work. */
const NARROW = `('forkpoint_relay', 'forkpoint_reconciler', 'forkpoint_gateway')`;

export const RULES: readonly Rule[] = [
  {
    holds: 'every table has an organization, or a reason for having none',
    sql: `SELECT t.relname || ' has neither' AS breach FROM ${TABLES} t WHERE NOT t.owned AND t.relname <> ALL($1)
      UNION ALL SELECT g || ' has a reason, but is no such table' FROM unnest($1::text[]) g
      WHERE NOT EXISTS (SELECT FROM ${TABLES} t WHERE t.relname = g AND NOT t.owned)`,
    parameters: [Object.keys(GLOBAL_TABLES)],
  },
  {
    holds: 'every table that a role without ownership reaches has row security on, and forced',
    sql: `SELECT t.relname || ' is open' AS breach FROM ${TABLES} t WHERE NOT t.secured AND (t.owned OR EXISTS (
        SELECT FROM pg_roles r WHERE r.rolname LIKE 'forkpoint%' AND NOT r.rolsuper AND r.rolname <> 'forkpoint_owner'
        AND has_any_column_privilege(r.oid, t.oid, 'SELECT, INSERT, UPDATE, REFERENCES')))`,
  },
  {
    holds: 'every table of an organization has a policy for the application',
    sql: `SELECT t.relname || ' has none' AS breach FROM ${TABLES} t WHERE t.owned AND NOT EXISTS (
        SELECT FROM pg_policies p WHERE p.tablename = t.relname AND p.roles = '{forkpoint_app}')`,
  },
  {
    // A subselect has to name the table that it confines: else a column of the same name inside it is meant.
    holds: "what the application reads is confined to its organization's or goes through what it may see",
    sql: `SELECT p.policyname || ' lets through ' || coalesce(p.qual, 'all') AS breach FROM pg_policies p
      WHERE p.roles && '{forkpoint_app,public}' AND p.cmd <> 'INSERT'
      AND coalesce(p.qual, '') !~ '(app_organization|app_scope_kind|entitled|entitled_to_family)\\('
      AND coalesce(p.qual, '') !~ ('EXISTS .*= ' || p.tablename || '\\.')`,
  },
  {
    holds:
      'what the application writes into a table of an organization belongs to, or is granted or contracted by, its own',
    sql: `SELECT p.policyname || ' lets in ' || coalesce(p.with_check, p.qual, 'all') AS breach FROM pg_policies p
      JOIN ${TABLES} t ON t.relname = p.tablename AND t.owned
      WHERE p.roles && '{forkpoint_app,public}' AND p.cmd IN ('ALL', 'INSERT', 'UPDATE')
      AND coalesce(p.with_check, p.qual, '') !~ '\\m(grantor_|lab_)?organization_id = app_organization\\(\\)'`,
  },
  {
    holds: 'only narrow roles, and owners of look-up functions that cannot log in, see every organization',
    sql: `SELECT p.policyname || ' is for ' || r.name AS breach FROM pg_policies p
      CROSS JOIN LATERAL unnest(p.roles) AS r(name) LEFT JOIN pg_roles l ON l.rolname = r.name
      WHERE r.name <> 'forkpoint_app' AND r.name NOT IN ${NARROW} AND coalesce(l.rolcanlogin, true)`,
  },
  {
    holds:
      'no role but those that own and run the server, and the one that can read nothing, passes by row security, or by another role',
    sql: `SELECT r.rolname || ' may' AS breach FROM pg_roles r
      WHERE r.rolname LIKE 'forkpoint%' AND r.rolname NOT IN ('forkpoint_owner', 'forkpoint_superuser')
      AND (r.rolsuper OR (r.rolbypassrls AND r.rolname <> 'forkpoint_intake') OR r.rolcreaterole OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)
           OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid))`,
  },
  {
    holds: 'the role that passes by row security to record usage may add what was admitted, and nothing else',
    sql: `SELECT t.relname || '.' || a.attname || ' is open to ' || p.privilege AS breach
      FROM pg_class t CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS p(privilege)
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND has_column_privilege('forkpoint_intake', t.oid, a.attnum, p.privilege)
      AND NOT (t.relname = 'usage_events' AND p.privilege = 'INSERT' AND a.attname = ANY($1))
      UNION ALL SELECT t.relname || ' is open to it' FROM pg_class t
      WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND has_table_privilege('forkpoint_intake', t.oid, 'DELETE, TRUNCATE, TRIGGER')
      UNION ALL SELECT f.proname || ' runs for it' FROM pg_proc f WHERE f.pronamespace = 'public'::regnamespace AND f.prosecdef
      AND has_function_privilege('forkpoint_intake', f.oid, 'EXECUTE') AND NOT has_function_privilege('public', f.oid, 'EXECUTE')`,
    parameters: [ADMITTED_COLUMNS],
  },
  {
    holds: 'a function that acts as its owner is pinned, and its owner is a role for just that',
    sql: `SELECT f.proname || ' does not' AS breach FROM pg_proc f JOIN pg_roles o ON o.oid = f.proowner
      WHERE f.prosecdef AND f.pronamespace = 'public'::regnamespace
      AND (NOT coalesce(f.proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp'] OR o.rolcanlogin OR o.rolsuper
           OR has_function_privilege('public', f.oid, 'EXECUTE'))`,
  },
  {
    holds: 'a view shows what the role that asks may see',
    sql: `SELECT c.relname || ' shows what its owner sees' AS breach FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm')
      AND NOT coalesce(c.reloptions, '{}') @> '{security_invoker=true}'`,
  },
  {
    // Foreign keys are checked past row security: a plain one may point into another organization.
    holds: 'what refers to a project refers to its organization too',
    sql: `SELECT k.conrelid::regclass || ': ' || pg_get_constraintdef(k.oid) AS breach FROM pg_constraint k
      WHERE k.contype = 'f' AND k.confrelid = 'projects'::regclass AND cardinality(k.conkey) < 2`,
  },
];

/** What of the rules does not hold in this database: nothing, if all is well. */
export async function breachesOf(client: ClientBase): Promise<string[]> {
  const breaches: string[] = [];
  for (const { holds, sql, parameters } of RULES) {
    const { rows } = await client.query<{ breach: string }>(sql, parameters);
    breaches.push(...rows.map(({ breach }) => `${holds}: ${breach}`));
  }
  return breaches;
}
