import type { Database, Transaction } from '#platform/database';
import type { RequestContext } from '#platform/graphql';

/** What a node loader answers: the things in the order of their ids, null for what the caller may not see. */
export async function inOrder<T extends { id: string }>(
  context: RequestContext,
  ids: readonly string[],
  find: (tx: Transaction) => Promise<readonly T[]>,
  database: Database,
): Promise<Array<T | null>> {
  if (!context.principal.permissions.has('datasets:read')) return ids.map(() => null);
  const found = new Map((await database.read(context.scope, find)).map((node) => [node.id, node]));
  return ids.map((id) => found.get(id) ?? null);
}

/** The project of a thing that a mutation names, for its permission check and audit entry; undefined if it can't be seen. */
export async function projectOf(context: RequestContext, id: string): Promise<string | undefined> {
  return (await context.load<{ projectId: string }>(id))?.projectId;
}
