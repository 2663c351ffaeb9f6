import pg from 'pg';
import { Transaction } from '#platform/database';
import type { TestDatabase } from '#test/harness';

/** Statements that no organization bounds, and why. */
const UNBOUNDED: Record<string, string> = {
  "SELECT id FROM organizations WHERE kind = 'lab'": 'a second lab is not founded',
  'SELECT kind FROM organizations WHERE id = $1': 'the lab, and nobody else, may grant; it deals with all partners',
  'SELECT o.id, o.kind, o.name, o.slug, o.created_at FROM organizations o WHERE o.id = ANY($1) AND ($2 OR o.id = $3)':
    '$2 is true for the lab alone',
};

/** Every statement that is sent in a scope from now on, before names are bound, its white space made one. */
export function recordStatements(): { readonly statements: ReadonlySet<string>; stop(): void } {
  const statements = new Set<string>();
  const { query } = Transaction.prototype;
  Transaction.prototype.query = function recorded<Row>(
    this: Transaction,
    sql: string,
    parameters?: readonly unknown[],
  ) {
    statements.add(sql.replace(/\s+/g, ' ').trim());
    return query.call(this, sql, parameters) as Promise<Row[]>;
  };
  return {
    statements,
    stop: () => {
      Transaction.prototype.query = query;
    },
  };
}

/** Those on tables of tenants that say nowhere of which organization the rows are. */
export async function unconfined(statements: ReadonlySet<string>, { urls }: TestDatabase): Promise<string[]> {
  const owner = new pg.Client({ connectionString: urls.owner });
  await owner.connect();
  try {
    const { rows } =
      await owner.query(`SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname = 'organization_id'`);
    const names = rows.map(({ name }) => name).join('|');
    const onTenants = new RegExp(`\\b(FROM|JOIN|UPDATE|INTO) (${names})\\b`);
    return [...statements].filter(
      (sql) => onTenants.test(sql) && !/:organization\b|\borganization_id\b/.test(sql) && !(sql in UNBOUNDED),
    );
  } finally {
    await owner.end();
  }
}
