import type { QueryRunner } from 'typeorm';

/** Owners of functions: they can't log in, and see just what their functions read. */
type FunctionOwner = 'forkpoint_cluster' | 'forkpoint_lineage';

interface FunctionForLab {
  owner: FunctionOwner;
  /** With one parameter, and what it returns. */
  signature: string;
  /** Its type; text if left out. */
  parameter?: 'text' | 'text[]';
  body: string;
}

/** A function that counts, for the lab or for whom else its body lets, what others have, past row security: numbers, never names. */
export async function defineForLab(
  q: QueryRunner,
  { owner, signature, parameter = 'text', body }: FunctionForLab,
): Promise<void> {
  const name = `${signature.slice(0, signature.indexOf('('))}(${parameter})`;
  await q.query(`CREATE FUNCTION ${signature} LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ ${body} $$`);
  // To hand a function to a role one has to be a member of it; for these lines only, since members share its sight.
  await q.query(`GRANT ${owner} TO CURRENT_USER`);
  await q.query(`GRANT CREATE ON SCHEMA public TO ${owner}`);
  await q.query(`REVOKE ALL ON FUNCTION ${name} FROM PUBLIC`);
  await q.query(`GRANT EXECUTE ON FUNCTION ${name} TO forkpoint_app`);
  await q.query(`ALTER FUNCTION ${name} OWNER TO ${owner}`);
  await q.query(`REVOKE CREATE ON SCHEMA public FROM ${owner}`);
  await q.query(`REVOKE ${owner} FROM CURRENT_USER`);
}
