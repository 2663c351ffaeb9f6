import type { QueryRunner } from 'typeorm';

/**
 * Makes a table tenant data: row security on and forced, rows seen and written only under their own organization.
 * `mayWrite: false` leaves the table append-only or read-only for the application (grants follow in the migration).
 * The subselect makes the planner ask for the organization once per statement: a function would be called for every row.
 */
export async function tenantTable(
  q: QueryRunner,
  table: string,
  { labMayRead = false, grant = 'SELECT, INSERT, UPDATE, DELETE' }: { labMayRead?: boolean; grant?: string } = {},
): Promise<void> {
  await q.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
  await q.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
  await q.query(
    `CREATE POLICY ${table}_own ON ${table} TO forkpoint_app
     USING (organization_id = (SELECT app_organization())) WITH CHECK (organization_id = app_organization())`,
  );
  if (labMayRead) {
    await q.query(
      `CREATE POLICY ${table}_lab ON ${table} FOR SELECT TO forkpoint_app USING ((SELECT app_scope_kind()) = 'lab')`,
    );
  }
  await q.query(`GRANT ${grant} ON ${table} TO forkpoint_app`);
}

export type NarrowRoleName = 'forkpoint_relay' | 'forkpoint_reconciler' | 'forkpoint_gateway';

/** Lets one narrow role see the rows of every organization: the reason stands where it is called. */
export async function roleMayRead(
  q: QueryRunner,
  table: string,
  role: NarrowRoleName,
  columns?: readonly string[],
): Promise<void> {
  await q.query(`CREATE POLICY ${table}_${role}_read ON ${table} FOR SELECT TO ${role} USING (true)`);
  await q.query(`GRANT SELECT ${columns ? `(${columns.join(', ')})` : ''} ON ${table} TO ${role}`);
}

/** The same for writing: `grant` names what, e.g. 'INSERT, UPDATE (state)'. */
export async function roleMayWrite(q: QueryRunner, table: string, role: NarrowRoleName, grant: string): Promise<void> {
  await q.query(`CREATE POLICY ${table}_${role}_write ON ${table} TO ${role} USING (true) WITH CHECK (true)`);
  await q.query(`GRANT ${grant} ON ${table} TO ${role}`);
}
