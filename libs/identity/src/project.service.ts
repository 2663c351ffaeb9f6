import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock, newId } from '#libs/kernel';
import { projectsInScope, type Transaction } from '#platform/database';
import { IDENTITY_ERRORS } from './identity.errors.js';

export interface Project {
  id: string;
  name: string;
  slug: string;
  createdAt: Date;
}

export interface ProjectRow {
  id: string;
  name: string;
  slug: string;
  created_at: Date;
}

export const PROJECT_COLUMNS = 'p.id, p.name, p.slug, p.created_at';

export function projectOf(row: ProjectRow): Project {
  return { id: row.id, name: row.name, slug: row.slug, createdAt: row.created_at };
}

@Injectable()
export class ProjectService {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  async create(tx: Transaction, { name, slug }: { name: string; slug: string }): Promise<string> {
    const id = newId('proj');
    const created = await tx.query(
      `INSERT INTO projects (id, organization_id, name, slug, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT DO NOTHING RETURNING id`,
      [id, tx.scope.organizationId, name, slug, tx.scope.actor.id, this.clock.now()],
    );
    if (created.length === 0) throw IDENTITY_ERRORS.SLUG_NOT_AVAILABLE({ slug }, { path: ['slug'] });
    return id;
  }

  /** The projects with these ids that the scope reaches. */
  async find(tx: Transaction, ids: readonly string[]): Promise<Project[]> {
    const rows = await tx.query<ProjectRow>(
      `SELECT ${PROJECT_COLUMNS} FROM projects p
       WHERE p.id = ANY($1) AND p.organization_id = $2 AND ($3::text[] IS NULL OR p.id = ANY($3))`,
      [ids, tx.scope.organizationId, projectsInScope(tx.scope)],
    );
    return rows.map(projectOf);
  }

  /** The project if it is the scope's organization's and the scope reaches it; throws else. Call it before making anything in a project. */
  async require(tx: Transaction, projectId: string): Promise<Project> {
    const [project] = await this.find(tx, [projectId]);
    if (!project) throw IDENTITY_ERRORS.PROJECT_NOT_FOUND({ projectId }, { path: ['projectId'] });
    return project;
  }
}
