/** Whose rows a transaction sees, and on whose behalf it acts. */
export interface Scope {
  organizationId: string;
  kind: 'lab' | 'partner';
  actor: { type: 'user' | 'service_account' | 'api_key' | 'system'; id: string };
  /** The projects the actor may touch; row security stops at the organization, authorization at the project. */
  projectIds?: readonly string[] | 'all';
}

/** For `project_id = ANY($1)`: the projects that bound a query, or null where the organization is the only bound. */
export function projectsInScope(scope: Scope): string[] | null {
  if (scope.projectIds === 'all' || scope.actor.type === 'system') return null;
  return [...(scope.projectIds ?? [])];
}

/** The condition that goes with it: `inProjects('d.project_id', '$1')`, and `projectsInScope(scope)` as that parameter. */
export const inProjects = (column: string, parameter: string): string =>
  `(${parameter}::text[] IS NULL OR ${column} = ANY(${parameter}))`;
