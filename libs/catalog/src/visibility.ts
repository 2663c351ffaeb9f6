import type { Scope } from '#platform/database';

/** Beyond row security: a variant is seen by those who may touch its project. `parameter` stands for `projectsOf(scope)`. */
export function ofProjects(parameter: string): string {
  return `c.project_id IS NULL OR ${parameter}::text[] IS NULL OR c.project_id = ANY(${parameter})`;
}

/** Null: all of the organization's. */
export function projectsOf(scope: Scope): string[] | null {
  return scope.projectIds === undefined || scope.projectIds === 'all' ? null : [...scope.projectIds];
}
