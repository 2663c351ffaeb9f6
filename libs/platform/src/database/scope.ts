/** Whose rows a transaction sees, and on whose behalf it acts. */
export interface Scope {
  organizationId: string;
  kind: 'lab' | 'partner';
  actor: { type: 'user' | 'service_account' | 'api_key' | 'system'; id: string };
  /** The projects the actor may touch; row security stops at the organization, authorization at the project. */
  projectIds?: readonly string[] | 'all';
}

/** The system at work for an organization, with nobody's credentials: `id` names what works. */
export function systemScope(id: string, organizationId: string, kind: Scope['kind'] = 'partner'): Scope {
  return { organizationId, kind, actor: { type: 'system', id }, projectIds: 'all' };
}

/** For `project_id = ANY($1)`: the projects that bound a query, or null where the organization is the only bound. */
export function projectsInScope(scope: Scope): string[] | null {
  if (scope.projectIds === 'all' || scope.actor.type === 'system') return null;
  return [...(scope.projectIds ?? [])];
}

/** The rows of a table that the scope reaches: of its organization, as if there were no row security, and of its projects. */
export const inScope = (table: string): string =>
  `${table}.organization_id = :organization AND (:projects::text[] IS NULL OR ${table}.project_id = ANY(:projects))`;

/** What a statement may name instead of being given it: it comes from the scope, and can't be somebody else's. */
const NAMED: Record<string, (scope: Scope) => unknown> = {
  organization: (scope) => scope.organizationId,
  projects: projectsInScope,
};
const NAME = new RegExp(`(?<![:\\w]):(${Object.keys(NAMED).join('|')})\\b`, 'g');

/** The statement with the names made parameters, after those that it was given. */
export function bindScope(sql: string, parameters: readonly unknown[], scope: Scope): [sql: string, unknown[]] {
  const bound = [...parameters];
  const places = new Map<string, number>();
  const text = sql.replace(NAME, (_, name: string) => {
    if (!places.has(name)) places.set(name, bound.push(NAMED[name]!(scope)));
    return `$${places.get(name)}`;
  });
  return [text, bound];
}
