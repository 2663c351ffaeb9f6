import type { Database, Transaction } from '#platform/database';
import type { RequestContext } from '#platform/graphql';

/** What seeing anything of the catalog takes, beside row security. */
export const READ = 'catalog:read';

/** The things with these ids, in their order; null for what the caller may not see. */
export async function loadNodes<T extends { id: string }>(
  database: Database,
  context: RequestContext,
  ids: readonly string[],
  find: (tx: Transaction) => Promise<readonly T[]>,
): Promise<Array<T | null>> {
  if (!context.principal.permissions.has(READ)) return ids.map(() => null);
  const found = await database.read(context.scope, find);
  const byId = new Map(found.map((node) => [node.id, node]));
  return ids.map((id) => byId.get(id) ?? null);
}
