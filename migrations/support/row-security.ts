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
  await secureTable(q, table);
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

/** Row security, on and forced: without a policy nobody sees or writes anything. */
export async function secureTable(q: QueryRunner, table: string): Promise<void> {
  await q.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
  await q.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
}

/** A table of what two sides agreed: seen by the partner and by the lab that is its party. Who writes follows in the migration. */
export async function readByBothSides(q: QueryRunner, table: string): Promise<void> {
  await secureTable(q, table);
  await q.query(`CREATE POLICY ${table}_read ON ${table} FOR SELECT TO forkpoint_app
    USING (organization_id = (SELECT app_organization()) OR lab_organization_id = (SELECT app_organization()))`);
}

/** The system at work for a partner: nobody who has credentials of any kind. */
export const SYSTEM_FOR_PARTNER = `organization_id = app_organization() AND app_scope_kind() = 'partner'
                AND coalesce(current_setting('app.actor_id', true), '') !~ '^(user|sa|key)_'`;

/** Read by the partner and the lab. Written for the partner, by the system; `grant` says what. */
export async function systemTable(q: QueryRunner, table: string, grant = 'SELECT, INSERT'): Promise<void> {
  await tenantTable(q, table, { labMayRead: true, grant });
  await q.query(`CREATE POLICY ${table}_system ON ${table} AS RESTRICTIVE FOR INSERT TO forkpoint_app
    WITH CHECK (${SYSTEM_FOR_PARTNER})`);
  if (!grant.includes('UPDATE')) return;
  await q.query(`CREATE POLICY ${table}_system_update ON ${table} AS RESTRICTIVE FOR UPDATE TO forkpoint_app
    USING (${SYSTEM_FOR_PARTNER}) WITH CHECK (${SYSTEM_FOR_PARTNER})`);
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
