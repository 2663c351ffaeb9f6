import type { Scope } from '#platform/database';

/** What of the catalog a scope sees, said by each statement itself; row security says the same once more. */

/** Checkpoints of the organization, and those that are published and that it may browse. */
export const seenCheckpoints = (table: string): string =>
  `(${table}.organization_id = :organization OR ${table}.status IN ('published', 'retired') AND (
     (${table}.organization_id, ${table}.family_id) IN (
       SELECT e.grantor_organization_id, e.family_id FROM entitled('browse') e WHERE e.checkpoint_id IS NULL)
     OR (${table}.organization_id, ${table}.id) IN (
       SELECT e.grantor_organization_id, e.checkpoint_id FROM entitled('browse') e WHERE e.checkpoint_id IS NOT NULL)))`;

/** Files and figures are seen with their checkpoint. */
export const ofSeenCheckpoints = (table: string): string =>
  `EXISTS (SELECT 1 FROM checkpoints c WHERE c.id = ${table}.checkpoint_id AND ${seenCheckpoints('c')})`;

/** Families, and by their column with the family's id runs and recipes: of the organization, or of what it may browse. */
export const ofSeenFamilies = (table: string, familyId = 'family_id'): string =>
  `(${table}.organization_id = :organization OR (${table}.organization_id, ${table}.${familyId}) IN (
     SELECT e.grantor_organization_id, e.family_id FROM entitled('browse') e))`;

/** Beyond the organization: an own variant is seen by those who may touch its project. `parameter` stands for `projectsOf(scope)`. */
export function ofProjects(parameter: string): string {
  return `c.organization_id <> :organization OR c.project_id IS NULL OR ${parameter}::text[] IS NULL OR c.project_id = ANY(${parameter})`;
}

/** Null: all of the organization's. */
export function projectsOf(scope: Scope): string[] | null {
  return scope.projectIds === undefined || scope.projectIds === 'all' ? null : [...scope.projectIds];
}
